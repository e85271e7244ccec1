"""Heirs that leave their parents for a moment, though nothing shows it afterwards.

PostgreSQL renames no NOT NULL constraint of an heir that has it from a parent, and makes what an
heir has of its own not merely inherited again. While stand-ins with the same columns and checks
take the parents' places, an heir's own is what it is to be.
"""

from __future__ import annotations

from weedgo.staged.kinds.base import (
    ACCESS_EXCLUSIVE,
    Context,
    attachment,
    ident,
    name,
    render,
)
from weedgo.staged.kinds.helpers import helper
from weedgo.staged.model import Catalog, ObjectId, Statement, Work


def apart(heir: ObjectId, done: Work, ctx: Context, column: str = "") -> Work:
    """Work on an heir, or on its parents, while it is not theirs.

    Args:
        heir: a table that inherits before and after.
        done: the work.
        column: whose NOT NULL it does not have from them meanwhile, if there is one.
    """
    first, last, away, back = [], [], [], []
    for parent in _parents(heir, ctx):
        own = name_of(heir, parent)
        text = "CREATE TABLE {} (LIKE {} INCLUDING CONSTRAINTS INCLUDING GENERATED)"
        first.append(render(text, own, name(parent)))
        if column and ObjectId("column", parent.schema, column, parent.name) in ctx.before:
            text = "ALTER TABLE {} ALTER COLUMN {} DROP NOT NULL"
            first.append(render(text, own, ident(column)))
        first.append(render("ALTER TABLE {} INHERIT {}", name(heir), own))
        away.append(render("ALTER TABLE {} NO INHERIT {}", name(heir), name(parent)))
        back.append(render("ALTER TABLE {} INHERIT {}", name(heir), name(parent)))
        last.append(render("ALTER TABLE {} NO INHERIT {}", name(heir), own))
        last.append(render("DROP TABLE {}", own))
    return _of(heir, first + away, ctx).then(done).then(_of(heir, back + last, ctx))


def otherwise_bound(column: ObjectId, ctx: Context) -> list[tuple[ObjectId, ObjectId]]:
    """Heirs, each with its parent, whose NOT NULL has another name than the column's (18).

    What is not an heir's own is called as its parent's, whatever a catalog of earlier says.
    """
    found = []
    table = ObjectId("table", column.schema, column.parent)
    for heir in ctx.heirs(table, before=True):
        id = column._replace(schema=heir.schema, parent=heir.name)
        names = [
            (_bound_as(id, state), _bound_as(column, state)) for state in (ctx.before, ctx.after)
        ]
        own = ctx.before.get(id)
        if own is None or not all(names[0]) or heir not in ctx.heirs(table):
            continue
        if attachment(heir) not in ctx.before and table not in _parents(heir, ctx):
            continue  # It has left by now, and comes back later.
        link = attachment(heir) in ctx.before
        other = [mine != above for mine, above in names]
        if all(other) if link else (other[0] and own.get("not_null_own", True)):
            found.append((heir, table))
        else:
            found += otherwise_bound(id, ctx)
    return found


def _bound_as(column: ObjectId, state: Catalog) -> str | None:
    obj = state.get(column)
    return obj.get("not_null_constraint") if obj is not None and obj["not_null"] else None


def name_of(heir: ObjectId, parent: ObjectId) -> str:
    """The name of a table in the place of an heir's parent."""
    return ident(heir.schema, helper(heir.name, "stand-in", parent.path)).as_string(None)


def names(heir: ObjectId, column: str, ctx: Context) -> list[str]:
    """The names of the tables in the places of those parents from which an heir has a column."""
    found = ((p, ObjectId("column", p.schema, column, p.name)) for p in _parents(heir, ctx))
    return [name_of(heir, parent) for parent, id in found if id in ctx.before]


def binding(heir: ObjectId, column: str, ctx: Context) -> ObjectId:
    """A parent from which an heir has a column."""
    found = _parents(heir, ctx)
    ids = (ObjectId("column", p.schema, column, p.name) for p in found)
    return next((p for p, id in zip(found, ids, strict=True) if id in ctx.before), found[0])


def _parents(heir: ObjectId, ctx: Context) -> list[ObjectId]:
    """The parents of an heir, in their order."""
    tables = {render("{}", name(id)): id for id in ctx.before.families}
    texts = ctx.before.objects[heir]["parents"]
    plain = {text.replace('"', ""): id for text, id in tables.items()}
    return [plain[text.replace('"', "")] for text in texts]


def _of(heir: ObjectId, statements: list[str], ctx: Context) -> Work:
    table = ctx.shared(heir)
    return Work(tuple(Statement(text, ACCESS_EXCLUSIVE, table) for text in statements))
