"""Columns: part of their table when it is new, steps of their own on tables that stand."""

from __future__ import annotations

from weedgo.staged.kinds import casts
from weedgo.staged.kinds.base import (
    ACCESS_EXCLUSIVE,
    SHARE_UPDATE_EXCLUSIVE,
    Context,
    Kind,
    ident,
    literal,
    raw,
    relation,
    render,
)
from weedgo.staged.kinds.defaults import born_with
from weedgo.staged.kinds.options import reset, settings
from weedgo.staged.model import Action, Change, Guard, Object, ObjectId, Stage, Statement, Work

_STORAGE = {"p": "PLAIN", "e": "EXTERNAL", "x": "EXTENDED", "m": "MAIN"}
_COMPRESSION = {"p": "pglz", "l": "lz4"}

# What PostgreSQL does not carry over a change of a column's type by itself.
_IN_THE_WAY = frozenset(
    {"view", "materialized_view", "policy", "trigger", "rule", "function", "default", "publication_table", "publication"}
)


def table_of(id: ObjectId) -> ObjectId:
    """The table that a column stands in."""
    return ObjectId("table", id.schema, id.parent)


def clause(obj: Object, ctx: Context) -> str:
    """The column as it stands in CREATE TABLE and ADD COLUMN."""
    parts = [render("{} {}", ident(obj.id.name), obj["type"])]
    if obj["collation"]:
        parts.append(f"COLLATE {obj['collation']}")
    if obj["compression"]:
        parts.append(f"COMPRESSION {_COMPRESSION[obj['compression']]}")
    default = ctx.after.get(ObjectId("default", obj.id.schema, obj.id.name, obj.id.parent, "column"))
    if obj["generated"]:
        kind = "STORED" if obj["generated"] == "s" else "VIRTUAL"
        parts.append(f"GENERATED ALWAYS AS ({obj['expression']}) {kind}")
    elif obj["identity"]:
        parts.append(_identity(obj))
    elif default and born_with(default.id, ctx):
        parts.append(f"DEFAULT {default['expression']}")
    if obj["not_null"] and obj.get("not_null_valid", True):
        parts.append(_not_null(obj, ctx))
    return " ".join(parts)


def _not_null(obj: Object, ctx: Context) -> str:
    named = obj.get("not_null_name") if ctx.before.major >= 18 else None
    inherit = " NO INHERIT" if obj.get("not_null_no_inherit") and ctx.before.major >= 18 else ""
    return (render("CONSTRAINT {} NOT NULL", ident(named)) if named else "NOT NULL") + inherit


def _identity(obj: Object) -> str:
    schema, sequence, start, increment, low, high, cache, cycle, _ = obj["identity_sequence"]
    always = "ALWAYS" if obj["identity"] == "a" else "BY DEFAULT"
    name = render("SEQUENCE NAME {} ", ident(schema, sequence))
    cycles = "CYCLE" if cycle == "true" else "NO CYCLE"
    return (
        f"GENERATED {always} AS IDENTITY ({name}START WITH {start} INCREMENT BY {increment} "
        f"MINVALUE {low} MAXVALUE {high} CACHE {cache} {cycles})"
    )


class ColumnKind(Kind):
    """``ALTER TABLE … ADD COLUMN`` and all that can be altered of a column."""

    name = "column"
    stage = Stage.COLUMNS
    label = "columns"
    source = "column"
    classid = 1259

    def absorbed(self, change: Change, ctx: Context) -> ObjectId | None:
        table = ctx.changes.get(table_of(change.id))
        if table and change.action is table.action and change.action in (Action.CREATE, Action.DROP):
            return table.id
        obj = change.after or change.before
        if obj and obj.get("inherited"):
            return _inherited_from(change, ctx)
        return None

    def create(self, obj: Object, ctx: Context) -> Work:
        table = table_of(obj.id)
        done = Work()
        if not obj.get("inherited"):
            default = ctx.after.get(ObjectId("default", obj.id.schema, obj.id.name, obj.id.parent, "column"))
            text = render("ALTER TABLE {} ADD COLUMN {}", relation(obj.id), raw(clause(obj, ctx)))
            rewrites = bool(obj["identity"] or obj["generated"] == "s") or bool(
                default and casts.volatile(default["expression"])
            )
            done = Work((Statement(text, ACCESS_EXCLUSIVE, ctx.shared(table), rewrites=rewrites),))
            done = done.then(_mandatory(obj, default, ctx))
        return done.then(self._details(obj, ctx))

    def _details(self, obj: Object, ctx: Context) -> Work:
        """What ADD COLUMN and CREATE TABLE have no words for."""
        done = Work()
        if obj["storage"]:
            done = done.then(_alter(obj, ctx, f"SET STORAGE {_STORAGE[obj['storage']]}"))
        if obj["statistics"] is not None:
            done = done.then(_alter(obj, ctx, f"SET STATISTICS {obj['statistics']}", SHARE_UPDATE_EXCLUSIVE))
        if obj["options"]:
            done = done.then(_alter(obj, ctx, f"SET ({settings(obj['options'])})", SHARE_UPDATE_EXCLUSIVE))
        return done

    def drop(self, obj: Object, ctx: Context) -> Work:
        if obj.get("inherited"):
            return Work()
        text = render("ALTER TABLE {} DROP COLUMN {}", relation(obj.id), ident(obj.id.name))
        return Work((Statement(text, ACCESS_EXCLUSIVE, ctx.shared(table_of(obj.id))),))

    def alter(self, before: Object, after: Object, ctx: Context) -> Work:
        if before["generated"] != after["generated"] or (
            after["generated"] and before["expression"] != after["expression"] and ctx.before.major < 17
        ):
            if before["generated"] == "s" and not after["generated"]:
                pass
            else:
                return Work(replace=True)
        done = Work()
        if before["type"] != after["type"] or before["collation"] != after["collation"]:
            done = done.then(_retype(before, after, ctx))
        if before["generated"] and not after["generated"]:
            done = done.then(_alter(after, ctx, "DROP EXPRESSION"))
        elif after["generated"] and before["expression"] != after["expression"]:
            done = done.then(_alter(after, ctx, f"SET EXPRESSION AS ({after['expression']})", rewrites=True))
        if (before["identity"], before["identity_sequence"]) != (after["identity"], after["identity_sequence"]):
            done = done.then(_reidentify(before, after, ctx))
        if before["not_null"] != after["not_null"]:
            done = done.then(_require(after, ctx) if after["not_null"] else _alter(after, ctx, "DROP NOT NULL"))
        return done.then(self._redetail(before, after, ctx))

    def _redetail(self, before: Object, after: Object, ctx: Context) -> Work:
        done = Work()
        if before["storage"] != after["storage"]:
            done = done.then(_alter(after, ctx, f"SET STORAGE {_STORAGE.get(after['storage'], 'DEFAULT')}"))
        if before["compression"] != after["compression"]:
            method = _COMPRESSION.get(after["compression"], "default")
            done = done.then(_alter(after, ctx, f"SET COMPRESSION {method}"))
        if before["statistics"] != after["statistics"]:
            target = -1 if after["statistics"] is None else after["statistics"]
            done = done.then(_alter(after, ctx, f"SET STATISTICS {target}", SHARE_UPDATE_EXCLUSIVE))
        if before["options"] != after["options"]:
            if gone := reset(before["options"], after["options"]):
                done = done.then(_alter(after, ctx, f"RESET ({gone})", SHARE_UPDATE_EXCLUSIVE))
            if after["options"]:
                done = done.then(_alter(after, ctx, f"SET ({settings(after['options'])})", SHARE_UPDATE_EXCLUSIVE))
        return done


def _inherited_from(change: Change, ctx: Context) -> ObjectId | None:
    """The parent table's column whose change reaches this one by itself."""
    table = ctx.after.get(table_of(change.id)) or ctx.before.get(table_of(change.id))
    for other in ctx.changes.values():
        if other.id.kind == "column" and other.id.name == change.id.name and table:
            parent = render("{}", relation(other.id)).replace('"', "")
            if parent in [p.replace('"', "") for p in table["parents"]]:
                return other.id
    return None


def _alter(
    obj: Object, ctx: Context, action: str, lock: str = ACCESS_EXCLUSIVE, *, rewrites: bool = False, phase: int = 0
) -> Work:
    text = render("ALTER TABLE {} ALTER COLUMN {} {}", relation(obj.id), ident(obj.id.name), raw(action))
    table = ctx.shared(table_of(obj.id))
    return Work((Statement(text, lock, table, rewrites=rewrites, phase=phase),))


def _mandatory(obj: Object, default: Object | None, ctx: Context) -> Work:
    """A new column that must not be NULL needs a value for the rows that stand."""
    if not obj["not_null"] or default or obj["identity"] or obj["generated"] or ctx.private(table_of(obj.id)):
        return Work()
    guard = Guard(
        render("SELECT count(*) FROM {}", relation(obj.id)),
        f"{obj.id.path} is mandatory and has no default, but {obj.id.schema}.{obj.id.parent} holds {{count}} rows",
        f"give the column a default in the source, or fill it: add the column as nullable, then set {obj.id.path}",
    )
    return Work(guards=(guard,))


def _retype(before: Object, after: Object, ctx: Context) -> Work:
    cast = casts.between(before["type"], after["type"], before, after, ctx)
    collation = f" COLLATE {after['collation']}" if after["collation"] else ""
    using = f" USING {render(cast.using, ident(after.id.name))}" if cast.using else ""
    done = _alter(after, ctx, f"TYPE {after['type']}{collation}{using}", rewrites=cast.rewrites)
    guards = tuple(
        Guard(
            render(cast.lost, ident(after.id.name), table=relation(after.id)),
            f"{{count}} values of {after.id.path} do not fit {after['type']}",
            f"mend them first: {render(cast.lost, ident(after.id.name), table=relation(after.id))}",
        )
        for _ in [0]
        if cast.lost
    )
    rebuild = frozenset(_obstacles(after.id, ctx))
    hazards = (f"rewrites {after.id.schema}.{after.id.parent} under a lock",) if cast.rewrites else ()
    return done.then(Work(rebuild=rebuild, guards=guards, hazards=hazards))


def _obstacles(id: ObjectId, ctx: Context) -> set[ObjectId]:
    found = set()
    for dependent in ctx.dependents(id):
        if dependent.kind in _IN_THE_WAY:
            found.add(dependent)
        elif dependent.kind == "column" and dependent != id:
            column = ctx.before.get(dependent)
            if column and column["generated"]:
                found.add(dependent)
        elif dependent.kind in ("constraint", "index", "statistics") and dependent in ctx.changes:
            found.add(dependent)
    return found


def _reidentify(before: Object, after: Object, ctx: Context) -> Work:
    if not before["identity"]:
        return _identify(after, ctx)
    if not after["identity"]:
        return _alter(after, ctx, "DROP IDENTITY")
    done = Work()
    if before["identity"] != after["identity"]:
        always = "ALWAYS" if after["identity"] == "a" else "BY DEFAULT"
        done = _alter(after, ctx, f"SET GENERATED {always}")
    _, _, start, increment, low, high, cache, cycle, _ = after["identity_sequence"]
    if before["identity_sequence"][2:8] != after["identity_sequence"][2:8]:
        cycles = "CYCLE" if cycle == "true" else "NO CYCLE"
        done = done.then(
            _alter(
                after,
                ctx,
                f"SET INCREMENT BY {increment} SET MINVALUE {low} SET MAXVALUE {high} "
                f"SET START WITH {start} SET CACHE {cache} SET {cycles}",
            )
        )
    return done


def _identify(after: Object, ctx: Context) -> Work:
    """Identity on a column that stands: its sequence starts behind the values that stand."""
    schema, sequence = after["identity_sequence"][:2]
    up = render(
        "SELECT pg_catalog.setval({}, (SELECT greatest(max({}), 0) + 1 FROM {}), false)",
        literal(render("{}", ident(schema, sequence))),
        ident(after.id.name),
        relation(after.id),
    )
    table = ctx.shared(table_of(after.id))
    return _alter(after, ctx, f"ADD {_identity(after)}").then(Work((Statement(up, "ACCESS SHARE", table),)))


def _require(obj: Object, ctx: Context) -> Work:
    """NOT NULL, refused while NULLs stand; on a table in use through a validated constraint."""
    table = ctx.shared(table_of(obj.id))
    if table is None:
        return _alter(obj, ctx, "SET NOT NULL")
    guard = Guard(
        render("SELECT count(*) FROM {} WHERE {} IS NULL", relation(obj.id), ident(obj.id.name)),
        f"{obj.id.path} is to be NOT NULL, but {{count}} rows hold NULL",
        f"fill them first: UPDATE {obj.id.schema}.{obj.id.parent} SET {obj.id.name} = … WHERE {obj.id.name} IS NULL",
    )
    if ctx.before.major >= 18:
        return _require_natively(obj, table, ctx).then(Work(guards=(guard,)))
    check = ident(f"weedgo_{obj.id.parent}_{obj.id.name}"[:55] + "_notnull")
    add = render(
        "ALTER TABLE {} ADD CONSTRAINT {} CHECK ({} IS NOT NULL) NOT VALID", relation(obj.id), check, ident(obj.id.name)
    )
    validate = render("ALTER TABLE {} VALIDATE CONSTRAINT {}", relation(obj.id), check)
    away = render("ALTER TABLE {} DROP CONSTRAINT {}", relation(obj.id), check)
    return Work(
        (
            Statement(add, ACCESS_EXCLUSIVE, table),
            Statement(validate, SHARE_UPDATE_EXCLUSIVE, table, scans=True, phase=1),
            *_alter(obj, ctx, "SET NOT NULL", phase=2).statements,
            Statement(away, ACCESS_EXCLUSIVE, table, phase=2),
        ),
        guards=(guard,),
    )


def _require_natively(obj: Object, table: ObjectId, ctx: Context) -> Work:
    named = obj.get("not_null_name") or f"{obj.id.parent}_{obj.id.name}_not_null"[:63]
    add = render(
        "ALTER TABLE {} ADD CONSTRAINT {} NOT NULL {} NOT VALID", relation(obj.id), ident(named), ident(obj.id.name)
    )
    if not obj.get("not_null_valid", True):
        return Work((Statement(add, ACCESS_EXCLUSIVE, table),))
    validate = render("ALTER TABLE {} VALIDATE CONSTRAINT {}", relation(obj.id), ident(named))
    return Work(
        (
            Statement(add, ACCESS_EXCLUSIVE, table),
            Statement(validate, SHARE_UPDATE_EXCLUSIVE, table, scans=True, phase=1),
        )
    )
