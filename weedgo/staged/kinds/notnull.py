"""NOT NULL: a flag of the column before PostgreSQL 18, a constraint with a name since."""

from __future__ import annotations

from dataclasses import replace

from weedgo.staged.kinds import filling, inheritance, kept, stand_ins, staying
from weedgo.staged.kinds.base import (
    ACCESS_EXCLUSIVE,
    SHARE_UPDATE_EXCLUSIVE,
    Context,
    attachment,
    ident,
    raw,
    relation,
    render,
)
from weedgo.staged.kinds.clauses import alter, table_of
from weedgo.staged.kinds.helpers import helper
from weedgo.staged.model import Action, Change, Guard, Object, ObjectId, Statement, Work

ATTRIBUTES = (
    "not_null", "not_null_name", "not_null_valid", "not_null_no_inherit", "not_null_local",
)  # fmt: skip


def change(before: Object, after: Object, ctx: Context, above: Change | None = None) -> Work:
    """From one column's NOT NULL to another's.

    Args:
        before, after: the column.
        above: the change of its parent's, where that takes away or brings a NOT NULL.
    """
    if above is not None and (done := _beside(before, after, above, ctx)) is not None:
        return done
    return _change(before, after, ctx).then(Work(needs=freed(after, ctx)))


def _change(before: Object, after: Object, ctx: Context) -> Work:
    if not after["not_null"]:
        if not before["not_null"]:
            return Work()
        if key := staying.key_of(table_of(after.id), after.id.name, ctx):
            why = f"{after.id} is in {key.id}, which only the target has"
            return Work(refusal=f"{why}, and mandatory by it; {staying.REMEDY}")
        binding = _binding(after, ctx)
        done = kept.dropped(after, ctx).then(_freed_below(after, ctx))
        # In one transaction with a key's, which may go only as an index takes its place: what is
        # late goes in reverse. But partitions that come, or are away for it, come behind it.
        if binding and ctx.together and not done.rebuild and not _extended(after, ctx):
            late = tuple(replace(s, late=True) for s in reversed(done.statements))
            done = replace(done, statements=late)
        return done.then(Work(needs=binding))
    if not before["not_null"]:
        own = inheritance.earlier(Change(after.id, Action.ALTER, before, after), ctx)
        return require(after, ctx).then(Work(needs=frozenset(own)))
    if ctx.before.major < 18:
        return Work()
    return _adjust(before, after, ctx)


def _extended(column: Object, ctx: Context) -> bool:
    """Whether partitions come to a column's table in the same transaction."""
    links = (attachment(heir) for heir in ctx.heirs(table_of(column.id)))
    return any(link in ctx.beside and link not in ctx.before for link in links)


def _freed_below(column: Object, ctx: Context) -> Work:
    """The same for partitions: a key made of an index of theirs made NOT NULL their own (18)."""
    done = Work()
    if ctx.before.major < 18:
        return done
    for heir in ctx.heirs(table_of(column.id), before=True):
        own = ctx.after.get(column.id._replace(schema=heir.schema, parent=heir.name))
        if own is not None and not own["not_null"] and own.get("partition"):
            done = done.then(alter(own, ctx, "DROP NOT NULL")).then(_freed_below(own, ctx))
    return done


def _beside(before: Object, after: Object, above: Change, ctx: Context) -> Work | None:
    """What is left to do where NOT NULL is inherited before or after, and not both."""
    if not before["not_null"] and not after.get("not_null_local", True) and above.after is not None:
        return Work()
    own = before.get("not_null_own")
    own = before.get("not_null_local", True) if own is None else own
    lost = before["not_null"] and not own
    if lost and above.after is None:
        return require(after, ctx) if after["not_null"] else Work()
    if lost and above.after is not None and not above.after["not_null"] and not after["not_null"]:
        return Work()
    if before["not_null"] and after["not_null"] and not after.get("not_null_local", True):
        return alter(after, ctx, "DROP NOT NULL")
    return None


def _binding(after: Object, ctx: Context) -> frozenset[ObjectId]:
    """Keys and a replica identity that go first: while they stand, the column is mandatory."""
    found: set[ObjectId] = set()
    todo = [table_of(after.id)]
    while todo:
        table = todo.pop()
        todo += ctx.heirs(table, before=True)
        found |= {k.id for k in ctx.of("constraint", table, before=True) if k["type"] == "p"}
        found.add(ObjectId("replica_identity", table.schema, table.name, "", "table"))
    return frozenset(i for i in found if i in ctx.changes and i in ctx.before)


def _name(obj: Object) -> str:
    return obj.get("not_null_name") or f"{obj.id.parent}_{obj.id.name}_not_null"


def freed(obj: Object, ctx: Context) -> frozenset[ObjectId]:
    """What gives up the name that a column's NOT NULL constraint takes (18), and does so first."""
    return given_up(_name(obj), obj, ctx) if obj["not_null"] else frozenset()


def given_up(wanted: str, obj: Object, ctx: Context) -> frozenset[ObjectId]:
    """What has a constraint's name on the table of a column or constraint, and gives it up (18)."""
    table = table_of(obj.id)
    if ctx.before.major < 18 or table not in ctx.before:
        return frozenset()
    return frozenset(
        other.id
        for kind in ("column", "constraint")
        for other in ctx.of(kind, table, before=True)
        if other.id != obj.id
        and other.id in ctx.changes
        and called(other) == wanted
        and called(ctx.after.get(other.id)) != wanted
    )


def _in_circle(column: Object, ctx: Context) -> bool:
    """Whether columns hand the names of their NOT NULL constraints on in a circle."""
    named = {called(c): c.id for c in ctx.of("column", table_of(column.id), before=True)}
    place: Object | None = column
    for _ in named:
        holder = named.get(called(place))
        if holder is None or (place is not None and holder == place.id):
            return False
        if holder == column.id:
            return True
        place = ctx.after.get(holder)
    return False


def called(obj: Object | None) -> str:
    """The name of a constraint, or of a column's NOT NULL constraint; empty without one."""
    if obj is None or obj.id.kind == "constraint":
        return obj.id.name if obj else ""
    return str(obj.get("not_null_constraint") or _name(obj)) if obj["not_null"] else ""


def _adjust(before: Object, after: Object, ctx: Context) -> Work:
    """The name, the state and the reach of a NOT NULL constraint (18)."""
    if inheritance.bound_anew(Change(after.id, Action.ALTER, before, after), ctx):
        return _named_anew(before, after, ctx)
    if not after["not_null_valid"] and before["not_null_valid"]:
        return alter(after, ctx, "DROP NOT NULL").then(require(after, ctx))
    table = ctx.shared(table_of(after.id))
    done = Work()
    old, new = _standing_name(before, ctx), _name(after)
    last = Work()
    if old != new and _in_circle(after, ctx):
        # All give their names up before any takes its new one.
        between = helper(f"{after.id.parent}_{after.id.name}", "not null")
        last = Work((replace(_renamed(after, between, new, ctx), late=True),))
        new = between
    if old != new:
        done = done.then(_renamed_with_heirs(after, old, new, ctx))
    if before["not_null_no_inherit"] != after["not_null_no_inherit"]:
        word = "NO INHERIT" if after["not_null_no_inherit"] else "INHERIT"
        text = render("ALTER TABLE {} ALTER CONSTRAINT {} {}", relation(after.id), ident(new), word)
        done = done.then(Work((Statement(text, ACCESS_EXCLUSIVE, table),)))
    if before["not_null_local"] != after["not_null_local"]:
        if after["not_null_local"]:
            text = "ALTER TABLE ONLY {} ADD CONSTRAINT {} NOT NULL {}{}"
            reach = " NO INHERIT" if after.get("not_null_no_inherit") else ""
            text = render(text, relation(after.id), ident(new), ident(after.id.name), raw(reach))
        else:
            text = render("ALTER TABLE ONLY {} DROP CONSTRAINT {}", relation(after.id), ident(new))
        done = done.then(Work((Statement(text, ACCESS_EXCLUSIVE, table),)))
    if after["not_null_valid"] and not before["not_null_valid"]:
        done = done.then(_validated(after, new, ctx))
    return done.then(last)


def _standing_name(before: Object, ctx: Context) -> str:
    """What a NOT NULL is called by then: one that is a parent's has been renamed with that."""
    if not before.get("not_null_own", True) and not ctx.backward:
        for id in inheritance.parents(before.id, ctx):
            change = ctx.changes.get(id)
            if change and all(c and c["not_null"] for c in (change.before, change.after)):
                return called(change.after)
    return before.get("not_null_constraint") or _name(before)


def _validated(column: Object, name: str, ctx: Context) -> Work:
    text = render("ALTER TABLE {} VALIDATE CONSTRAINT {}", relation(column.id), ident(name))
    table = ctx.shared(table_of(column.id))
    statement = Statement(text, SHARE_UPDATE_EXCLUSIVE, table, scans=True)
    return Work((statement,), guards=(_nulls(column),))


def _named_anew(before: Object, after: Object, ctx: Context) -> Work:
    """Another name, or another origin, for what the table has from its parents all along."""
    table, column = table_of(after.id), after.id.name
    above = stand_ins.binding(table, column, ctx)
    old, new = called(before), _name(after)
    parent = ctx.after.get(after.id._replace(schema=above.schema, parent=above.name))
    if not before.get("not_null_own", True) and not ctx.backward:
        # It has been renamed with that of the parent.
        old = called(parent)
    valid = after.get("not_null_valid", True)
    if after["not_null_local"] and valid:
        done = _renamed_with_heirs(after, old, new, ctx) if old != new else Work()
        if parent is not None and not parent.get("not_null_valid", True):
            done = done.then(_validated(after, new, ctx))
        return stand_ins.apart(table, done, ctx, column)
    giver = ident(table.schema, table.name).as_string(None)
    if not after["not_null_local"]:
        giver = stand_ins.name_of(table, above)
    late = "" if valid else " NOT VALID"
    text = "ALTER TABLE {} ADD CONSTRAINT {} NOT NULL {}{}"
    give = render(text, giver, ident(new), ident(column), raw(late))
    done = alter(after, ctx, "DROP NOT NULL").then(
        Work((Statement(give, ACCESS_EXCLUSIVE, ctx.shared(table), scans=True),))
    )
    return stand_ins.apart(table, done, ctx, column).then(Work(needs=_binding(after, ctx)))


def _renamed_with_heirs(column: Object, old: str, new: str, ctx: Context) -> Work:
    """The constraint renamed, and those that heirs have from it; heirs with others stand aside."""
    done = Work((_renamed(column, old, new, ctx),), rebuild=_binding_whole(column, ctx))
    for heir, _ in stand_ins.otherwise_bound(column.id, ctx):
        if attachment(heir) in ctx.before:
            done = done.then(Work(rebuild=frozenset({attachment(heir)})))
        else:
            done = stand_ins.apart(heir, done, ctx)
    return done


def _binding_whole(column: Object, ctx: Context) -> frozenset[ObjectId]:
    """The attachment to the whole table, under which PostgreSQL renames no constraint."""
    attached = attachment(table_of(column.id))
    link = (ctx.whole or ctx.changes).get(attached)
    if link is not None and (link.before is None or link.after is None):
        return frozenset()  # Another step attaches it, or has detached it.
    if link is None and _apart(column, ctx):
        return frozenset()
    return frozenset({attached} if attached in ctx.before and attached in ctx.after else ())


def _apart(column: Object, ctx: Context) -> bool:
    """Whether the whole table's column is not mandatory at that moment.

    Where its NOT NULL comes, it comes after that of the partitions; where it goes, before.
    """
    fact = ctx.before.get(attachment(table_of(column.id)))
    if fact is None:
        return False
    whole = column.id._replace(schema=fact["of"][0], parent=fact["of"][1])
    change = (ctx.whole or ctx.changes).get(whole)
    states = (change.before, change.after) if change else (ctx.before.get(whole),)
    return any(s is not None and not s["not_null"] for s in states)


def _renamed(column: Object, old: str, new: str, ctx: Context) -> Statement:
    text = "ALTER TABLE {} RENAME CONSTRAINT {} TO {}"
    text = render(text, relation(column.id), ident(old), ident(new))
    return Statement(text, ACCESS_EXCLUSIVE, ctx.shared(table_of(column.id)))


def backfill_line(id: ObjectId, value: str) -> str:
    """The entry of a backfill file that would give a column's rows their values."""
    keys = ".".join(k if k.replace("_", "").isalnum() else f'"{k}"' for k in id.path.split("."))
    return f'{keys} = "{value}"'


def _nulls(obj: Object) -> Guard:
    table, column = relation(obj.id), ident(obj.id.name)
    return Guard(
        render("SELECT count(*) FROM {} WHERE {} IS NULL", table, column),
        f"{obj.id.path} is to be NOT NULL, but {{count}} rows hold NULL",
        "fill them in batches with --backfill FILE, in which stands: " + backfill_line(obj.id, "…"),
        "23502",
    )


def require(obj: Object, ctx: Context) -> Work:
    """NOT NULL, refused while NULLs stand; on a table in use through a validated constraint.

    Where values were given for those rows, they are filled in first.
    """
    table = ctx.shared(table_of(obj.id))
    if table is None or table != table_of(obj.id):  # new, or a foreign table's
        return alter(obj, ctx, "SET NOT NULL")
    value = filling.expression(obj.id, ctx)
    if ctx.together and ctx.before.major < 18 and _joined(table, ctx):
        # A partition that is attached meanwhile would have to have the helping check too.
        return replace(alter(obj, ctx, "SET NOT NULL"), guards=(_nulls(obj),))
    if not value or ctx.together:
        valid = obj.get("not_null_valid", True)
        done = _bound(obj, ctx, 0).then(Work(guards=(_nulls(obj),) if valid else ()))
        return _in_one(done) if _keyed(obj, ctx) else done
    return filled(obj, value, ctx).then(Work(guards=filling.guards(obj, value, ctx)))


def _keyed(obj: Object, ctx: Context) -> bool:
    """Whether a primary key of the column comes in the same transaction, which asks for it."""
    keys = (k for k in ctx.of("constraint", table_of(obj.id)) if k["type"] == "p")
    mine = (k.id for k in keys if obj.id.name in (k.get("columns") or ()))
    return ctx.together and any(k in ctx.taken or k in ctx.beside for k in mine)


def _joined(table: ObjectId, ctx: Context) -> bool:
    """Whether partitions come to a table, perhaps between the phases of another change."""
    facts = (attachment(h) for h in ctx.heirs(table))
    return any(f in ctx.changes and f in ctx.after for f in facts)


def filled(obj: Object, value: str, ctx: Context) -> Work:
    """The column's values for rows that lack one, then NOT NULL."""
    done = filling.filled(obj, value, ctx).then(_bound(obj, ctx, 2))
    return done.then(filling.relieved(obj, value, ctx, done.statements[-1].phase + 1))


def _bound(obj: Object, ctx: Context, phase: int) -> Work:
    """NOT NULL, from a phase on: it binds new rows at once, and then those that stand."""
    if ctx.before.major >= 18:
        return _natively(obj, ctx, phase)
    table = ctx.shared(table_of(obj.id))
    check = ident(helper(f"{obj.id.parent}_{obj.id.name}", "not null"))
    away = render("ALTER TABLE {} DROP CONSTRAINT IF EXISTS {}", relation(obj.id), check)
    add = render(
        "ALTER TABLE {} ADD CONSTRAINT {} CHECK ({} IS NOT NULL) NOT VALID",
        relation(obj.id),
        check,
        ident(obj.id.name),
    )
    validate = render("ALTER TABLE {} VALIDATE CONSTRAINT {}", relation(obj.id), check)
    share = SHARE_UPDATE_EXCLUSIVE
    return Work(
        (
            Statement(away, ACCESS_EXCLUSIVE, table, phase=phase),
            Statement(add, ACCESS_EXCLUSIVE, table, phase=phase),
            Statement(validate, share, table, scans=True, phase=phase + 1),
            *alter(obj, ctx, "SET NOT NULL", phase=phase + 2).statements,
            Statement(away, ACCESS_EXCLUSIVE, table, phase=phase + 2),
        )
    )


def _natively(obj: Object, ctx: Context, phase: int) -> Work:
    table = ctx.shared(table_of(obj.id))
    name = ident(_name(obj))
    inherit = " NO INHERIT" if obj.get("not_null_no_inherit") else ""
    add = render(
        "ALTER TABLE {} ADD CONSTRAINT {} NOT NULL {}{} NOT VALID",
        relation(obj.id),
        name,
        ident(obj.id.name),
        inherit,
    )
    done = Work((Statement(add, ACCESS_EXCLUSIVE, table, phase=phase),))
    if not obj.get("not_null_valid", True):
        return done
    validate = render("ALTER TABLE {} VALIDATE CONSTRAINT {}", relation(obj.id), name)
    share = SHARE_UPDATE_EXCLUSIVE
    return done.then(Work((Statement(validate, share, table, scans=True, phase=phase + 1),)))


def at_once(obj: Object, ctx: Context) -> Work:
    """NOT NULL inside a transaction that holds the table anyway."""
    return _in_one(require(obj, ctx))


def _in_one(done: Work) -> Work:
    return replace(done, statements=tuple(replace(s, phase=0) for s in done.statements))
