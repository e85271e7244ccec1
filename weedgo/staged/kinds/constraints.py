"""Constraints: primary key, unique, check, exclusion, foreign key."""

from __future__ import annotations

import re
from dataclasses import replace

from weedgo.staged.kinds import exchange, inheritance, keys, parts, rivals, swap
from weedgo.staged.kinds.base import (
    ACCESS_EXCLUSIVE,
    SHARE_ROW_EXCLUSIVE,
    SHARE_UPDATE_EXCLUSIVE,
    Context,
    Kind,
    attachment,
    ident,
    raw,
    relation,
    render,
)
from weedgo.staged.kinds.families import (
    attached,
    families_first,
    going_with,
    held,
    joined,
    joining,
    keys_below,
    only_standing,
    own_name,
    uppermost,
)
from weedgo.staged.kinds.guards import duplicates, orphans, overlaps, violations
from weedgo.staged.kinds.helpers import beside
from weedgo.staged.kinds.keys import KEYS, add
from weedgo.staged.kinds.notnull import given_up
from weedgo.staged.kinds.partitions import inherited, leaves
from weedgo.staged.kinds.restoring import restorable, restored
from weedgo.staged.model import Action, Change, Guard, Object, ObjectId, Stage, Statement, Work

_DEFERRAL = re.compile(
    r"( NOT DEFERRABLE| DEFERRABLE)?( INITIALLY DEFERRED| INITIALLY IMMEDIATE)?$"
)


def table_of(id: ObjectId) -> ObjectId:
    """The table that the constraint is on."""
    return ObjectId("table", id.schema, id.parent)


class ConstraintKind(Kind):
    """``ALTER TABLE … ADD CONSTRAINT``, in the way that locks least."""

    name = "constraint"
    stage = Stage.CONSTRAINTS
    label = "constraints"
    source = "constraint"
    classid = 2606

    def absorbed(self, change: Change, ctx: Context) -> ObjectId | None:
        obj = change.after or change.before
        assert obj is not None
        if twin := parts.root(change, ctx):
            return twin
        table = table_of(change.id)
        link = ctx.changes.get(attachment(table))
        if change.action is Action.DROP:
            index = ctx.changes.get(ObjectId("index", change.id.schema, change.id.name))
            if index and index.action is Action.CREATE and obj["type"] in (*KEYS, "x"):
                return index.id if _same_table(index, change.id) else None
            if whole := going_with(obj, table, ctx):
                return whole
        if change.action is Action.ALTER:
            turned = set(change.attributes) == {"parent_constraint"} and change.before is not None
            ends = turned and not (change.before["parent_constraint"] and obj["parent_constraint"])  # type: ignore[index]
            return link.id if link and turned and (ends or leaves(link)) else None
        if link and _merged(change, link):
            return link.id
        stays = _left(change, ctx.changes.get(table)) and not exchange.remade(table, ctx)
        return table if stays else None

    def create(self, obj: Object, ctx: Context) -> Work:
        table = table_of(obj.id)
        if ctx.taken and (work := swap.constraint(obj, ctx)):
            return work
        if obj["type"] in (*KEYS, "x") and (work := parts.renamed(obj, table, ctx)):
            return work
        done = self._create(obj, ctx).then(Work(needs=given_up(obj.id.name, obj, ctx)))
        if obj["type"] == "f":
            first = keys.outlived(obj, ctx) | keys.resettled(obj, ctx) | keys.reaching(table, ctx)
            done = done.then(Work(needs=first))
        done = done.then(Work(rebuild=_merged_with(obj, ctx) & ctx.changes.keys()))
        if obj["type"] in KEYS:
            first = families_first(obj, table, ctx) | _not_null_first(obj, ctx)
            first |= keys.released(obj, ctx) | rivals.coming(obj, table, ctx)
            done = done.then(Work(needs=first))
            done = done.then(_covering(obj, ctx))
        return done.then(attached(obj, table, ctx, phase=2 if _phased(done) else 0))

    def _create(self, obj: Object, ctx: Context) -> Work:
        table = table_of(obj.id)
        if ctx.private(table) or obj.get("relkind") == "f":
            return Work((Statement(add(obj) + _suffix(obj)),))
        if keys.takes_over(obj, ctx):
            return keys.through_index(obj, ctx)
        if obj["type"] in ("c", "f") and obj.get("enforced", True):
            return _not_valid_first(obj, ctx, obj.id.name)
        scans = obj.get("relkind") != "p" and obj.get("enforced", True)
        text = Statement(add(obj) + _suffix(obj), ACCESS_EXCLUSIVE, table, scans=scans)
        return Work((*_unindexed(obj, ctx), text), guards=_doubles(obj, table, ctx))

    def successors(self, obj: Object, ctx: Context) -> frozenset[ObjectId]:
        return joining(obj, table_of(obj.id), ctx) if obj["type"] in KEYS else frozenset()

    def alter(self, before: Object, after: Object, ctx: Context) -> Work:
        done = self._alter(before, after, ctx)
        if after["type"] == "f" and (done.replace or len(done.statements) > 1):
            done = done.then(Work(needs=keys.outlived(after, ctx)))
        return done

    def _alter(self, before: Object, after: Object, ctx: Context) -> Work:  # noqa: PLR0911
        names = before.attrs.keys() | after.attrs.keys()
        differing = {k for k in names if before.get(k) != after.get(k)}
        table = table_of(after.id)
        if differing == {"validated"} and after["validated"]:
            return Work((_validate(after, after.id.name),), guards=_in_the_way(after, ctx))
        if differing == {"parent_constraint"} and not before["parent_constraint"]:
            return attached(after, table, ctx, phase=0)
        if differing == {"definition"} and after["type"] == "f" and _deferral_only(before, after):
            return _defer(after, ctx)
        if exchange.remade(table, ctx):
            return Work(replace=True)
        below = inheritance.checks_below(after.id, ctx) if after["type"] == "c" else frozenset()
        if below or before.get("above") or after.get("above"):
            return _of_family(before, below, ctx)
        if bound := keys.perhaps_bound(before, ctx) if ctx.backward else frozenset():
            return Work(replace=True, rebuild=bound)
        if not ctx.private(table) and not ctx.together and restorable(before.id, ctx):
            if keys.takes_over(after, ctx) and before["type"] in KEYS:
                return keys.exchanged(after, ctx)
            if after["type"] in ("c", "f") and _online(before, after):
                return _exchanged(before, after, ctx)
        return Work(replace=True)

    def drop(self, obj: Object, ctx: Context) -> Work:
        table = table_of(obj.id)
        if exchange.left(obj, table, ctx):
            return Work()
        if whole := uppermost(obj, ctx):
            return Work((Statement(whole, ACCESS_EXCLUSIVE, ctx.shared(table)),))
        if ctx.backward and table not in ctx.after and exchange.merged(obj, ctx):
            return Work()  # It goes with its table, behind this.
        bound = held(obj, table, ctx)
        text = "ALTER TABLE {} DROP CONSTRAINT {}{}"
        text = render(
            text, relation(obj.id), raw("IF EXISTS " if bound else ""), ident(obj.id.name)
        )
        return Work(
            (Statement(text, ACCESS_EXCLUSIVE, ctx.shared(table)),),
            rebuild=bound | _merged_with(obj, ctx),
        )


def _merged_with(obj: Object, ctx: Context) -> frozenset[ObjectId]:
    """The checks of parents, which stay, that an heir's own is one with."""
    if obj["type"] != "c":
        return frozenset()
    return inheritance.checks_above(obj.id, ctx.before) & ctx.after.objects.keys()


def _unindexed(obj: Object, ctx: Context) -> tuple[Statement, ...]:
    """The index under whose name a partitioned table gets a key goes first: it takes none over."""
    index = ctx.changes.get(ObjectId("index", obj.id.schema, obj.id.name))
    goes = index is not None and index.action is Action.DROP and _same_table(index, obj.id)
    if not goes or obj["type"] not in (*KEYS, "x") or obj.get("relkind") != "p":
        return ()
    assert index is not None
    text = keys.drop_index(index.id, keyed=keys_below(index.id, table_of(obj.id), ctx))
    return (Statement(text, ACCESS_EXCLUSIVE, ctx.shared(table_of(obj.id))),)


def _of_family(before: Object, below: frozenset[ObjectId], ctx: Context) -> Work:
    """One that is a partitioned table's goes with that, or is its table's own once detached.

    Checks of heirs are merged with their parent's: they go after it, and come before.
    """
    if below:
        return Work(replace=True, rebuild=below, needs=below)
    above = before.get("above")
    link = (ctx.whole or ctx.changes).get(attachment(table_of(before.id)))
    if above and link is not None and link.after is None:
        return Work(replace=True, needs=frozenset({link.id} & ctx.changes.keys()))
    # On the way back a whole one that was not there before goes with all its parts.
    bound = above and not (ctx.backward and ObjectId(*above) not in ctx.after)
    return Work(replace=True, rebuild=frozenset({ObjectId(*above)} if bound else ()))


def _doubles(obj: Object, table: ObjectId, ctx: Context) -> tuple[Guard, ...]:
    if obj.get("operators"):
        return overlaps(obj, table, ctx)
    return duplicates(obj, table, ctx) if obj["type"] in KEYS else ()


def _covering(obj: Object, ctx: Context) -> Work:
    """The key on partitions that only the target has, or the whole one is never valid."""
    statements = []
    for heir in only_standing(obj, table_of(obj.id), ctx):
        own = own_name(obj, heir)
        text = "ALTER TABLE {} ADD CONSTRAINT {} {}"
        text = render(text, ident(heir.schema, heir.name), ident(own), obj["definition"])
        statements.append(Statement(text, ACCESS_EXCLUSIVE, heir, scans=True, phase=1))
        statements.append(joined(obj, heir, own, phase=1))
    return Work(tuple(statements))


def _same_table(index: Change, id: ObjectId) -> bool:
    obj = index.after or index.before
    return obj is not None and obj["table"] == id.parent


def _merged(change: Change, link: Change) -> bool:
    """Whether attaching or detaching the table brings the constraint about, or away."""
    if change.action is Action.CREATE and link.before and not link.after:
        known = inherited(link.before).get(change.id.name)
        return bool(known and change.after and known[1] == change.after["definition"])
    if change.action is Action.DROP and link.after and not link.before:
        known = inherited(link.after).get(change.id.name)
        return bool(known and change.before and known[1] == change.before["definition"])
    return False


def _left(change: Change, table: Change | None) -> bool:
    """Whether a check stays with a table that no longer inherits it."""
    if table is None or table.before is None or table.after is None or change.after is None:
        return False
    if table.before["parents"] == table.after["parents"] or change.action is not Action.CREATE:
        return False
    known = {n: d for n, _, d in table.before.get("constraints") or ()}
    return bool(known.get(change.id.name) == change.after["definition"])


def _phased(done: Work) -> bool:
    return any(s.phase or not s.transactional for s in done.statements)


def _suffix(obj: Object) -> str:
    if not obj.get("enforced", True):
        return " NOT ENFORCED"
    return "" if obj["validated"] else " NOT VALID"


def _not_null_first(obj: Object, ctx: Context) -> frozenset[ObjectId]:
    """Columns of partitions that are mandatory before the partitioned table's key comes."""
    if obj["type"] != "p" or obj.get("relkind") != "p":
        return frozenset()
    found = set()
    todo = list(ctx.heirs(table_of(obj.id)))
    while todo:
        heir = todo.pop()
        todo += ctx.heirs(heir)
        found |= {ObjectId("column", heir.schema, c, heir.name) for c in obj.get("columns")}
    return frozenset(i for i in found if i in ctx.changes)


def _in_the_way(obj: Object, ctx: Context) -> tuple[Guard, ...]:
    counted = orphans if obj["type"] == "f" else violations
    counts = obj["type"] in ("c", "f") and obj.get("relkind") != "f"
    return counted(obj, table_of(obj.id), ctx) if counts else ()


def _validate(obj: Object, name: str, phase: int = 0) -> Statement:
    text = render("ALTER TABLE {} VALIDATE CONSTRAINT {}", relation(obj.id), ident(name))
    return Statement(text, SHARE_UPDATE_EXCLUSIVE, table_of(obj.id), scans=True, phase=phase)


def _not_valid_first(obj: Object, ctx: Context, name: str) -> Work:
    """The constraint binds new rows at once; those that stand are looked at without a lock."""
    table = table_of(obj.id)
    lock = SHARE_ROW_EXCLUSIVE if obj["type"] == "f" else ACCESS_EXCLUSIVE
    guards = _in_the_way(obj, ctx) if obj["validated"] else ()
    partitioned = obj["type"] == "f" and obj.get("relkind") == "p" and ctx.before.major < 18
    if partitioned:
        statements = _by_partition(obj, ctx, name)
    else:
        statements = [Statement(add(obj, name) + " NOT VALID", lock, table)]
        proven = [obj] if obj["validated"] else _valid_below(obj, ctx)
        statements += [_validate(own, name, phase=1) for own in proven]
    if obj["type"] == "f":
        other = ObjectId("table", obj.get("references_schema"), obj.get("references_table"))
        if other != table and ctx.shared(other):
            target = ident(other.schema, other.name)
            first = render("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE", target)
            statements.insert(0, Statement(first, lock, other))
    return Work(tuple(statements), guards=guards)


def _valid_below(obj: Object, ctx: Context) -> list[Object]:
    """The checks of partitions that are valid though that of the whole is not."""
    found: list[Object] = []
    for heir in ctx.heirs(table_of(obj.id)) if obj["type"] == "c" else ():
        links = [state.get(attachment(heir)) for state in (ctx.before, ctx.after)]
        kind, text = inherited(links[1]).get(obj.id.name, ("", ""))
        if links[0] is None or kind != "c":
            continue
        own = replace(obj, id=ObjectId("constraint", heir.schema, obj.id.name, heir.name))
        found += _valid_below(own, ctx) if text.endswith(" NOT VALID") else [own]
    return found


def _by_partition(obj: Object, ctx: Context, name: str) -> list[Statement]:
    """Foreign keys of the partitions, validated one by one and then taken over as they are.

    Before 18 that of a partitioned table cannot wait for its validation.
    """
    table = table_of(obj.id)
    statements = []
    checks = []
    for heir in ctx.heirs(table):
        leaf = ctx.after.get(heir)
        stands = (
            heir in ctx.before
            and attachment(heir) in ctx.before
            and attachment(heir) not in (ctx.whole or ctx.changes)
        )
        if leaf is None or leaf["partition_key"] or not stands:
            continue
        own = replace(obj, id=ObjectId("constraint", heir.schema, obj.id.name, heir.name))
        statements.append(Statement(add(own, name) + " NOT VALID", SHARE_ROW_EXCLUSIVE, heir))
        checks.append(_validate(own, name, phase=1))
    last = Statement(add(obj, name), SHARE_ROW_EXCLUSIVE, table, phase=2 if checks else 0)
    return [*statements, *checks, last]


def _deferral_only(before: Object, after: Object) -> bool:
    return _DEFERRAL.sub("", before["definition"]) == _DEFERRAL.sub("", after["definition"])


def _defer(after: Object, ctx: Context) -> Work:
    words = "DEFERRABLE" if after.get("deferrable") else "NOT DEFERRABLE"
    words += " INITIALLY DEFERRED" if after.get("deferred") else ""
    text = "ALTER TABLE {} ALTER CONSTRAINT {} {}"
    text = render(text, relation(after.id), ident(after.id.name), words)
    return Work((Statement(text, ACCESS_EXCLUSIVE, ctx.shared(table_of(after.id))),))


def _online(before: Object, after: Object) -> bool:
    simple = before["type"] == after["type"] and after["validated"]
    return bool(simple and after.get("enforced", True) and after.get("relkind") == "r")


def _exchanged(before: Object, after: Object, ctx: Context) -> Work:
    """The new constraint is validated beside the old one, and takes its place and name."""
    temporary = beside(after.id.name)
    table = table_of(after.id)
    done = _not_valid_first(after, ctx, temporary)
    swap = [
        render("ALTER TABLE {} DROP CONSTRAINT {}", relation(after.id), ident(before.id.name)),
        render(
            "ALTER TABLE {} RENAME CONSTRAINT {} TO {}",
            relation(after.id),
            ident(temporary),
            ident(after.id.name),
        ),
        *restored(after.id, ctx),
    ]
    return done.then(Work(tuple(Statement(s, ACCESS_EXCLUSIVE, table, phase=3) for s in swap)))
