"""Values for the rows that stand: a trigger for new ones, batches for old ones, then it goes."""

from __future__ import annotations

from weedgo.staged.kinds import casts
from weedgo.staged.kinds.base import (
    ACCESS_EXCLUSIVE,
    SHARE_ROW_EXCLUSIVE,
    Context,
    ident,
    raw,
    relation,
    render,
)
from weedgo.staged.kinds.clauses import default_of, table_of
from weedgo.staged.kinds.helpers import helper, helper_trigger
from weedgo.staged.model import Fill, Guard, Object, ObjectId, Statement, Work

ROW_EXCLUSIVE = "ROW EXCLUSIVE"

_FUNCTION = """\
CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path TO {path} AS {body}"""
_BODY = """
#variable_conflict use_column
BEGIN
{assignments}
    RETURN NEW;
END
"""
_TRIGGER = """\
CREATE OR REPLACE TRIGGER {trigger} BEFORE INSERT OR UPDATE ON {table}
FOR EACH ROW EXECUTE FUNCTION {function}()"""


def expression(id: ObjectId, ctx: Context) -> str:
    """How a column's rows get their values: as the user said, or as a run before had begun to."""
    return str(ctx.options.backfills.get(id.path, ""))


def path(table: ObjectId) -> str:
    """Where the names of an expression are looked for; nothing of a session's own comes first."""
    places = dict.fromkeys((table.schema, "public", "pg_temp"))
    return ", ".join(ident(place).as_string(None) for place in places)


def trigger(table: ObjectId, name: str, assignments: str) -> tuple[str, str, str]:
    """What keeps rows that are written meanwhile in step.

    Args:
        name: distinguishes it from others of the table.
        assignments: PL/pgSQL statements that set what NEW lacks.

    Returns:
        Statements that make it (function and trigger), and one that takes both away.
    """
    function = ident(table.schema, helper(name, assignments))
    called = ident(helper_trigger(name, assignments))
    relation_ = ident(table.schema, table.name)
    body = _quoted(_BODY.replace("{assignments}", assignments))
    make = render(_FUNCTION, function=function, path=path(table), body=body)
    fire = render(_TRIGGER, trigger=called, table=relation_, function=function)
    return make, fire, render("DROP FUNCTION IF EXISTS {}() CASCADE", function)


def _quoted(body: str) -> str:
    tag = "$weedgo$"
    while tag in body:
        tag = f"{tag[:-1]}_$"
    # Braces are no places for parts here.
    return f"{tag}{body}{tag}"


def filled(obj: Object, value: str, ctx: Context) -> Work:
    """The values of a column for all rows that lack one: phases 0 and 1.

    Args:
        obj: the column, which stands when the first of this runs.
        value: SQL expression over the table's columns.
    """
    table, column = table_of(obj.id), ident(obj.id.name)
    make, fire, _ = _kept(obj, value)
    assignment = render("{} = {}", column, raw(value))
    missing = render("{} IS NULL", column)
    update = render("UPDATE {} SET {} WHERE {}", relation(obj.id), raw(assignment), raw(missing))
    shared = ctx.shared(table)
    fill = Fill(assignment, missing, obj.id.path, value, path(table))
    statements = (
        Statement(make),
        Statement(fire, SHARE_ROW_EXCLUSIVE, shared),
        Statement(update, ROW_EXCLUSIVE, shared, transactional=False, phase=1, fill=fill),
    )
    hazard = f"writes every row of {table.path} that lacks {obj.id.name}, in batches"
    return Work(statements, hazards=(hazard,))


def relieved(obj: Object, value: str, ctx: Context, phase: int) -> Work:
    """Take away what gave new rows their values meanwhile."""
    away = _kept(obj, value)[2]
    table = ctx.shared(table_of(obj.id))
    return Work((Statement(away, ACCESS_EXCLUSIVE, table, phase=phase),))


def _kept(obj: Object, value: str) -> tuple[str, str, str]:
    table, column = table_of(obj.id), ident(obj.id.name)
    new = render(
        "    IF NEW.{} IS NULL THEN\n        NEW.{} := (SELECT {} FROM (SELECT NEW.*) AS {});\n"
        "    END IF;",
        column,
        column,
        raw(value),
        ident(table.name),
    )
    return trigger(table, obj.id.name, new)


def guards(obj: Object, value: str, ctx: Context) -> tuple[Guard, ...]:
    """Rows that the values would not serve, counted before any lock."""
    if casts.volatile(value):
        return ()
    table = table_of(obj.id)
    stands = obj.id in ctx.before
    column = ident(obj.id.name)
    lacking = render(" AND {} IS NULL", column) if stands else ""
    query = render(
        "SELECT count(*) FROM {} WHERE ({}) IS NULL{}",
        relation(obj.id), raw(value), raw(lacking),
    )  # fmt: skip
    found = [
        Guard(
            query,
            f"the backfill of {obj.id.path} gives no value (NULL) for {{count}} rows",
            f"give the expression a value for them too; see the rows: "
            f"{query.replace('count(*)', '*', 1)}",
            "23502",
        )
    ]
    if stands:
        found += [_violation(obj, value, check, ctx) for check in _checks(obj, ctx)]
    return tuple(found) if table in ctx.before else ()


def _checks(obj: Object, ctx: Context) -> list[Object]:
    """The checks that bind the column as it stands."""
    checks = ctx.of("constraint", table_of(obj.id), before=True)
    return [
        c for c in checks
        if c["type"] == "c" and c.get("enforced", True) and obj.id.name in (c.get("columns") or ())
    ]  # fmt: skip


def _violation(obj: Object, value: str, check: Object, ctx: Context) -> Guard:
    table = table_of(obj.id)
    columns = [
        render("({}) AS {}", raw(value), ident(c.id.name)) if c.id == obj.id
        else ident(c.id.name).as_string(None)
        for c in ctx.of("column", table, before=True)
    ]  # fmt: skip
    rows = render(
        "SELECT {} FROM {} WHERE {} IS NULL",
        raw(", ".join(columns)), relation(obj.id), ident(obj.id.name),
    )  # fmt: skip
    query = render(
        "SELECT count(*) FROM ({}) AS {} WHERE NOT ({})",
        raw(rows), ident(table.name), raw(check.get("expression")),
    )  # fmt: skip
    return Guard(
        query,
        f"the backfill of {obj.id.path} would violate {check.id.name} in {{count}} rows: "
        f"{check.get('expression')}",
        f"give the expression values that fit; see the rows: {query.replace('count(*)', '*', 1)}",
        "23514",
    )


def default_for(obj: Object, ctx: Context) -> str:
    """The default of a column in the state after; empty for none."""
    default = ctx.after.get(default_of(obj.id))
    return str(default["expression"]) if default else ""
