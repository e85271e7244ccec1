"""Indexes that no constraint owns."""

from __future__ import annotations

from weedgo.staged.kinds.base import (
    ACCESS_EXCLUSIVE,
    SHARE_UPDATE_EXCLUSIVE,
    Context,
    Kind,
    ident,
    name,
    raw,
    render,
)
from weedgo.staged.model import Action, Change, Object, ObjectId, Stage, Statement, Work


def table_of(obj: Object) -> ObjectId:
    """The relation that the index is on."""
    kind = "materialized_view" if obj.get("relkind") == "m" else "table"
    return ObjectId(kind, obj.id.schema, obj["table"])


def build(obj: Object, index: str, ctx: Context) -> Statement:
    """CREATE INDEX under the given name: concurrently where the table is in use."""
    table = ctx.shared(table_of(obj))
    concurrently = ctx.concurrently(table_of(obj)) and obj.get("relkind") != "p"
    text = render(
        "CREATE {}INDEX {}{} ON {}",
        "UNIQUE " if obj["unique"] else "",
        "CONCURRENTLY " if concurrently else "",
        ident(index),
        raw(obj["definition"]),
    )
    lock = SHARE_UPDATE_EXCLUSIVE if concurrently else "SHARE"
    return Statement(text, lock, table, scans=True, transactional=not concurrently)


class IndexKind(Kind):
    """``CREATE INDEX``, concurrently on tables in use."""

    name = "index"
    stage = Stage.INDEXES
    label = "indexes"
    source = "index"
    classid = 1259

    def absorbed(self, change: Change, ctx: Context) -> ObjectId | None:
        if change.action is not Action.DROP or change.before is None:
            return None
        constraint = ObjectId("constraint", change.id.schema, change.id.name, change.before["table"])
        other = ctx.changes.get(constraint)
        return constraint if other and other.action is Action.CREATE else None

    def create(self, obj: Object, ctx: Context) -> Work:
        done = Work((build(obj, obj.id.name, ctx),))
        for setting in obj["statistics"]:
            number, target = setting.split("=")
            text = render("ALTER INDEX {} ALTER COLUMN {} SET STATISTICS {}", name(obj.id), number, target)
            done = done.then(Work((Statement(text, SHARE_UPDATE_EXCLUSIVE, ctx.shared(table_of(obj)), phase=1),)))
        if obj["parent_index"]:
            text = render("ALTER INDEX {} ATTACH PARTITION {}", obj["parent_index"], name(obj.id))
            done = done.then(Work((Statement(text, ACCESS_EXCLUSIVE, ctx.shared(table_of(obj)), phase=2),)))
        return done

    def alter(self, before: Object, after: Object, ctx: Context) -> Work:
        same = all(before[k] == after[k] for k in ("table", "unique", "definition", "parent_index"))
        if same and before["valid"] and after["valid"]:
            return self._statistics(before, after, ctx)
        if not before["valid"]:
            # What a killed concurrent build left: nobody uses it, so it goes first.
            return self.drop(before, ctx).then(self.create(after, ctx))
        if not ctx.concurrently(table_of(after)) or ctx.dependents(before.id) or before["parent_index"] or after["parent_index"]:
            return Work(replace=True)
        return self._exchange(before, after, ctx)

    def _statistics(self, before: Object, after: Object, ctx: Context) -> Work:
        old = dict(s.split("=") for s in before["statistics"])
        new = dict(s.split("=") for s in after["statistics"])
        statements = []
        for number in sorted(old.keys() | new.keys()):
            if old.get(number) != new.get(number):
                target = new.get(number, "-1")
                text = render("ALTER INDEX {} ALTER COLUMN {} SET STATISTICS {}", name(after.id), number, target)
                statements.append(Statement(text, SHARE_UPDATE_EXCLUSIVE, ctx.shared(table_of(after))))
        return Work(tuple(statements))

    def _exchange(self, before: Object, after: Object, ctx: Context) -> Work:
        """The new index stands before the old one goes: queries are never without."""
        temporary = f"weedgo_{after.id.name}"[:63]
        old = f"weedgo_old_{after.id.name}"[:63]
        table = ctx.shared(table_of(after))
        swap = (
            render("ALTER INDEX {} RENAME TO {}", name(before.id), ident(old)),
            render("ALTER INDEX {} RENAME TO {}", ident(after.id.schema, temporary), ident(after.id.name)),
        )
        away = render("DROP INDEX CONCURRENTLY {}", ident(after.id.schema, old))
        leftovers = [
            Statement(render("DROP INDEX CONCURRENTLY IF EXISTS {}", ident(after.id.schema, n)), transactional=False)
            for n in (temporary, old)
        ]
        return Work(
            (
                *leftovers,
                build(after, temporary, ctx),
                *(Statement(s, SHARE_UPDATE_EXCLUSIVE, table, phase=1) for s in swap),
                Statement(away, SHARE_UPDATE_EXCLUSIVE, table, transactional=False, phase=2),
            )
        )

    def drop(self, obj: Object, ctx: Context) -> Work:
        table = ctx.shared(table_of(obj))
        plain = obj.get("relkind") == "p" or obj["parent_index"]
        concurrently = ctx.concurrently(table_of(obj)) and not plain
        text = render("DROP INDEX {}{}", "CONCURRENTLY " if concurrently else "", name(obj.id))
        lock = SHARE_UPDATE_EXCLUSIVE if concurrently else ACCESS_EXCLUSIVE
        return Work((Statement(text, lock, table, transactional=not concurrently),))
