"""Constraints: primary key, unique, check, exclusion, foreign key."""

from __future__ import annotations

import re

from weedgo.staged.kinds.base import (
    ACCESS_EXCLUSIVE,
    SHARE_ROW_EXCLUSIVE,
    SHARE_UPDATE_EXCLUSIVE,
    Context,
    Kind,
    ident,
    raw,
    relation,
    render,
)
from weedgo.staged.kinds.options import settings
from weedgo.staged.model import Guard, Object, ObjectId, Stage, Statement, Work

_KEYS = ("p", "u")

# `= ANY ((ARRAY['a'::character varying])::text[])` is how PostgreSQL prints what was written as
# `varchar_column IN ('a')`; read back, the outer cast moves inside and prints otherwise. Without it,
# the text reads back to what was printed.
_ARRAY_CAST = re.compile(r"\(\((ARRAY\[(?:'(?:[^']|'')*'::character varying(?:, )?)+\])\)::text\[\]\)")


def stable(expression: str) -> str:
    """An expression as it must be written to be printed again as it stands."""
    return _ARRAY_CAST.sub(r"(\1)", expression)


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

    def create(self, obj: Object, ctx: Context) -> Work:
        if ctx.private(table_of(obj.id)):
            return self._attach(obj, ctx, Work((Statement(self._add(obj) + self._suffix(obj)),)))
        if obj["type"] in _KEYS and obj.get("relkind") == "r" and not ctx.together:
            return self._through_index(obj, ctx)
        if obj["type"] in ("c", "f") and obj.get("enforced", True):
            return self._not_valid_first(obj, ctx)
        lock = Statement(self._add(obj) + self._suffix(obj), ACCESS_EXCLUSIVE, table_of(obj.id), scans=True)
        return self._attach(obj, ctx, Work((lock,)))

    def _add(self, obj: Object) -> str:
        only = "ONLY " if obj["type"] in _KEYS and obj.get("relkind") == "p" else ""
        definition = stable(obj["definition"])
        if obj["index_options"]:
            definition = _with_options(definition, settings(obj["index_options"]))
        text = "ALTER TABLE {}{} ADD CONSTRAINT {} {}"
        return render(text, only, relation(obj.id), ident(obj.id.name), raw(definition))

    def _suffix(self, obj: Object) -> str:
        if not obj.get("enforced", True):
            return " NOT ENFORCED"
        return "" if obj["validated"] else " NOT VALID"

    def _attach(self, obj: Object, ctx: Context, done: Work) -> Work:
        if not obj["parent_constraint"] or obj["type"] not in _KEYS:
            return done
        table = ctx.after.get(table_of(obj.id))
        schema = table["parents"][0].split(".")[0] if table and table["parents"] else ""
        text = render(
            "ALTER INDEX {}.{} ATTACH PARTITION {}",
            schema,
            ident(obj["parent_constraint"]),
            ident(obj.id.schema, obj.id.name),
        )
        return done.then(Work((Statement(text, ACCESS_EXCLUSIVE, ctx.shared(table_of(obj.id))),)))

    def _through_index(self, obj: Object, ctx: Context) -> Work:
        """A unique index built beside the traffic, then taken over; one that stands is taken as it is."""
        table = table_of(obj.id)
        standing = ctx.before.get(ObjectId("index", obj.id.schema, obj.id.name))
        fits = (
            standing is not None
            and standing["table"] == obj.id.parent
            and standing["definition"] == obj.get("index_definition")
            and standing["unique"]
            and standing["valid"]
        )
        statements: list[Statement] = []
        if standing and not fits:
            away = render("DROP INDEX CONCURRENTLY {}", ident(obj.id.schema, obj.id.name))
            statements.append(Statement(away, SHARE_UPDATE_EXCLUSIVE, table, transactional=False))
        if not fits:
            build = render(
                "CREATE UNIQUE INDEX CONCURRENTLY {} ON {}", ident(obj.id.name), raw(obj.get("index_definition"))
            )
            statements.append(
                Statement(build, SHARE_UPDATE_EXCLUSIVE, table, scans=True, transactional=False)
            )
        word = "PRIMARY KEY" if obj["type"] == "p" else "UNIQUE"
        deferral = " DEFERRABLE" if obj.get("deferrable") else ""
        deferral += " INITIALLY DEFERRED" if obj.get("deferred") else ""
        add = render(
            "ALTER TABLE {} ADD CONSTRAINT {} {} USING INDEX {}{}",
            relation(obj.id),
            ident(obj.id.name),
            word,
            ident(obj.id.name),
            deferral,
        )
        statements.append(Statement(add, ACCESS_EXCLUSIVE, table, phase=1 if statements else 0))
        guards = () if fits or obj["type"] != "u" else (_duplicates(obj),)
        return Work(tuple(statements), guards=guards)

    def _not_valid_first(self, obj: Object, ctx: Context) -> Work:
        table = table_of(obj.id)
        lock = SHARE_ROW_EXCLUSIVE if obj["type"] == "f" else ACCESS_EXCLUSIVE
        statements = [Statement(self._add(obj) + " NOT VALID", lock, table)]
        if obj["type"] == "f" and obj.get("relkind") == "p" and ctx.before.major < 18:
            statements = [Statement(self._add(obj), lock, table, scans=True)]
        elif obj["validated"]:
            statements.append(_validate(obj, phase=1))
        if obj["type"] == "f":
            other = ObjectId("table", obj.get("references_schema"), obj.get("references_table"))
            if other != table and ctx.shared(other):
                statements[0:0] = [
                    Statement(render("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE", ident(other.schema, other.name)), lock, other)
                ]
        return Work(tuple(statements))

    def alter(self, before: Object, after: Object, ctx: Context) -> Work:
        differing = {k for k in before.attrs.keys() | after.attrs.keys() if before.get(k) != after.get(k)}
        if differing == {"validated"} and after["validated"]:
            return Work((_validate(after),))
        if differing == {"parent_constraint"} and after["parent_constraint"]:
            return self._attach(after, ctx, Work())
        return Work(replace=True)

    def drop(self, obj: Object, ctx: Context) -> Work:
        text = render("ALTER TABLE {} DROP CONSTRAINT {}", relation(obj.id), ident(obj.id.name))
        return Work((Statement(text, ACCESS_EXCLUSIVE, ctx.shared(table_of(obj.id))),))


def _with_options(definition: str, options: str) -> str:
    """A key's definition with storage options, which stand before DEFERRABLE and WHERE."""
    found = re.search(r" (DEFERRABLE|INITIALLY|WHERE) ", definition + " ")
    at = found.start() if found else len(definition)
    return f"{definition[:at]} WITH ({options}){definition[at:]}"


def _validate(obj: Object, phase: int = 0) -> Statement:
    text = render("ALTER TABLE {} VALIDATE CONSTRAINT {}", relation(obj.id), ident(obj.id.name))
    return Statement(text, SHARE_UPDATE_EXCLUSIVE, table_of(obj.id), scans=True, phase=phase)


def _duplicates(obj: Object) -> Guard:
    columns = ", ".join(ident(c).as_string(None) for c in obj.get("columns"))
    nulls = "" if "NULLS NOT DISTINCT" in obj["definition"] else " WHERE ROW({}) IS NOT NULL"
    query = render(
        "SELECT count(*) FROM (SELECT 1 FROM {}" + nulls.replace("{}", "{columns}") + " GROUP BY {columns} HAVING count(*) > 1) d",
        relation(obj.id),
        columns=columns,
    )
    return Guard(
        query,
        f"{{count}} values of ({', '.join(obj.get('columns'))}) stand more than once in {obj.id.schema}.{obj.id.parent}",
        f"remove the duplicates: SELECT {columns}, count(*) FROM {obj.id.schema}.{obj.id.parent} "
        f"GROUP BY {columns} HAVING count(*) > 1",
    )
