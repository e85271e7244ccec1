"""Tables: plain, partitioned, inheriting and typed, with the columns that they are born with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from weedgo.staged.kinds import exchange, inheritance, partitions, placing
from weedgo.staged.kinds.base import (
    ACCESS_EXCLUSIVE,
    SHARE_UPDATE_EXCLUSIVE,
    Address,
    Context,
    Kind,
    Row,
    attachment,
    ident,
    name,
    render,
)
from weedgo.staged.kinds.born import table
from weedgo.staged.kinds.converting import around_rows, row_holders
from weedgo.staged.kinds.options import reset, settings
from weedgo.staged.model import Change, Object, ObjectId, Stage, Statement, Work


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
        if row["_bound"]:
            fact = attachment(id)
            parent = row["_ancestors"][0]
            noted = {k: row["_" + k] for k in ("constraint", "constraint_above", "constraints")}
            noted["needs"] = (ObjectId("table", *parent),)
            yield Object(fact, {"of": parent, "bound": row["_bound"]}, noted), None
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

    def absorbed(self, change: Change, ctx: Context) -> ObjectId | None:
        root = exchange.carrier(change.id, ctx)
        return root if root != change.id else None

    def hanging(self, id: ObjectId, ctx: Context) -> frozenset[ObjectId]:
        # Columns that hold its rows stay, and are texts meanwhile.
        rows = {holder.id for holder in row_holders(id, ctx)}
        return (ctx.dependents(id) - rows) | around_rows(id, ctx)

    def keeps(self, obj: Object, ctx: Context) -> bool:
        return exchange.root(obj.id, ctx) is not None

    def create(self, obj: Object, ctx: Context) -> Work:
        if (old := ctx.moves.get(obj.id)) is not None:
            text = render("ALTER TABLE {} SET SCHEMA {}", name(old), ident(obj.id.schema))
            return Work((Statement(text, ACCESS_EXCLUSIVE, old),))
        root = exchange.root(obj.id, ctx)
        if root is None:
            return table(obj, ctx)
        return _brought(root, ctx) if root == obj.id else Work()

    def alter(self, before: Object, after: Object, ctx: Context) -> Work:
        if exchange.needed(before, after, ctx):
            return exchange.work(before, ctx)
        done = Work()
        if before["parents"] != after["parents"]:
            done = done.then(_inheritance(before, after, ctx))
        if before["persistence"] != after["persistence"]:
            logged = "UNLOGGED" if after["persistence"] == "u" else "LOGGED"
            text = render("ALTER TABLE {} SET {}", name(after.id), logged)
            done = done.then(Work((Statement(text, ACCESS_EXCLUSIVE, after.id, rewrites=True),)))
            done = done.then(Work(needs=_earlier(after, ctx)))
        for key in ("options", "toast_options"):
            if before[key] != after[key]:
                done = done.then(_options(after, before[key], after[key]))
        if before["access_method"] != after["access_method"]:
            method = ident(after["access_method"]) if after["access_method"] else "DEFAULT"
            text = render("ALTER TABLE {} SET ACCESS METHOD {}", name(after.id), method)
            rewrites = not after["partition_key"]
            statement = Statement(text, ACCESS_EXCLUSIVE, after.id, rewrites=rewrites)
            done = done.then(Work((statement,)))
        if before["of_type"] != after["of_type"]:
            done = done.then(_typed(before, after, ctx))
        return done

    def drop(self, obj: Object, ctx: Context) -> Work:
        root = exchange.root(obj.id, ctx)
        if root is not None:
            return exchange.take(root, ctx) if root == obj.id else Work()
        text = render("DROP TABLE {}", name(obj.id))
        done = Work((Statement(text, ACCESS_EXCLUSIVE, ctx.shared(obj.id)),))
        if (link := ctx.before.get(attachment(obj.id))) is not None:
            # One that goes with its whole: what refers to that leads elsewhere first.
            held = exchange.referring(partitions.parent(link), ctx)
            away = (ctx.changes[i] for i in held if i in ctx.changes)
            done = done.then(Work(rebuild=frozenset(c.id for c in away if c.before and c.after)))
        return done

    def successors(self, obj: Object, ctx: Context) -> frozenset[ObjectId]:
        """What changes about a partition's whole that others join: on the way back it is undone.

        By then the partition is one again, with columns as it had them.
        """
        link = ctx.before.get(attachment(obj.id))
        change = ctx.changes.get(obj.id)
        if link is None or exchange.root(obj.id, ctx) or (change and change.aside):
            return frozenset()
        whole = partitions.parent(link)
        if obj.id in ctx.moves.values() or not partitions.joined(whole, ctx):
            return frozenset()
        found = {
            part.id
            for before in (True, False)
            for kind in ("column", "constraint")
            for part in ctx.of(kind, whole, before=before)
            if kind == "column" or part["type"] == "c"
        }
        return frozenset(i for i in found if i in ctx.changes)


def _brought(id: ObjectId, ctx: Context) -> Work:
    """A table made anew; as a partition with other bounds it takes its rows from the default."""
    done = exchange.bring(id, ctx)
    old, new = (state.get(attachment(id)) for state in (ctx.before, ctx.after))
    if old is None or new is None or old["bound"] == new["bound"]:
        return done
    moves = placing.from_default(new, ctx).statements
    # What is late goes in reverse: before it is attached.
    return done.then(Work(tuple(replace(s, late=True) for s in reversed(moves))))


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


def _inheritance(before: Object, after: Object, ctx: Context) -> Work:
    """Parents come and go; the rows stay where they are."""
    gone, come = inheritance.exchanged(before, after)
    words = [f"NO INHERIT {p}" for p in gone]
    # What was merely inherited stays as the table's own.
    wanted = {c.id.name for c in ctx.of("constraint", after.id)}
    wanted |= {c[0] for c in after.get("constraints") or ()}
    left = [c[0] for c in before.get("constraints") or () if c[0] not in wanted and gone]
    words += [render("DROP CONSTRAINT {}", ident(c)) for c in left]
    words += [f"INHERIT {p}" for p in come]
    statements = [render("ALTER TABLE {} {}", name(after.id), w) for w in words]
    first = {c.id for kind in ("column", "constraint") for c in ctx.of(kind, after.id)}
    needs = {i for i in first if i in ctx.changes and i not in ctx.before} if come else set()
    if come and not gone:
        needs |= _matching(before, after, ctx)
    return Work(
        tuple(Statement(s, ACCESS_EXCLUSIVE, after.id) for s in statements), needs=frozenset(needs)
    )


def _matching(before: Object, after: Object, ctx: Context) -> set[ObjectId]:
    """Columns that change before a table comes to have all that its new parents have, as they do.

    Its own, and of those parents what goes, or gets another type.
    """
    new = [p for p in after.get("ancestors") or () if p not in (before.get("ancestors") or ())]
    columns = [c for p in new for c in ctx.of("column", ObjectId("table", *p), before=True)]
    columns += ctx.of("column", after.id)
    changes = [ctx.changes[c.id] for c in columns if c.id in ctx.changes]
    return {c.id for c in changes if c.before and (not c.after or "type" in c.attributes)}


def _typed(before: Object, after: Object, ctx: Context) -> Work:
    """A type is left before anything else changes, and taken on when the columns are its own."""
    done = Work()
    if before["of_type"]:
        text = render("ALTER TABLE {} NOT OF", name(after.id))
        done = Work((Statement(text, ACCESS_EXCLUSIVE, after.id),))
    if not after["of_type"]:
        return done
    text = render("ALTER TABLE {} OF {}", name(after.id), after["of_type"])
    columns = {c.id for b in (True, False) for c in ctx.of("column", after.id, before=b)}
    needs = frozenset(c for c in columns if c in ctx.changes)
    last = Statement(text, ACCESS_EXCLUSIVE, after.id, late=True)
    return done.then(Work((last,), needs=needs))


def _earlier(after: Object, ctx: Context) -> frozenset[ObjectId]:
    """Tables that turn logged or unlogged before: no logged one refers to one that is not."""
    found = set()
    for obj in ctx.foreign_keys(after.id.schema, after.id.name):
        own = ObjectId("table", obj.id.schema, obj.id.parent)
        other = ObjectId("table", obj.get("references_schema"), obj.get("references_table"))
        if own == other:
            continue
        if after["persistence"] == "u" and other == after.id:
            found.add(own)
        if after["persistence"] == "p" and own == after.id:
            found.add(other)
    return frozenset(i for i in found if i in ctx.changes)
