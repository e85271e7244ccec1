"""Grants on what extensions and the system bring, where they are not those that it came with."""

from __future__ import annotations

from collections.abc import Iterator

from weedgo.staged.kinds import acl
from weedgo.staged.kinds.acl import Access
from weedgo.staged.kinds.base import Address, Context, Kind, Row, privileges
from weedgo.staged.kinds.privileges import DEFAULTS, changed, default_id
from weedgo.staged.model import Object, ObjectId, Stage, Work


class MemberPrivilegesKind(Kind):
    """``GRANT`` and ``REVOKE`` on what extensions and the system bring, from what it came with."""

    name = "member_privileges"
    stage = Stage.ACCESS
    label = "grants"
    source = "member_privileges"

    def read(self, row: Row) -> Iterator[tuple[Object, Address | None]]:
        fact = ObjectId(self.name, row["schema"], row["name"], row["parent"], row["target"])
        found = privileges(fact, row)
        info = {
            **found.info,
            "needs": (ObjectId("extension", "", fact.parent),) if fact.parent else (),
            "owners": (),
            **{key: row[f"_{key}"] for key in ("initial", "place", "home")},
            "owner_role": row["owner"],
        }
        obj = Object(fact, found.attrs, info)
        held, initial = acl.access_of(obj), _initial(obj)
        if held.holders != initial.holders or held.grants != initial.grants:
            yield obj, None

    def create(self, obj: Object, ctx: Context) -> Work:
        return _transition(obj, _born(obj, ctx), acl.access_of(obj), ctx)

    def alter(self, before: Object, after: Object, ctx: Context) -> Work:
        return _transition(after, acl.access_of(before), acl.access_of(after), ctx)

    def drop(self, obj: Object, ctx: Context) -> Work:
        return _transition(obj, acl.access_of(obj), _initial(obj), ctx)


def _transition(obj: Object, before: Access, after: Access, ctx: Context) -> Work:
    return changed(before, after, ("", f"ON {obj.get('place')}"), obj.get("owner_role"), ctx)


def _initial(obj: Object) -> Access:
    """What it came with."""
    items = obj.get("initial")
    if items is None:
        return acl.builtin(obj.id.target)
    return acl.parse(items, obj.get("owner_role"))


def _born(obj: Object, ctx: Context) -> Access:
    """What it has before: what it came with, and if it comes in this run, what the role gives."""
    found = _initial(obj)
    change = ctx.changes.get(ObjectId("extension", "", obj.id.parent))
    if obj.get("initial") is not None or change is None or change.before is not None:
        return found
    on = DEFAULTS[acl.class_of(obj.id.target)]
    general = ctx.target.get(default_id("", ctx.target.user, on))
    special = ctx.target.get(default_id(obj.get("home"), ctx.target.user, on))
    found = acl.access_of(general) if general is not None else found
    return found.plus(acl.access_of(special)) if special is not None else found
