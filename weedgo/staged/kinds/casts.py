"""Changing a column's type: how values go over, whether that rewrites, which would be lost."""

from __future__ import annotations

import re
from dataclasses import dataclass

from weedgo.staged.kinds.base import Context, comma, literal
from weedgo.staged.model import Object, ObjectId

_STRINGS = ("text", "character varying", "character", "bpchar", "name")
_NUMBERS = ("smallint", "integer", "bigint", "numeric", "real", "double precision")
_TIMES = (
    "date",
    "timestamp without time zone",
    "timestamp with time zone",
    "time without time zone",
)
_FAMILIES = (_STRINGS, _NUMBERS, _TIMES)
_WIDENING = {
    ("smallint", "integer"), ("smallint", "bigint"), ("integer", "bigint"), ("smallint", "numeric"),
    ("integer", "numeric"), ("bigint", "numeric"), ("real", "double precision"), ("integer", "double precision"),
    ("character varying", "text"), ("date", "timestamp without time zone"), ("date", "timestamp with time zone"),
    ("timestamp without time zone", "timestamp with time zone"),
}  # fmt: skip

# Functions of PostgreSQL that are volatile: a new column with such a default rewrites the table.
_VOLATILE = re.compile(
    r"\b(nextval|random|gen_random_uuid|uuidv[47]|clock_timestamp|timeofday|setval)\("
)
_CALL = re.compile(r"([\w\".]+)\(")


def volatile(expression: str) -> bool:
    """Whether a default may give each row another value, so that ADD COLUMN rewrites the table.

    Calls of functions outside pg_catalog count as volatile: rather a hazard too many.
    """
    if _VOLATILE.search(expression):
        return True
    return any("." in call for call in _CALL.findall(expression))


@dataclass(frozen=True, slots=True)
class Cast:
    """How values go from one type to another.

    Args:
        using: template of the USING expression, empty where assignment does.
        rewrites: whether the table is rewritten.
        lost: template of the query that counts the values that would not survive; empty for none.
    """

    using: str = ""
    rewrites: bool = True
    lost: str = ""


def base(type: str) -> str:
    """A type's name without its modifier."""
    return re.sub(r"\(.*?\)", "", type).strip()


def _modifier(type: str) -> list[int]:
    found = re.search(r"\((.*?)\)", type)
    return (
        [int(n) for n in found[1].split(",")]
        if found and found[1].replace(",", "").isdigit()
        else []
    )


def between(old: str, new: str, before: Object, after: Object, ctx: Context) -> Cast:
    """The way from a column's type to another.

    Args:
        old, new: the types as PostgreSQL prints them.
        before, after: the column.
    """
    if old == new:
        return Cast()
    if _same_or_wider(old, new):
        return Cast(rewrites=not _compatible(old, new))
    for family in _FAMILIES:
        if base(old) in family and base(new) in family:
            same = (
                "SELECT count(*) FROM {table} WHERE ({})::"
                + new
                + "::"
                + old
                + " IS DISTINCT FROM {}"
            )
            return Cast(lost=same.replace("{}", "{0}"))
    enum = _enum(new, ctx)
    if enum is not None:
        values = (
            comma([literal(v).as_string(None) for v in enum["values"]])
            .replace("{", "{{")
            .replace("}", "}}")
        )
        lost = "SELECT count(*) FROM {table} WHERE {0}::text NOT IN (" + values + ")"
        return Cast(f"{{}}::text::{new}", lost=lost)
    if new.endswith("[]") or old.endswith("[]"):
        return Cast(f"{{}}::{new}")
    if base(new) in _STRINGS:
        return Cast(f"{{}}::{new}")
    lost = ""
    if base(old) in _STRINGS and ctx.before.major >= 16:
        typed = literal(new).as_string(None)
        lost = (
            "SELECT count(*) FROM {table} WHERE NOT pg_catalog.pg_input_is_valid({0}::text, "
            + typed
            + ")"
        )
    text = "::text" if base(old) not in _STRINGS + _NUMBERS + _TIMES else ""
    return Cast(f"{{}}{text}::{new}", lost=lost)


def _same_or_wider(old: str, new: str) -> bool:
    pair = (base(old), base(new))
    a, b = _modifier(old), _modifier(new)
    if pair in _WIDENING and not b:
        return True
    if pair[0] != pair[1]:
        return False
    if not b:
        return True
    if pair[0] == "numeric" and a:
        low, high = (a + [0])[:2], (b + [0])[:2]
        return high[1] >= low[1] and high[0] - high[1] >= low[0] - low[1]
    return bool(a) and b[0] >= a[0]


def _compatible(old: str, new: str) -> bool:
    """Whether the stored values stay as they are."""
    pair = (base(old), base(new))
    strings = {"character varying", "text"}
    if set(pair) <= strings:
        return True
    if pair == ("numeric", "numeric"):
        a, b = _modifier(old), _modifier(new)
        return not b or bool(a) and (a + [0])[1] == (b + [0])[1]
    return False


def _enum(type: str, ctx: Context) -> Object | None:
    schema, _, name = type.rpartition(".")
    return ctx.after.get(ObjectId("enum", schema.strip('"') or "public", name.strip('"')))
