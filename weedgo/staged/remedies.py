"""What to do about a failed statement, by its SQLSTATE.

See https://www.postgresql.org/docs/current/errcodes-appendix.html.
"""

# Queries here are for people to read and run; none is sent from here.
# ruff: noqa: S608

from __future__ import annotations

import re
from collections.abc import Sequence

import psycopg

from weedgo.staged.db import quoted
from weedgo.staged.model import Step
from weedgo.staged.watch import Blocker

# What giving an object to a role asks for, by PostgreSQL 16 and newer, and by 15.
_MEMBER = re.compile(r'must be (?:able to SET ROLE|member of role) "(.+)"$')
_REMEDIES = {
    "23": "mend the rows that violate it, then run again",
    "28": "check the role's log-in, then run again",
    "2BP01": "other objects need it; migrate or drop them first",
    "40P01": "run again when the sessions in conflict have ended",
    "40": "run again when the sessions in conflict have ended",
    "42501": "let the object's owner run the migration, or grant what is missing, then run again",
    "42P07": "an object of that name is in the way; rename or drop it, then run again",
    "42710": "an object of that name is in the way; rename or drop it, then run again",
    "42701": "a column of that name is in the way; rename or drop it, then run again",
    "42723": "a function of that name is in the way; rename or drop it, then run again",
    "42P06": "a schema of that name is in the way; rename or drop it, then run again",
    "42704": "create what is missing (role, type, extension, operator class), then run again",
    "42P01": "create the missing relation, then run again",
    "42703": "create the missing column, then run again",
    "42883": "create the missing function, then run again",
    "42804": "the types do not match; convert the column first (see the plan)",
    "22": "a value cannot be converted; mend the rows, then run again",
    "0A": "this server cannot do it; see the message",
    "53100": "free disk space on the server, then run again",
    "53200": "free memory on the server or lower maintenance_work_mem, then run again",
    "53300": "free a connection slot or raise max_connections, then run again",
    "53": "free what the server lacks, then run again",
    "54": "a limit of the server is reached; see the message",
    "55P03": "run again when the sessions named have ended, or raise --retries",
    "55006": "end the sessions that use the object, then run again",
    "55": "the object is not in a state for this; see the message",
    "57014": "raise --statement-timeout or run at a quieter time",
    "57P": "run again when the server is up",
    "58": "look at the server's log; its disk or files have trouble",
    "08": "run again when the server can be reached",
    "XX": "look at the server's log",
}


def remedy(error: psycopg.Error, step: Step, role: str = "") -> str:
    """One sentence that says how to mend what made a step fail.

    Args:
        error: as the server reported it.
        step: the step that failed.
        role: the role that the run uses.
    """
    state = error.sqlstate or ""
    if state == "42501" and role:
        if member := _MEMBER.search(error.diag.message_primary or ""):
            return (
                f"GRANT {quoted(member[1])} TO {quoted(role)}, or leave owners as they are with "
                "--no-owner, or name the target's roles with --role-map, then run again"
            )
        return (
            f"role {quoted(role)} lacks the right: let the owner of {step.main.id.path} run the "
            f"migration, or make {quoted(role)} a member of the owner, then run again"
        )
    found = _rows(error, step) if state.startswith("23") else ""
    if found:
        return f"find the rows with: {found}; mend them, then run again"
    for length in (5, 3, 2):
        if state[:length] in _REMEDIES:
            return _REMEDIES[state[:length]]
    return "see the message, then run again"


def ending(blockers: Sequence[Blocker]) -> str:
    """What to do about sessions that hold a lock."""
    pids = [b.pid for b in blockers if b.pid]
    if not pids:
        return "run again at a quieter time, or raise --retries or --wait-timeout"
    calls = ", ".join(f"pg_terminate_backend({pid})" for pid in pids)
    return f"run again when these sessions have ended, or end them: SELECT {calls}"


def _rows(error: psycopg.Error, step: Step) -> str:
    """A query for the rows that violate a constraint, where it can be told."""
    table = _table(error, step)
    text = "; ".join(s.sql for s in step.statements)
    # The detail also holds the values, which do not belong in a report.
    key = re.search(r"\((.+?)\)=\(", error.diag.message_detail or "")
    match error.sqlstate if table else "":
        case "23502":
            return _nulls(table, error.diag.column_name or "")
        case "23514":
            return _unchecked(table, text)
        case "23505" if key:
            return _doubles(table, key[1])
        case "23503":
            return _orphans(table, text)
    return ""


def _table(error: psycopg.Error, step: Step) -> str:
    diag = error.diag
    if diag.schema_name and diag.table_name:
        return quoted(diag.schema_name, diag.table_name)
    id = step.main.id
    if id.parent:
        return quoted(id.schema, id.parent)
    return quoted(id.schema, id.name) if id.kind == "table" else ""


def _nulls(table: str, column: str) -> str:
    return f"SELECT * FROM {table} WHERE {quoted(column)} IS NULL" if column else ""


def _unchecked(table: str, text: str) -> str:
    check = re.search(r"\bCHECK\s*\(", text, re.IGNORECASE)
    condition = _parenthesised(text, check.end() - 1) if check else ""
    return f"SELECT * FROM {table} WHERE NOT {condition}" if condition else ""


def _doubles(table: str, columns: str) -> str:
    return f"SELECT {columns}, count(*) FROM {table} GROUP BY {columns} HAVING count(*) > 1"


_FOREIGN = re.compile(r"FOREIGN KEY \((.+?)\) REFERENCES (\S+?)\s*\((.+?)\)", re.IGNORECASE)


def _orphans(table: str, text: str) -> str:
    key = _FOREIGN.search(text)
    if not key:
        return ""
    own, other = key[1].split(", "), key[3].split(", ")
    given = " AND ".join(f"c.{a} IS NOT NULL" for a in own)
    match = " AND ".join(f"p.{b} = c.{a}" for a, b in zip(own, other, strict=False))
    parents = f"SELECT FROM {key[2]} p WHERE {match}"
    return f"SELECT c.* FROM {table} c WHERE {given} AND NOT EXISTS ({parents})"


def _parenthesised(text: str, start: int) -> str:
    """The text from an opening parenthesis to the one that closes it, outside of quotes."""
    depth = 0
    quote = ""
    for position, char in enumerate(text[start:], start):
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char in "()":
            depth += 1 if char == "(" else -1
            if not depth:
                return text[start : position + 1]
    return ""
