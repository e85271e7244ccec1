"""Domains and their constraints."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from weedgo.staged.kinds import expressions
from weedgo.staged.kinds.base import (
    Address,
    Context,
    Kind,
    Row,
    ident,
    name,
    raw,
    relation,
    render,
    work,
)
from weedgo.staged.kinds.clauses import table_of
from weedgo.staged.kinds.converting import (
    WAITING,
    converted,
    read_from,
    row_holders,
    row_results,
)
from weedgo.staged.kinds.types import CarriedKind, carried, in_use, standing_type
from weedgo.staged.model import Action, Change, Guard, Object, ObjectId, Stage, Statement, Work


class DomainKind(CarriedKind):
    """``CREATE DOMAIN``; another type or collation makes it another one."""

    name = "domain"
    source = "domain"
    word = "DOMAIN"

    def make(self, obj: Object, ctx: Context) -> Work:
        collation = f" COLLATE {obj['collation']}" if obj["collation"] else ""
        default = f" DEFAULT {obj['default']}" if obj["default"] is not None else ""
        text = render(
            "CREATE DOMAIN {} AS {}{}{}{}",
            name(obj.id),
            obj["type"],
            collation,
            raw(default),
            raw(_not_null(obj, ctx)),
        )
        if self.replaced(obj.id, ctx):
            # Nothing can be added to a domain that arrays hold.
            text += "".join(f" {_clause(c)}" for c in _constraints(obj.id, ctx) if c["validated"])
        return work(text)

    def set_aside(self, obj: Object, ctx: Context) -> Work:
        done = super().set_aside(obj, ctx)
        # What it computes with may go before the old one does.
        return done if obj["default"] is None else _alter(obj.id, "DROP DEFAULT").then(done)

    def inline(self, id: ObjectId, ctx: Context) -> frozenset[ObjectId]:
        if id not in ctx.before or id not in ctx.after:
            return frozenset()
        return frozenset(c.id for c in ctx.staying("domain_constraint", id) if c["validated"])

    def alter(self, before: Object, after: Object, ctx: Context) -> Work:
        if any(before[k] != after[k] for k in ("type", "collation")):
            return Work(replace=True)
        done = Work()
        if before["default"] != after["default"]:
            value = f"SET DEFAULT {after['default']}"
            done = done.then(
                _alter(after.id, "DROP DEFAULT" if after["default"] is None else value)
            )
        named = any(o.get("not_null_name") for o in (before, after))
        if before["not_null"] and (not after["not_null"] or named):
            done = done.then(_alter(after.id, "DROP NOT NULL"))
        if after["not_null"] and (not before["not_null"] or named):
            done = done.then(_require(after, ctx))
        return done


def _constraints(domain: ObjectId, ctx: Context) -> list[Object]:
    if domain not in ctx.after:
        return ctx.of("domain_constraint", domain, before=True)
    return ctx.staying("domain_constraint", domain)


def _clause(constraint: Object) -> str:
    return render("CONSTRAINT {} {}", ident(constraint.id.name), raw(constraint["definition"]))


def _not_null(obj: Object, ctx: Context) -> str:
    if not obj["not_null"]:
        return ""
    constraint = obj.get("not_null_name")
    if obj.id in ctx.taken:
        # The old one, set aside, still has the name that PostgreSQL would choose.
        base = obj.id.name.encode()[:54].decode(errors="ignore")
        constraint = constraint or f"{base}_not_null"
    if constraint and ctx.before.major >= 17:
        return render(" CONSTRAINT {} NOT NULL", ident(constraint))
    return " NOT NULL"


def _alter(domain: ObjectId, action: str) -> Work:
    return work(render("ALTER DOMAIN {} {}", name(domain), raw(action)))


def _require(obj: Object, ctx: Context) -> Work:
    """NOT NULL, refused while columns of the domain hold NULL."""
    constraint = obj.get("not_null_name")
    named = constraint and ctx.before.major >= 17
    action = render("ADD CONSTRAINT {} NOT NULL", ident(constraint)) if named else "SET NOT NULL"
    guards = tuple(
        in_use(
            column,
            render("{} IS NULL", ident(column.id.name)),
            f"{obj.id.path} is to be NOT NULL, but {{count}} rows hold NULL in {column.id.path}",
            f"give {column.id.path} a value where it is NULL",
        )
        for column in carried(obj.id, ctx)
        if not column["type"].endswith("[]")
    )
    return held_back(obj.id, _alter(obj.id, action), ctx).then(Work(guards=guards))


def held_back(domain: ObjectId, done: Work, ctx: Context, phase: int = 0) -> Work:
    """A change that PostgreSQL does not check within arrays and composites: they wait as texts."""
    before, after = Work(rebuild=_within(domain, ctx)), Work()
    for column in sorted(_containing(domain, ctx), key=lambda c: c.id):
        held, type = ident(column.id.name).as_string(None), standing_type(column, ctx)
        before = before.then(converted(column, f"{held}::text", ctx, WAITING))
        after = after.then(converted(column, f"{held}::text::{type}", ctx, type))
        before = before.then(Work(rebuild=read_from(column.id, ctx)))
    if not before.statements:
        return before.then(done)
    whole = before.then(done).then(after)
    return replace(whole, statements=tuple(replace(s, phase=phase) for s in whole.statements))


def _containing(type: ObjectId, ctx: Context) -> list[Object]:
    """The columns that hold values of a type within arrays, composites or ranges."""
    own = carried(type, ctx)
    found = [c for c in own if c["type"].endswith("[]") or type.kind != "domain"]
    found += [holder for c in own for holder in row_holders(table_of(c.id), ctx)]
    for other in ctx.dependents(type):
        if other.kind in ("composite_type", "range_type", "domain"):
            inner = carried(other, ctx) if other.kind != "domain" else []
            found += inner + (_containing(other, ctx) if other.kind == "domain" else [])
    return [c for c in {c.id: c for c in found}.values() if not c.get("inherited")]


def _within(domain: ObjectId, ctx: Context) -> frozenset[ObjectId]:
    """What computes with the rows and composites that hold values of a domain."""
    tables = {table_of(c.id) for c in carried(domain, ctx)}
    made = (id for id in ctx.dependents(domain) if id.kind == "composite_type")
    found = frozenset[ObjectId]().union(*(row_results(t, ctx) for t in tables))
    return found.union(*(expressions.of_rows(id, ctx) for id in made))


class DomainConstraintKind(Kind):
    """``ALTER DOMAIN … ADD CONSTRAINT``, validated in a second transaction."""

    name = "domain_constraint"
    stage = Stage.PREREQUISITES
    label = "types"
    source = "domain_constraint"
    classid = 2606

    def read(self, row: Row) -> Iterator[tuple[Object, Address | None]]:
        for obj, address in super().read(row):
            yield Object(obj.id, obj.attrs, {**obj.info, "needs": (_domain(obj.id),)}), address

    def absorbed(self, change: Change, ctx: Context) -> ObjectId | None:
        domain = ctx.changes.get(_domain(change.id))
        if change.action is Action.DROP and domain and domain.action is Action.DROP:
            return domain.id
        return None

    def create(self, obj: Object, ctx: Context) -> Work:
        domain = _domain(obj.id)
        kind = DomainKind()
        if kind.replaced(domain, ctx) and obj["validated"]:
            return Work()
        add = render("ALTER DOMAIN {} ADD {}", relation(obj.id), raw(_clause(obj)))
        if domain not in ctx.before and obj["validated"]:
            return work(add)
        done = work(add + " NOT VALID")
        if not obj["validated"]:
            return done
        # What is put back in the same transaction holds on to columns that wait as texts.
        phase = 0 if ctx.together else 1
        return done.then(self._validate(obj, ctx, phase)).then(Work(guards=_held(obj, ctx)))

    def _validate(self, obj: Object, ctx: Context, phase: int = 0) -> Work:
        text = "ALTER DOMAIN {} VALIDATE CONSTRAINT {}"
        text = render(text, relation(obj.id), ident(obj.id.name))
        return held_back(_domain(obj.id), Work((Statement(text, phase=phase),)), ctx, phase)

    def alter(self, before: Object, after: Object, ctx: Context) -> Work:
        if before["definition"] == after["definition"] and after["validated"]:
            return self._validate(after, ctx).then(Work(guards=_held(after, ctx)))
        waiting = held_back(_domain(after.id), Work(), ctx) if after["validated"] else Work()
        return Work(replace=True, rebuild=waiting.rebuild)

    def drop(self, obj: Object, ctx: Context) -> Work:
        text = "ALTER DOMAIN {} DROP CONSTRAINT {}"
        return work(render(text, relation(obj.id), ident(obj.id.name)))


def _held(check: Object, ctx: Context) -> tuple[Guard, ...]:
    """Values in columns of the domain that a new check would refuse."""
    found = []
    for column in carried(_domain(check.id), ctx):
        held = ident(column.id.name).as_string(None)
        parts = f"pg_catalog.unnest({held})" if column["type"].endswith("[]") else held
        query = render(
            "SELECT count(*) FROM (SELECT {} AS value FROM {}) d WHERE NOT ({})",
            raw(parts), relation(column.id), raw(check.get("expression")),
        )  # fmt: skip
        message = (
            f"{{count}} values of {column.id.path} violate {check.id.name} of {check.id.parent}"
        )
        found.append(Guard(query, message, f"mend them first: {query}", "23514"))
    return tuple(found)


def _domain(id: ObjectId) -> ObjectId:
    return ObjectId("domain", id.schema, id.parent)
