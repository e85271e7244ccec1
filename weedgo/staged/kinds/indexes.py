"""Indexes that no constraint owns."""

from __future__ import annotations

import re
from dataclasses import replace

from weedgo.staged.kinds import exchange, keys, parts, rivals, swap
from weedgo.staged.kinds.base import (
    ACCESS_EXCLUSIVE,
    SHARE_UPDATE_EXCLUSIVE,
    Context,
    Kind,
    attachment,
    ident,
    name,
    raw,
    render,
)
from weedgo.staged.kinds.families import (
    attached,
    families_first,
    goes_along,
    going_with,
    held,
    joined,
    joining,
    left_first,
    only_standing,
    own_name,
    returned,
    table_of,
    uppermost,
)
from weedgo.staged.kinds.guards import duplicates
from weedgo.staged.kinds.helpers import beside
from weedgo.staged.kinds.partitions import leaves
from weedgo.staged.kinds.restoring import restorable, restored
from weedgo.staged.model import Action, Change, Object, ObjectId, Stage, Statement, Work

_IDENTIFIER = r'(?:"(?:[^"]|"")+"|[^\s".]+)'
_ON = re.compile(rf"^(?:ONLY )?{_IDENTIFIER}\.{_IDENTIFIER}")


def build(obj: Object, index: str, ctx: Context) -> Statement:
    """CREATE INDEX under the given name: concurrently where the table is in use."""
    table = ctx.shared(table_of(obj))
    partitioned = obj.get("relkind") == "p"
    concurrently = ctx.concurrently(table_of(obj)) and not partitioned
    text = render(
        "CREATE {}INDEX {}{} ON {}",
        "UNIQUE " if obj["unique"] else "",
        "CONCURRENTLY " if concurrently else "",
        ident(index),
        raw(obj["definition"]),
    )
    lock = SHARE_UPDATE_EXCLUSIVE if concurrently else "SHARE"
    return Statement(text, lock, table, scans=not partitioned, transactional=not concurrently)


class IndexKind(Kind):
    """``CREATE INDEX``, concurrently on tables in use."""

    name = "index"
    stage = Stage.INDEXES
    label = "indexes"
    source = "index"
    classid = 1259

    def absorbed(self, change: Change, ctx: Context) -> ObjectId | None:
        obj, twin = change.before, parts.root(change, ctx)
        if obj is None or twin:
            return twin
        if change.action is Action.DROP:
            constraint = ObjectId("constraint", change.id.schema, change.id.name, obj["table"])
            other = ctx.changes.get(constraint)
            if other and other.action is Action.CREATE and _indexed(other.after):
                return constraint
            return going_with(obj, table_of(obj), ctx)
        after = change.after
        if after is not None and set(change.attributes) == {"parent_index"}:
            link = ctx.changes.get(attachment(table_of(obj)))
            ends = obj["parent_index"] is None or after["parent_index"] is None
            if link is not None and (ends or leaves(link)):
                return link.id
        return None

    def create(self, obj: Object, ctx: Context) -> Work:
        table = table_of(obj)
        if ctx.taken and (work := swap.index(obj, ctx)):
            settings = (replace(s, phase=0) for s in self._statistics_of(obj, ctx))
            return work.then(Work(tuple(settings)))
        if work := parts.renamed(obj, table, ctx):
            return work
        first = families_first(obj, table, ctx) | rivals.coming(obj, table, ctx)
        done = Work(needs=first | keys.released(obj, ctx))
        key = ctx.changes.get(ObjectId("constraint", obj.id.schema, obj.id.name, obj["table"]))
        if key and key.action is Action.DROP and key.before and _indexed(key.before):
            bound = frozenset(i for i in ctx.dependents(key.id) if _refers(i, ctx))
            bound |= held(key.before, table, ctx)
            along = goes_along(key.before, ctx)
            done = done.then(Work(rebuild=bound))
            if along:
                done = done.then(Work(needs=frozenset({ObjectId(*key.before.get("above"))})))
            if ctx.concurrently(table) and not (bound or along or obj.get("relkind") == "p"):
                return self._exchange(obj, ctx, (_release(obj),))
            release = Statement(_release(obj), ACCESS_EXCLUSIVE, ctx.shared(table))
            done = done.then(Work((release,)))
        # Where others need it in the same transaction, it is whole before they come.
        later, last = (0, 0) if ctx.together else (1, 2)
        done = done.then(Work((build(obj, obj.id.name, ctx),)))
        if obj["unique"] and ctx.shared(table):
            done = done.then(Work(guards=duplicates(obj, table, ctx)))
        for setting in obj["statistics"]:
            number, target = setting.split("=")
            text = render(
                "ALTER INDEX {} ALTER COLUMN {} SET STATISTICS {}", name(obj.id), number, target
            )
            statement = Statement(text, SHARE_UPDATE_EXCLUSIVE, ctx.shared(table), phase=later)
            done = done.then(Work((statement,)))
        return done.then(attached(obj, table, ctx, phase=last)).then(self._covering(obj, ctx))

    def _covering(self, obj: Object, ctx: Context) -> Work:
        """The index on partitions that only the target has, or the whole one is never valid."""
        done = Work()
        for heir in only_standing(obj, table_of(obj), ctx):
            own = own_name(obj, heir)
            concurrently = not ctx.before.objects[heir]["partition_key"] and not ctx.together
            text = render(
                "CREATE {}INDEX {}{} ON {}{}",
                "UNIQUE " if obj["unique"] else "",
                "CONCURRENTLY " if concurrently else "",
                ident(own),
                name(heir),
                raw(_ON.sub("", obj["definition"], count=1)),
            )
            lock = SHARE_UPDATE_EXCLUSIVE if concurrently else "SHARE"
            made = Statement(text, lock, heir, scans=True, transactional=not concurrently, phase=1)
            done = done.then(Work((made, joined(obj, heir, own, phase=2))))
        return done

    def successors(self, obj: Object, ctx: Context) -> frozenset[ObjectId]:
        return joining(obj, table_of(obj), ctx)

    def alter(self, before: Object, after: Object, ctx: Context) -> Work:
        same = all(before[k] == after[k] for k in ("table", "unique", "definition"))
        if not before["valid"]:
            # What a killed concurrent build left: nobody uses it, so it goes first.
            return self.drop(before, ctx).then(self.create(after, ctx))
        if same and before["parent_index"] == after["parent_index"]:
            return self._statistics(before, after, ctx)
        if same and before["parent_index"] is None:
            return attached(after, table_of(after), ctx, phase=0).then(
                self._statistics(before, after, ctx)
            )
        partitioned = before["parent_index"] or after["parent_index"]
        partitioned = partitioned or exchange.remade(table_of(after), ctx)
        if partitioned or not ctx.concurrently(table_of(after)) or not restorable(before.id, ctx):
            # One that is attached goes with that of the partitioned table only.
            above = before.get("above")
            goes = above and not exchange.remade(table_of(after), ctx)
            return Work(replace=True, rebuild=frozenset({ObjectId(*above)} if goes else ()))
        if "p" in (before.get("relkind"), after.get("relkind")):
            return Work(replace=True, needs=left_first(table_of(after), ctx))
        old = beside(after.id.name, "weedgo_old_")
        text = render("ALTER INDEX {} RENAME TO {}", name(before.id), ident(old))
        return self._exchange(after, ctx, (text,), old)

    def _statistics(self, before: Object, after: Object, ctx: Context) -> Work:
        old = dict(s.split("=") for s in before["statistics"])
        new = dict(s.split("=") for s in after["statistics"])
        statements = []
        for number in sorted(old.keys() | new.keys()):
            if old.get(number) != new.get(number):
                target = new.get(number, "-1")
                text = render(
                    "ALTER INDEX {} ALTER COLUMN {} SET STATISTICS {}",
                    name(after.id),
                    number,
                    target,
                )
                table = ctx.shared(table_of(after))
                statements.append(Statement(text, SHARE_UPDATE_EXCLUSIVE, table))
        return Work(tuple(statements))

    def _exchange(
        self, after: Object, ctx: Context, away: tuple[str, ...], old: str | None = None
    ) -> Work:
        """The new index stands before the old one goes: queries are never without."""
        temporary = beside(after.id.name)
        table = ctx.shared(table_of(after))
        rename = render(
            "ALTER INDEX {} RENAME TO {}",
            ident(after.id.schema, temporary),
            ident(after.id.name),
        )
        statements = [
            Statement(
                render("DROP INDEX CONCURRENTLY IF EXISTS {}", ident(after.id.schema, n)),
                transactional=False,
            )
            for n in (temporary, old)
            if n
        ]
        statements.append(build(after, temporary, ctx))
        lock = SHARE_UPDATE_EXCLUSIVE if old else ACCESS_EXCLUSIVE
        swap = [*away, rename, *restored(after.id, ctx)]
        statements += [Statement(s, lock, table, phase=1) for s in swap]
        for s in self._statistics_of(after, ctx):
            statements.append(s)
        if old:
            text = render("DROP INDEX CONCURRENTLY {}", ident(after.id.schema, old))
            statements.append(
                Statement(text, SHARE_UPDATE_EXCLUSIVE, table, transactional=False, phase=2)
            )
        guards = duplicates(after, table_of(after), ctx) if after["unique"] else ()
        return Work(tuple(statements), guards=guards)

    def _statistics_of(self, obj: Object, ctx: Context) -> list[Statement]:
        found = []
        for setting in obj["statistics"]:
            number, target = setting.split("=")
            text = "ALTER INDEX {} ALTER COLUMN {} SET STATISTICS {}"
            text = render(text, name(obj.id), number, target)
            table = ctx.shared(table_of(obj))
            found.append(Statement(text, SHARE_UPDATE_EXCLUSIVE, table, phase=1))
        return found

    def drop(self, obj: Object, ctx: Context) -> Work:
        table = ctx.shared(table_of(obj))
        if exchange.left(obj, table_of(obj), ctx):
            return Work()
        if whole := uppermost(obj, ctx):
            return Work((Statement(whole, ACCESS_EXCLUSIVE, table),))
        plain = obj.get("relkind") == "p" or obj["parent_index"]
        concurrently = ctx.concurrently(table_of(obj)) and not plain
        words = "CONCURRENTLY " if concurrently else ""
        perhaps = held(obj, table_of(obj), ctx) or returned(table_of(obj), ctx)
        words += "IF EXISTS " if perhaps else ""
        text = render("DROP INDEX {}{}", words, name(obj.id))
        lock = SHARE_UPDATE_EXCLUSIVE if concurrently else ACCESS_EXCLUSIVE
        bound = held(obj, table_of(obj), ctx)
        statement = Statement(text, lock, table, transactional=not concurrently)
        return Work((statement,), rebuild=bound)


def _indexed(constraint: Object | None) -> bool:
    """Whether a constraint has an index, of its name."""
    return constraint is not None and constraint["type"] in ("p", "u", "x")


def _refers(id: ObjectId, ctx: Context) -> bool:
    """A foreign key that stays, and will go by the index."""
    return id.kind == "constraint" and id in ctx.after and id in ctx.before


def _release(obj: Object) -> str:
    """The constraint of the index's name goes in the moment in which the index comes."""
    table = ident(obj.id.schema, obj["table"])
    # One of a partition may have gone with that of the whole.
    return render("ALTER TABLE {} DROP CONSTRAINT IF EXISTS {}", table, ident(obj.id.name))
