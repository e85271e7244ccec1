"""Tables: plain and partitioned, with the columns that they are born with."""

from __future__ import annotations

from collections.abc import Iterator

from weedgo.staged.kinds.base import (
    ACCESS_EXCLUSIVE,
    SHARE_UPDATE_EXCLUSIVE,
    Address,
    Context,
    Kind,
    Row,
    comma,
    ident,
    name,
    render,
    work,
)
from weedgo.staged.kinds.columns import clause
from weedgo.staged.kinds.options import reset, settings
from weedgo.staged.model import Object, ObjectId, Stage, Statement, Work


class TableKind(Kind):
    """``CREATE TABLE``; constraints, indexes and triggers are objects of their own."""

    name = "table"
    stage = Stage.TABLES
    label = "tables"
    source = "table"
    classid = 1259

    def read(self, row: Row) -> Iterator[tuple[Object, Address | None]]:
        yield from super().read(row)
        id = self.identify(row)
        if row["_row_security"] or row["_force_row_security"]:
            fact = ObjectId("row_security", id.schema, id.name, "", "table")
            attrs = {"enabled": row["_row_security"], "forced": row["_force_row_security"]}
            yield Object(fact, attrs), None
        if row["_replica_identity"] != "d":
            fact = ObjectId("replica_identity", id.schema, id.name, "", "table")
            attrs = {"mode": row["_replica_identity"], "index": row["_replica_index"]}
            yield Object(fact, attrs, {"needs": _index(id, row["_replica_index"])}), None
        if row["_cluster_index"]:
            fact = ObjectId("cluster", id.schema, id.name, "", "table")
            attrs = {"index": row["_cluster_index"]}
            yield Object(fact, attrs, {"needs": _index(id, row["_cluster_index"])}), None

    def create(self, obj: Object, ctx: Context) -> Work:
        parts = ["CREATE", "UNLOGGED" if obj["persistence"] == "u" else "", "TABLE", "{}"]
        text = " ".join(p for p in parts if p)
        columns = ctx.of("column", obj.id)
        if obj["partition_bound"]:
            text = render(text + " PARTITION OF {} {}", name(obj.id), obj["parents"][0], obj["partition_bound"])
        else:
            own = [c for c in columns if not c.get("inherited")]
            inherits = f" INHERITS ({comma(obj['parents'])})" if obj["parents"] else ""
            lines = ",\n    ".join(clause(c, ctx) for c in own)
            body = f"(\n    {lines}\n)" if own else "()"
            text = render(text + " {}{}", name(obj.id), body, inherits)
        if obj["partition_key"]:
            text += f" PARTITION BY {obj['partition_key']}"
        if obj["access_method"] not in (None, "heap") and not obj["partition_key"]:
            text += f" USING {obj['access_method']}"
        if options := obj["options"] + obj["toast_options"]:
            text += f" WITH ({settings(options)})"
        return Work((Statement(text),))

    def alter(self, before: Object, after: Object, ctx: Context) -> Work:
        if before["partition_key"] != after["partition_key"]:
            return Work(refusal="the table's partitioning differs: it has to be rebuilt with its rows")
        done = Work()
        if before["partition_bound"] != after["partition_bound"] or before["parents"] != after["parents"]:
            done = done.then(_inheritance(before, after))
        if before["persistence"] != after["persistence"]:
            logged = "UNLOGGED" if after["persistence"] == "u" else "LOGGED"
            text = render("ALTER TABLE {} SET {}", name(after.id), logged)
            done = done.then(Work((Statement(text, ACCESS_EXCLUSIVE, after.id, rewrites=True),)))
        for key in ("options", "toast_options"):
            if before[key] != after[key]:
                done = done.then(_options(after, before[key], after[key]))
        if before["access_method"] != after["access_method"] and after["access_method"]:
            text = render("ALTER TABLE {} SET ACCESS METHOD {}", name(after.id), after["access_method"])
            done = done.then(Work((Statement(text, ACCESS_EXCLUSIVE, after.id, rewrites=True),)))
        return done

    def drop(self, obj: Object, ctx: Context) -> Work:
        return Work((Statement(render("DROP TABLE {}", name(obj.id)), ACCESS_EXCLUSIVE, ctx.shared(obj.id)),))


def _index(id: ObjectId, index: str | None) -> tuple[ObjectId, ...]:
    if not index:
        return ()
    return (ObjectId("index", id.schema, index), ObjectId("constraint", id.schema, index, id.name))


def _options(after: Object, old: list[str], new: list[str]) -> Work:
    statements = []
    if gone := reset(old, new):
        statements.append(render("ALTER TABLE {} RESET ({})", name(after.id), gone))
    if new:
        statements.append(render("ALTER TABLE {} SET ({})", name(after.id), settings(new)))
    return Work(tuple(Statement(s, SHARE_UPDATE_EXCLUSIVE, after.id) for s in statements))


def _inheritance(before: Object, after: Object) -> Work:
    """Detach and attach keep the rows; a new bound is both, in one transaction."""
    statements = []
    gone = [p for p in before["parents"] if before["partition_bound"] or p not in after["parents"]]
    come = [p for p in after["parents"] if after["partition_bound"] or p not in before["parents"]]
    for parent in gone:
        word = "DETACH PARTITION" if before["partition_bound"] else None
        if word:
            statements.append(render("ALTER TABLE {} DETACH PARTITION {}", parent, name(after.id)))
        else:
            statements.append(render("ALTER TABLE {} NO INHERIT {}", name(after.id), parent))
    for parent in come:
        if bound := after["partition_bound"]:
            statements.append(render("ALTER TABLE {} ATTACH PARTITION {} {}", parent, name(after.id), bound))
        else:
            statements.append(render("ALTER TABLE {} INHERIT {}", name(after.id), parent))
    return Work(tuple(Statement(s, ACCESS_EXCLUSIVE, after.id, scans=True) for s in statements))


class RowSecurityKind(Kind):
    """Whether policies bind on a table, and whether they bind its owner."""

    name = "row_security"
    stage = Stage.ACCESS
    label = "row security"

    def create(self, obj: Object, ctx: Context) -> Work:
        words = ["ENABLE" if obj["enabled"] else "DISABLE", "FORCE" if obj["forced"] else "NO FORCE"]
        return self._set(obj, ctx, words)

    def alter(self, before: Object, after: Object, ctx: Context) -> Work:
        return self.create(after, ctx)

    def drop(self, obj: Object, ctx: Context) -> Work:
        return self._set(obj, ctx, ["DISABLE", "NO FORCE"])

    def _set(self, obj: Object, ctx: Context, words: list[str]) -> Work:
        actions = comma([f"{w} ROW LEVEL SECURITY" for w in words])
        text = render("ALTER TABLE {} {}", name(obj.id), actions)
        return Work((Statement(text, ACCESS_EXCLUSIVE, ctx.shared(obj.id.of)),))


class ReplicaIdentityKind(Kind):
    """What logical replication sends of an old row."""

    name = "replica_identity"
    stage = Stage.ACCESS
    label = "replica identities"

    def create(self, obj: Object, ctx: Context) -> Work:
        modes = {"f": "FULL", "n": "NOTHING", "d": "DEFAULT"}
        mode = modes.get(obj["mode"]) or render("USING INDEX {}", ident(obj["index"]))
        text = render("ALTER TABLE {} REPLICA IDENTITY {}", name(obj.id), mode)
        return Work((Statement(text, ACCESS_EXCLUSIVE, ctx.shared(obj.id.of)),))

    def alter(self, before: Object, after: Object, ctx: Context) -> Work:
        return self.create(after, ctx)

    def drop(self, obj: Object, ctx: Context) -> Work:
        return work(render("ALTER TABLE {} REPLICA IDENTITY DEFAULT", name(obj.id)))


class ClusterKind(Kind):
    """Which index CLUSTER goes by."""

    name = "cluster"
    stage = Stage.ACCESS
    label = "cluster marks"

    def create(self, obj: Object, ctx: Context) -> Work:
        text = render("ALTER TABLE {} CLUSTER ON {}", name(obj.id), ident(obj["index"]))
        return Work((Statement(text, SHARE_UPDATE_EXCLUSIVE, ctx.shared(obj.id.of)),))

    def alter(self, before: Object, after: Object, ctx: Context) -> Work:
        return self.create(after, ctx)

    def drop(self, obj: Object, ctx: Context) -> Work:
        return work(render("ALTER TABLE {} SET WITHOUT CLUSTER", name(obj.id)))
