"""The texts of the catalog queries, by server version and by what is to be read.

Lines that end in ``--@18`` stand only for servers of at least that version, in ``--@<18`` only for
older ones. Before a query may stand ``--@if CONDITION`` (without it there is nothing to be found)
and ``--@relations`` (it reads relations and what belongs to them), also ``--@relations or
CONDITION`` (and other things, where that holds).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache
from importlib.resources import files

from psycopg import sql

_VERSION = re.compile(r"--@(<?)(\d+)\s*$")
_ONLY = re.compile(r"^--@if (.*)$", re.MULTILINE)
_RELATIONS = re.compile(r"^--@relations(?: or (.*))?$", re.MULTILINE)
_MEMBERS = "extension_member AS MATERIALIZED (\n"
# Tables and views that are not to be read are passed over as an extension's are.
_PASSED = """
    SELECT 'pg_catalog.pg_class'::regclass AS classid, c.oid AS objid FROM pg_catalog.pg_class c
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND c.oid >= 16384 AND c.oid <> ALL ('{{{}}}')
    UNION ALL
"""


@cache
def text(name: str) -> str:
    """The file of a query as it is.

    Args:
        name: in ``sql/``, without its ending.
    """
    return (files("weedgo.staged") / "sql" / f"{name}.sql").read_text()


@cache
def query(name: str, major: int) -> str:
    """A catalog query for a server version.

    Args:
        name: the file's name in ``sql/``, without its ending.
        major: the server's major version.
    """
    lines = []
    for line in text(name).splitlines():
        mark = _VERSION.search(line)
        if not mark:
            lines.append(line)
        elif (major < int(mark[2])) if mark[1] else (major >= int(mark[2])):
            lines.append(line[: mark.start()])
    body = "\n".join(lines)
    needed = "user_schema" in body or "extension_member" in body
    return f"{text('prologue')}{body}" if needed else body


_USER_SCHEMA = "WHERE nspname !~ '^pg_'"
# Looked up one by one: where the statistics are of a time with nothing made yet, the planner takes
# pg_depend for empty above 16384, and would go through all that a schema has for each of its rows.
_OF_SCHEMAS = """WITH chosen AS MATERIALIZED (SELECT oid FROM pg_namespace WHERE {chosen}),
owned(class, oid) AS MATERIALIZED (
    SELECT 'pg_class'::regclass, c.oid FROM pg_class c WHERE c.relnamespace IN (SELECT oid FROM chosen)
    UNION ALL
    SELECT 'pg_proc'::regclass, p.oid FROM pg_proc p WHERE p.pronamespace IN (SELECT oid FROM chosen)
    UNION ALL
    SELECT 'pg_type'::regclass, t.oid FROM pg_type t WHERE t.typnamespace IN (SELECT oid FROM chosen)
    UNION ALL
    SELECT 'pg_constraint'::regclass, k.oid FROM pg_constraint k WHERE k.connamespace IN (SELECT oid FROM chosen)
    UNION ALL
    SELECT x.class, x.oid FROM pg_class c
      JOIN (SELECT 'pg_attrdef'::regclass AS class, a.oid, a.adrelid AS home FROM pg_attrdef a
            UNION ALL SELECT 'pg_trigger'::regclass, t.oid, t.tgrelid FROM pg_trigger t
            UNION ALL SELECT 'pg_rewrite'::regclass, r.oid, r.ev_class FROM pg_rewrite r
            UNION ALL SELECT 'pg_policy'::regclass, p.oid, p.polrelid FROM pg_policy p) x ON x.home = c.oid
     WHERE c.relnamespace IN (SELECT oid FROM chosen)
    UNION ALL
    SELECT 'pg_statistic_ext'::regclass, s.oid FROM pg_statistic_ext s WHERE s.stxnamespace IN (SELECT oid FROM chosen))
SELECT found.* FROM owned o CROSS JOIN LATERAL (
{whole} AND d.classid = o.class AND d.objid = o.oid OFFSET 0
) found"""  # noqa: E501


def within(name: str, major: int, schemas: Collection[str]) -> str:
    """The same query for some schemas, and for what is in none.

    Args:
        name, major: as for `query`.
        schemas: their names.
    """
    chosen = sql.SQL("nspname = ANY({})").format(sql.Literal(sorted(schemas))).as_string(None)
    whole = query(name, major).replace(_USER_SCHEMA, f"WHERE {chosen} AND nspname !~ '^pg_'", 1)
    if name != "depend":
        return whole
    return _OF_SCHEMAS.format(chosen=chosen, whole=whole)


def reduced(name: str, major: int, relations: Collection[int]) -> str:
    """The same query without the relations that need not be read.

    Args:
        name, major: as for `query`.
        relations: oids of those that are to be read.
    """
    whole = query(name, major)
    if not about_relations(name):
        return whole
    passed = _PASSED.format(",".join(map(str, sorted(relations))))
    return whole.replace(_MEMBERS, _MEMBERS + passed, 1)


@cache
def about_relations(name: str) -> bool:
    """Whether a query reads relations and what belongs to them."""
    return _RELATIONS.search(text(name)) is not None


@cache
def beside_relations(name: str) -> str:
    """The condition on which a query about relations finds other things too; else empty."""
    found = _RELATIONS.search(text(name))
    return (found[1] or "") if found else ""


@cache
def condition(name: str) -> str:
    """The condition without which a query finds nothing; empty where there is none."""
    found = _ONLY.search(text(name))
    return found[1] if found else ""
