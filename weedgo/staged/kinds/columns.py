"""Columns: part of their table when it is new, steps of their own on tables that stand."""

from __future__ import annotations

from weedgo.staged.kinds import (
    attributes,
    casts,
    exchange,
    filling,
    generated,
    identity,
    inheritance,
    newcomers,
    notnull,
    roots,
    rowtypes,
    swap,
)
from weedgo.staged.kinds.base import (
    ACCESS_EXCLUSIVE,
    SHARE_UPDATE_EXCLUSIVE,
    Context,
    Kind,
    attachment,
    comma,
    ident,
    literal,
    raw,
    relation,
    render,
)
from weedgo.staged.kinds.clauses import (
    COMPRESSION,
    STORAGE,
    alter,
    clause,
    default_of,
    details,
    stored_below,
    table_of,
)
from weedgo.staged.kinds.options import reset, settings
from weedgo.staged.kinds.retype import retype
from weedgo.staged.kinds.types import renaming
from weedgo.staged.model import Action, Catalog, Change, Object, ObjectId, Stage, Statement, Work

_FOLLOWING = frozenset({"type", "collation"})
# What a change of a parent table's column does to those that inherit it.
_CARRIED = frozenset({"type", "collation", "generated", "expression", "local", *notnull.ATTRIBUTES})


class ColumnKind(Kind):
    """``ALTER TABLE … ADD COLUMN`` and all that can be altered of a column."""

    name = "column"
    stage = Stage.COLUMNS
    label = "columns"
    source = "column"
    classid = 1259

    def absorbed(self, change: Change, ctx: Context) -> ObjectId | None:
        foreign = ObjectId("foreign_table", change.id.schema, change.id.parent)
        table = ctx.changes.get(table_of(change.id)) or ctx.changes.get(foreign)
        if (
            table
            and change.action is table.action
            and change.action in (Action.CREATE, Action.DROP)
        ):
            return table.id
        if (successor := _successor(change.id, ctx)) is not None:
            return successor
        if root := exchange.carrier(table_of(change.id), ctx) or renaming(change, ctx):
            return root
        if (type := _followed(change, ctx)) and _FOLLOWING.issuperset(change.attributes):
            comes = change.action is Action.CREATE and attributes.own(change.after, ctx)
            return None if comes else type
        if carrier := _carrier(change, ctx):
            return carrier.id if _carried(change, carrier, ctx) >= set(_differing(change)) else None
        return None

    def keeps(self, obj: Object, ctx: Context) -> bool:
        anew = exchange.carrier(table_of(obj.id), ctx) or _successor(obj.id, ctx)
        return anew is not None or swap.swapped(obj.id, ctx)

    def create(self, obj: Object, ctx: Context) -> Work:
        table = table_of(obj.id)
        if exchange.carrier(table, ctx) or _along(obj, ctx):
            return Work()
        if attributes.leader(obj.id, ctx, ctx.changes):
            return attributes.come(obj, ctx)
        if obj.id in ctx.before and generated.kept(ctx.before.objects[obj.id], obj):
            return generated.restore(obj, ctx)
        if obj.id in ctx.taken and swap.swapped(obj.id, ctx):
            return swap.create(obj, ctx)
        if value := _batched(obj, ctx):
            return _added_empty(obj, value, ctx)
        default = ctx.after.get(default_of(obj.id))
        text = render("ALTER TABLE {} ADD COLUMN {}", relation(obj.id), raw(clause(obj, ctx)))
        rewrites = bool(obj["identity"] or obj["generated"] == "s") or bool(
            default and casts.volatile(default["expression"])
        )
        shared, lent = ctx.shared(table), newcomers.lent(obj, ctx)
        text += f" DEFAULT {lent}" * bool(lent)
        done = Work((Statement(text, ACCESS_EXCLUSIVE, shared, rewrites=rewrites),))
        if lent:
            done = done.then(alter(obj, ctx, "DROP DEFAULT", only=True))
        if rewrites and shared:
            hazard = f"rewrites {table.path} under a lock: each row gets a value of its own"
            done = done.then(Work(hazards=(hazard,)))
        if " DEFAULT " in text or rewrites:
            done = rowtypes.around_growth(table, done, ctx)
        done = done.then(Work(guards=newcomers.guards(obj, ctx)))
        done = done.then(Work(rebuild=rowtypes.written(table, ctx)))
        needs = _merging(obj, ctx) | notnull.freed(obj, ctx) | _apart(obj.id, ctx)
        return done.then(details(obj, ctx)).then(Work(needs=needs))

    def drop(self, obj: Object, ctx: Context) -> Work:
        if exchange.carrier(table_of(obj.id), ctx) or _along(obj, ctx):
            return Work()
        if obj.id in ctx.taken and swap.swapped(obj.id, ctx):
            return swap.drop(obj, ctx)
        after = ctx.after.get(obj.id)
        if after is None and attributes.leader(obj.id, ctx, ctx.whole or ctx.changes):
            return Work()
        if after is not None and generated.kept(obj, after):
            return generated.set_aside(obj, ctx)
        if inheritance.staying(obj, ctx):
            return self._left_to_heirs(obj, ctx)
        text = render("ALTER TABLE {} DROP COLUMN {}", relation(obj.id), ident(obj.id.name))
        table = table_of(obj.id)
        bound = rowtypes.written(table, ctx)
        return Work((Statement(text, ACCESS_EXCLUSIVE, ctx.shared(table)),), rebuild=bound)

    def _left_to_heirs(self, obj: Object, ctx: Context) -> Work:
        """The column goes from its table alone, and stays as their own with heirs that keep it."""
        table = table_of(obj.id)
        texts = [render("ALTER TABLE ONLY {} DROP COLUMN {}", relation(obj.id), ident(obj.id.name))]
        if obj["not_null"] and ctx.before.major >= 18:
            # Or the heirs would have a NOT NULL that is inherited from nowhere.
            text = "ALTER TABLE {} ALTER COLUMN {} DROP NOT NULL"
            texts.insert(0, render(text, relation(obj.id), ident(obj.id.name)))
        merely = any(not ctx.before.objects[i]["local"] for i in inheritance.staying(obj, ctx))
        why = "the columns of tables that inherit it would not become merely inherited again"
        statements = (Statement(t, ACCESS_EXCLUSIVE, ctx.shared(table)) for t in texts)
        done = Work(tuple(statements), no_undo=why if merely else "")
        for heir in ctx.heirs(table, before=True):
            column = ctx.before.get(ObjectId("column", heir.schema, obj.id.name, heir.name))
            if column is not None and column.id not in ctx.after and _follows(column):
                done = done.then(self.drop(column, ctx))
        return done

    def alter(self, before: Object, after: Object, ctx: Context) -> Work:
        change = Change(after.id, Action.ALTER, before, after)
        if exchange.carrier(table_of(after.id), ctx) or renaming(change, ctx):
            return Work()
        if swap.swapped(after.id, ctx):
            return swap.work(before, after, ctx)
        left, done = _left(change, ctx)
        detached = ctx.changes.get(attachment(table_of(after.id)))
        if detached is not None and detached.after is None:
            done = done.then(Work(needs=frozenset({detached.id})))
        if left & {"generated", "expression"} or (after["generated"] and "type" in left):
            way = generated.change(before, after, ctx)
            if way.replace:
                return way
            done = done.then(way)
        typed = Work()
        if left & {"type", "collation"} and not after["generated"]:
            typed = retype(before, after, ctx)
        numbers = _numbers(before, after, left, ctx)
        first = identity.comes_first(before, after)
        done = done.then(numbers).then(typed) if first else done.then(typed).then(numbers)
        done = done.then(identity.typed(before, after))
        return done.then(_redetail(before, after, ctx, retyped="type" in left))


def _apart(column: ObjectId, ctx: Context) -> frozenset[ObjectId]:
    """That its table is no partition any more, and those are none that get a column of its name.

    No partition gets a column of its own, and each gets that of its whole.
    """
    table = table_of(column)
    others = [h for h in ctx.heirs(table, before=True) if h in ctx.after]
    links = (attachment(t) for t in (table, *others))
    return frozenset(i for i in links if i in ctx.changes and i not in ctx.after)


def _left(change: Change, ctx: Context) -> tuple[set[str], Work]:
    """What no other change brings about, and which changes come first because they do the rest."""
    left, done = set(_differing(change)), Work()
    if type := _followed(change, ctx):
        left -= _FOLLOWING
        done = Work(needs=frozenset({type}))
    if (carrier := _carrier(change, ctx)) is not None:
        carried = _carried(change, carrier, ctx)
        left -= carried
        last = carried or inheritance.above(change, ctx) is None
        if left and last and not inheritance.first(change, carrier):
            done = done.then(Work(needs=frozenset({carrier.id})))
    return left, done


def _numbers(before: Object, after: Object, left: set[str], ctx: Context) -> Work:
    """Identity and NOT NULL; a column of numbers is mandatory as long as it is one."""
    numbered, bound = Work(), Work()
    if left & {"identity", "identity_sequence", "identity_type"}:
        numbered = identity.change(before, after, ctx)
    if left & set(notnull.ATTRIBUTES):
        change = Change(after.id, Action.ALTER, before, after)
        bound = notnull.change(before, after, ctx, inheritance.above(change, ctx))
    comes = after["identity"] and not before["identity"]
    return bound.then(numbered.after(bound)) if comes else numbered.then(bound)


def _followed(change: Change, ctx: Context) -> ObjectId | None:
    """What a column's type follows: a composite type, or a column that shares its heirs."""
    table = ctx.before.get(table_of(change.id))
    if change.before and change.after and table and not table["of_type"]:
        typed = _FOLLOWING.intersection(change.attributes) and not change.after["generated"]
        return roots.leader(change.id, ctx) if typed else None
    return attributes.leader(change.id, ctx, ctx.changes)


def _along(obj: Object, ctx: Context) -> bool:
    """Whether a column goes and comes with what its table, or its parent's column, does."""
    foreign = ObjectId("foreign_table", obj.id.schema, obj.id.parent)
    if foreign in ctx.taken or _successor(obj.id, ctx) is not None:
        return True
    return obj.id in ctx.taken and bool(obj.get("inherited"))


def _successor(id: ObjectId, ctx: Context) -> ObjectId | None:
    """The relation of another kind that takes the name of a column's, with one of its name."""
    both = (table_of(id), ObjectId("foreign_table", id.schema, id.parent))
    for old, new in (both, both[::-1]):
        if old in ctx.before and old not in ctx.after and new in ctx.after:
            return new
    return None


def _differing(change: Change) -> tuple[str, ...]:
    return change.attributes or ("",)


def _carrier(change: Change, ctx: Context) -> Change | None:
    """The change of a parent table's column that reaches this one, if there is one."""
    table = table_of(change.id)
    link = (ctx.whole or ctx.changes).get(attachment(table))
    if attachment(table) in ctx.taken or (link and not (link.before and link.after)):
        return None  # It is detached (for the moment), and gets and loses everything by itself.
    for catalog in (ctx.after, ctx.before):
        for above in _parents(table, catalog):
            id = change.id._replace(schema=above.schema, parent=above.name)
            kin = all(above in _parents(table, state) for state in (ctx.after, ctx.before))
            other = (ctx.whole or ctx.changes).get(id)
            if kin and other is not None and other.action is change.action:
                column = change.after or change.before
                if change.action is Action.ALTER or (column and _follows(column)):
                    return other
    return None


def _parents(table: ObjectId, catalog: Catalog) -> list[ObjectId]:
    """The tables that a table, or a foreign one of its name, inherits from."""
    obj = catalog.get(table) or catalog.get(table._replace(kind="foreign_table"))
    pairs = (obj.get("ancestors") or ()) if obj else ()
    return [ObjectId("table", schema, name) for schema, name in pairs]


def _follows(column: Object) -> bool:
    """Whether a column comes and goes with its parent's."""
    return bool(column.get("inherited")) and (column.get("partition") or not column["local"])


def _carried(change: Change, carrier: Change, ctx: Context) -> set[str]:
    """The attributes that the parent's change brings to this column as well."""
    if change.action is not Action.ALTER:
        return {"", *change.attributes}
    assert change.after is not None
    assert carrier.after is not None
    new, above = change.after, carrier.after
    apart = {a for a in ("local", "not_null_local") if not new.get(a, True)}
    if not (new["not_null"] or above["not_null"]):
        apart |= set(notnull.ATTRIBUTES) - {"not_null"}
    if new.get("not_null_constraint") == above.get("not_null_constraint"):
        apart.add("not_null_name")
    keeps = inheritance.keeps_not_null(change, carrier) or inheritance.bound_anew(change, ctx)
    own = notnull.ATTRIBUTES if keeps else ()
    moved = set(carrier.attributes)
    if inheritance.comes(carrier):
        moved.add("not_null")
    return {
        a
        for a in change.attributes
        if a not in own
        if a in apart or (a in _CARRIED and a in moved and new.get(a) == above.get(a))
    }


def _merging(obj: Object, ctx: Context) -> frozenset[ObjectId]:
    """Columns of inheriting tables that stand first, so that they stay their tables' own."""
    found = set()
    for heir in ctx.heirs(table_of(obj.id)):
        column = ObjectId("column", heir.schema, obj.id.name, heir.name)
        change = ctx.changes.get(column)
        if (
            change
            and change.action is Action.CREATE
            and change.after
            and not _follows(change.after)
        ):
            found.add(column)
    return frozenset(found)


def _batched(obj: Object, ctx: Context) -> str:
    """The values that a new column's rows are to get in batches; empty where they need none."""
    table = table_of(obj.id)
    plain = not (obj["identity"] or obj["generated"] or obj.get("inherited"))
    if ctx.shared(table) is None or table not in ctx.before or not plain:
        return ""
    if ctx.backward or ctx.together:
        return ""
    default = filling.default_for(obj, ctx)
    many = ctx.large(table) and casts.volatile(default)
    return filling.expression(obj.id, ctx) or (default if many else "")


def _added_empty(obj: Object, value: str, ctx: Context) -> Work:
    """The column without values and without NOT NULL at first; default and NOT NULL come last."""
    loose = Object(obj.id, {**obj.attrs, "not_null": False}, obj.info)
    text = render(
        "ALTER TABLE {} ADD COLUMN {}", relation(obj.id), raw(clause(loose, ctx, bare=True))
    )
    table = ctx.shared(table_of(obj.id))
    done = Work((Statement(text, ACCESS_EXCLUSIVE, table),)).then(details(loose, ctx))
    if obj["not_null"]:
        done = done.then(notnull.filled(obj, value, ctx))
    else:
        done = done.then(filling.filled(obj, value, ctx)).then(filling.relieved(obj, value, ctx, 2))
    last = done.statements[-1].phase
    if default := filling.default_for(obj, ctx):
        done = done.then(alter(obj, ctx, f"SET DEFAULT {default}", only=True, phase=last))
    needs = _merging(obj, ctx) | notnull.freed(obj, ctx)
    return done.then(Work(guards=filling.guards(obj, value, ctx), needs=needs))


def _redetail(before: Object, after: Object, ctx: Context, *, retyped: bool) -> Work:
    done = Work()
    share = SHARE_UPDATE_EXCLUSIVE
    storage, compression = before["storage"], before["compression"]
    if retyped:
        storage = compression = None
        done = stored_below(after.id, ctx)
    if storage != after["storage"]:
        wanted = after["storage"] or (after.get("type_storage") if ctx.before.major < 16 else None)
        action = f"SET STORAGE {STORAGE.get(wanted or '', 'DEFAULT')}"
        done = done.then(alter(after, ctx, action, only=True))
    if compression != after["compression"]:
        action = f"SET COMPRESSION {COMPRESSION.get(after['compression'], 'default')}"
        done = done.then(alter(after, ctx, action, only=True))
    if before["statistics"] != after["statistics"]:
        target = -1 if after["statistics"] is None else after["statistics"]
        done = done.then(alter(after, ctx, f"SET STATISTICS {target}", share, only=True))
    if before["options"] != after["options"]:
        if gone := reset(before["options"], after["options"]):
            done = done.then(alter(after, ctx, f"RESET ({gone})", share, only=True))
        if after["options"]:
            action = f"SET ({settings(after['options'])})"
            done = done.then(alter(after, ctx, action, share, only=True))
    if before["foreign_options"] != after["foreign_options"]:
        done = done.then(alter(after, ctx, _reopted(before, after)))
    return done


def _reopted(before: Object, after: Object) -> str:
    """OPTIONS of a foreign table's column, from the one to the other."""
    old, new = (
        dict(option.split("=", 1) for option in column["foreign_options"])
        for column in (before, after)
    )
    parts = [render("DROP {}", ident(option)) for option in old if option not in new]
    for option, value in new.items():
        if old.get(option) != value:
            verb = "SET" if option in old else "ADD"
            parts.append(render("{} {} {}", verb, ident(option), literal(value)))
    return f"OPTIONS ({comma(parts)})"
