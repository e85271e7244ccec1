"""Publications, and the tables and schemas that they send."""

from __future__ import annotations

from collections.abc import Iterator

from weedgo.staged.kinds.base import (
    SHARE_UPDATE_EXCLUSIVE,
    Address,
    Context,
    Kind,
    Row,
    comma,
    ident,
    literal,
    name,
    raw,
    relation,
    render,
    work,
)
from weedgo.staged.model import Action, Change, Object, ObjectId, Stage, Statement, Work

_GENERATED_SINCE = 18


class PublicationKind(Kind):
    """``CREATE PUBLICATION``; its members are objects of their own."""

    name = "publication"
    stage = Stage.ACCESS
    label = "publications"
    source = "publication"
    classid = 6104

    def create(self, obj: Object, ctx: Context) -> Work:
        whole = " FOR ALL TABLES" if obj["all_tables"] else ""
        text = render("CREATE PUBLICATION {}{} WITH ({})", name(obj.id), whole, _options(obj, ctx))
        return work(text)

    def alter(self, before: Object, after: Object, ctx: Context) -> Work:
        if before["all_tables"] != after["all_tables"]:
            return Work(replace=True)
        text = render("ALTER PUBLICATION {} SET ({})", name(after.id), _options(after, ctx))
        return work(text, needs=_plain_first(before, after, ctx))

    def drop(self, obj: Object, ctx: Context) -> Work:
        return work(render("DROP PUBLICATION {}", name(obj.id)))


def _plain_first(before: Object, after: Object, ctx: Context) -> frozenset[ObjectId]:
    """Tables that are no longer partitioned before a publication sends them as they are."""
    if not before["via_root"] or after["via_root"]:
        return frozenset()
    sent = (i for i in ctx.dependents(before.id) if i.kind == "publication_table")
    tables = (ObjectId("table", i.schema, i.parent) for i in sent)
    return frozenset(t for t in tables if t in ctx.changes)


def _options(obj: Object, ctx: Context) -> str:
    options = [
        render("publish = {}", literal(obj["publish"])),
        f"publish_via_partition_root = {'true' if obj['via_root'] else 'false'}",
    ]
    generated = obj.attrs.get("generated_columns", "none")
    if generated != "none" or ctx.target.major >= _GENERATED_SINCE:
        options.append(f"publish_generated_columns = {generated}")
    return comma(options)


class _Member(Kind):
    """What a publication sends: it goes with the publication."""

    stage = Stage.ACCESS
    label = "published"

    def read(self, row: Row) -> Iterator[tuple[Object, Address | None]]:
        for obj, address in super().read(row):
            needs = (ObjectId("publication", "", obj.id.name), *self.needs(obj.id))
            yield Object(obj.id, obj.attrs, {**obj.info, "needs": needs}), address

    def needs(self, id: ObjectId) -> tuple[ObjectId, ...]:
        """What it needs beside the publication."""
        return ()

    def absorbed(self, change: Change, ctx: Context) -> ObjectId | None:
        of = ObjectId("publication", "", change.id.name)
        leaving = ctx.changes.get(of)
        if change.action is Action.DROP and leaving and leaving.action is Action.DROP:
            return of
        return None


class PublicationTableKind(_Member):
    """``ALTER PUBLICATION … ADD TABLE``, with its columns and its row filter."""

    name = "publication_table"
    source = "publication_table"
    classid = 6106

    def create(self, obj: Object, ctx: Context) -> Work:
        columns = ""
        if obj["columns"]:
            columns = f" ({comma([ident(c).as_string(None) for c in obj['columns']])})"
        where = render(" WHERE ({})", raw(obj["where"])) if obj["where"] else ""
        text = render(
            "ALTER PUBLICATION {} ADD TABLE ONLY {}{}{}",
            ident(obj.id.name),
            relation(obj.id),
            raw(columns),
            raw(where),
        )
        return _on(obj, ctx, text)

    def drop(self, obj: Object, ctx: Context) -> Work:
        text = render(
            "ALTER PUBLICATION {} DROP TABLE ONLY {}", ident(obj.id.name), relation(obj.id)
        )
        return _on(obj, ctx, text)


def _on(obj: Object, ctx: Context, text: str) -> Work:
    table = ctx.shared(ObjectId("table", obj.id.schema, obj.id.parent))
    return Work((Statement(text, SHARE_UPDATE_EXCLUSIVE, table),))


class PublicationSchemaKind(_Member):
    """``ALTER PUBLICATION … ADD TABLES IN SCHEMA``."""

    name = "publication_schema"
    source = "publication_schema"
    classid = 6237

    def needs(self, id: ObjectId) -> tuple[ObjectId, ...]:
        return (ObjectId("schema", "", id.parent),)

    def create(self, obj: Object, ctx: Context) -> Work:
        return self._change(obj, "ADD")

    def drop(self, obj: Object, ctx: Context) -> Work:
        return self._change(obj, "DROP")

    def _change(self, obj: Object, verb: str) -> Work:
        text = "ALTER PUBLICATION {} {} TABLES IN SCHEMA {}"
        return work(render(text, ident(obj.id.name), verb, ident(obj.id.parent)))
