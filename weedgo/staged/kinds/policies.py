"""Row-level security policies."""

from __future__ import annotations

from weedgo.staged.kinds.base import (
    ACCESS_EXCLUSIVE,
    Context,
    Kind,
    comma,
    ident,
    raw,
    relation,
    render,
)
from weedgo.staged.kinds.naming import lacking
from weedgo.staged.model import Object, ObjectId, Stage, Statement, Work


class PolicyKind(Kind):
    """``CREATE POLICY``; a new command or a new mode makes it another one."""

    name = "policy"
    stage = Stage.ACCESS
    label = "policies"
    source = "policy"
    classid = 3256

    def create(self, obj: Object, ctx: Context) -> Work:
        text = render(
            "CREATE POLICY {} ON {} AS {} FOR {} TO {}",
            ident(obj.id.name),
            relation(obj.id),
            "PERMISSIVE" if obj["permissive"] else "RESTRICTIVE",
            obj["command"],
            _roles(obj),
        )
        return _missing(obj, ctx) or _on(obj, ctx, text + _conditions(obj))

    def alter(self, before: Object, after: Object, ctx: Context) -> Work:
        fixed = ("command", "permissive")
        gone = any(before[k] is not None and after[k] is None for k in ("using", "check"))
        if gone or any(before[k] != after[k] for k in fixed):
            return Work(replace=True)
        text = render(
            "ALTER POLICY {} ON {} TO {}", ident(after.id.name), relation(after.id), _roles(after)
        )
        return _missing(after, ctx) or _on(after, ctx, text + _conditions(after))

    def drop(self, obj: Object, ctx: Context) -> Work:
        return _on(obj, ctx, render("DROP POLICY {} ON {}", ident(obj.id.name), relation(obj.id)))


def _roles(obj: Object) -> str:
    if obj["everybody"]:
        return "PUBLIC"
    return comma([ident(role).as_string(None) for role in obj["roles"]])


def _conditions(obj: Object) -> str:
    using = render(" USING ({})", raw(obj["using"])) if obj["using"] else ""
    return using + (render(" WITH CHECK ({})", raw(obj["check"])) if obj["check"] else "")


def _missing(obj: Object, ctx: Context) -> Work | None:
    absent = [role for role in obj["roles"] if role not in ctx.before.roles]
    return Work(refusal=lacking(absent[0])) if absent else None


def _on(obj: Object, ctx: Context, text: str) -> Work:
    table = ctx.shared(ObjectId("table", obj.id.schema, obj.id.parent))
    return Work((Statement(text, ACCESS_EXCLUSIVE, table),))
