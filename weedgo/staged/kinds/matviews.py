"""Materialized views; their indexes are objects of their own."""

from __future__ import annotations

from collections.abc import Iterator

from weedgo.staged.kinds import view_rows
from weedgo.staged.kinds.base import (
    ACCESS_EXCLUSIVE,
    SHARE_UPDATE_EXCLUSIVE,
    Address,
    Context,
    Kind,
    Row,
    ident,
    name,
    raw,
    render,
)
from weedgo.staged.kinds.options import reset, settings
from weedgo.staged.kinds.unnamed import unnamed
from weedgo.staged.model import Object, ObjectId, Stage, Statement, Work

_STORAGE = {"p": "PLAIN", "e": "EXTERNAL", "x": "EXTENDED", "m": "MAIN"}
_COMPRESSION = {"p": "pglz", "l": "lz4"}


class MaterializedViewKind(Kind):
    """``CREATE MATERIALIZED VIEW``: another query makes another view."""

    name = "materialized_view"
    stage = Stage.VIEWS
    label = "materialized views"
    source = "materialized_view"
    classid = 1259

    def read(self, row: Row) -> Iterator[tuple[Object, Address | None]]:
        yield from super().read(row)
        if index := row["_cluster_index"]:
            id = self.identify(row)
            fact = ObjectId("cluster", id.schema, id.name, "", self.name)
            needs = (ObjectId("index", id.schema, index),)
            yield Object(fact, {"index": index}, {"needs": needs}), None

    def create(self, obj: Object, ctx: Context) -> Work:
        using = render(" USING {}", ident(obj["access_method"])) if obj["access_method"] else ""
        options = obj["options"] + obj["toast_options"]
        storage = f" WITH ({settings(options)})" if options else ""
        space = render(" TABLESPACE {}", ident(obj["tablespace"])) if obj["tablespace"] else ""
        standing = ctx.before.get(obj.id)
        populated = (standing or obj).get("populated")
        text = render(
            "CREATE MATERIALIZED VIEW {}{} AS\n{}\nWITH {}",
            name(obj.id),
            using + storage + space,
            raw(unnamed(obj["definition"])),
            "DATA" if populated else "NO DATA",
        )
        done = Work((Statement(text),))
        for setting in obj["columns"]:
            done = done.then(self._column(obj, setting, ctx))
        return done.then(view_rows.rejoined(obj.id, ctx))

    def _column(self, obj: Object, setting: list[str | None], ctx: Context) -> Work:
        """What a column keeps that its query does not say."""
        column, statistics, storage, compression, default_storage = setting
        actions = []
        if statistics:
            actions.append(f"SET STATISTICS {statistics}")
        if storage != default_storage and storage:
            actions.append(f"SET STORAGE {_STORAGE[storage]}")
        if compression:
            actions.append(f"SET COMPRESSION {_COMPRESSION[compression]}")
        alter = "ALTER MATERIALIZED VIEW {} ALTER COLUMN {} {}"
        texts = (render(alter, name(obj.id), ident(column or ""), raw(a)) for a in actions)
        return Work(tuple(Statement(t, ACCESS_EXCLUSIVE, ctx.shared(obj.id)) for t in texts))

    def alter(self, before: Object, after: Object, ctx: Context) -> Work:
        if any(before[k] != after[k] for k in ("definition", "access_method", "columns")):
            return Work(replace=True)
        table = ctx.shared(after.id)
        statements = []
        for key in ("options", "toast_options"):
            if gone := reset(before[key], after[key]):
                statements.append(
                    render("ALTER MATERIALIZED VIEW {} RESET ({})", name(after.id), gone)
                )
            if after[key] and before[key] != after[key]:
                text = render(
                    "ALTER MATERIALIZED VIEW {} SET ({})", name(after.id), settings(after[key])
                )
                statements.append(text)
        done = Work(tuple(Statement(s, SHARE_UPDATE_EXCLUSIVE, table) for s in statements))
        if before["tablespace"] != after["tablespace"]:
            space = ident(after["tablespace"] or "pg_default")
            text = render("ALTER MATERIALIZED VIEW {} SET TABLESPACE {}", name(after.id), space)
            done = done.then(Work((Statement(text, ACCESS_EXCLUSIVE, table, rewrites=True),)))
        return done

    def drop(self, obj: Object, ctx: Context) -> Work:
        text = render("DROP MATERIALIZED VIEW {}", name(obj.id))
        gone = Work((Statement(text, ACCESS_EXCLUSIVE, ctx.shared(obj.id)),))
        return view_rows.parted(obj.id, ctx).then(gone)

    def hanging(self, id: ObjectId, ctx: Context) -> frozenset[ObjectId]:
        return view_rows.hanging(id, ctx)
