"""Changing a column's type: how values go over, whether that rewrites, which would be lost."""

from __future__ import annotations

import re
from dataclasses import dataclass

from weedgo.staged.kinds.base import Context, comma, ident, literal, raw, relation, render
from weedgo.staged.model import Guard, Object, ObjectId

_STRINGS = ("text", "character varying", "character", "bpchar", "name")
_WHOLE = {"smallint": 2**15, "integer": 2**31, "bigint": 2**63}
_NUMBERS = (*_WHOLE, "numeric", "real", "double precision")
_DATES = ("date", "timestamp without time zone", "timestamp with time zone")
_TIMES = ("time without time zone", "time with time zone")
_WIDENING = {
    ("smallint", "integer"),
    ("smallint", "bigint"),
    ("smallint", "numeric"),
    ("integer", "bigint"),
    ("integer", "numeric"),
    ("integer", "double precision"),
    ("bigint", "numeric"),
    ("real", "double precision"),
    ("character varying", "text"),
    ("character", "text"),
    ("character", "character varying"),
    ("name", "text"),
    ("date", "timestamp without time zone"),
    ("date", "timestamp with time zone"),
    ("timestamp without time zone", "timestamp with time zone"),
}

# Explicit casts of PostgreSQL's own that do not go by way of text.
_DIRECT = {
    ("boolean", "integer"),
    ("integer", "boolean"),
    ("json", "jsonb"),
    ("jsonb", "json"),
    ("integer", "bit"),
    ("bigint", "bit"),
    ("bit", "integer"),
    ("bit", "bigint"),
    ("bit", "bit varying"),
    ("bit varying", "bit"),
    ("inet", "cidr"),
    ("cidr", "inet"),
    ("macaddr", "macaddr8"),
    ("money", "numeric"),
    ("numeric", "money"),
    ("integer", "money"),
    ("bigint", "money"),
    ("time without time zone", "interval"),
    ("interval", "time without time zone"),
    ("time without time zone", "time with time zone"),
    ("time with time zone", "time without time zone"),
    ("timestamp without time zone", "time without time zone"),
    ("timestamp with time zone", "time with time zone"),
    ("integer", "oid"),
    ("bigint", "oid"),
    ("oid", "bigint"),
}

_RANGES = ("int4range", "int8range", "numrange", "tsrange", "tstzrange", "daterange")

# What texts may look like, for servers that cannot be asked (before 16).
_WHOLE_NUMBER = r"^\s*[-+]?\d+\s*$"
_INPUT = {
    **dict.fromkeys(_WHOLE, _WHOLE_NUMBER),
    "numeric": r"^\s*[-+]?(\d+[.]?\d*|[.]\d+)([eE][-+]?\d+)?\s*$",
    "uuid": r"^[0-9a-fA-F]{{8}}-?([0-9a-fA-F]{{4}}-?){{3}}[0-9a-fA-F]{{12}}$",
    "boolean": r"(?i)^\s*(t|f|y|n|0|1|true|false|yes|no|on|off)\s*$",
}

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
        lost: template of the condition of values that would not survive; empty for none.
    """

    using: str = ""
    rewrites: bool = True
    lost: str = ""


def base(type: str) -> str:
    """A type's name without its modifier."""
    return re.sub(r"\(.*?\)", "", type).strip()


def _modifier(type: str) -> list[int]:
    found = re.search(r"\(([\d, -]+)\)", type)
    return [int(n) for n in found[1].split(",")] if found else []


def between(old: str, new: str, ctx: Context) -> Cast:
    """The way from a column's type to another.

    Args:
        old, new: the types as PostgreSQL prints them.
    """
    if old == new:
        return Cast(rewrites=False)
    if _same_or_wider(old, new):
        return Cast(rewrites=not _compatible(old, new))
    a, b = base(old), base(new)
    if a in _NUMBERS and b in _NUMBERS:
        return Cast(lost=_out_of_range(a, new))
    if (a in _STRINGS and b in _STRINGS) or (a in _DATES and b in _DATES):
        return Cast(lost=f"{{0}}::{new}::{old} IS DISTINCT FROM {{0}}")
    return _explicit(old, new, ctx)


def converted(held: str, old: str, new: str, ctx: Context) -> str:
    """A value of one type as one of another, whoever takes it.

    Args:
        held: the expression that holds the value.
    """
    if old == new:
        return held
    using = between(old, new, ctx).using
    return render(using, raw(held)) if using else f"{held}::{new}"


def guards(cast: Cast, after: Object) -> tuple[Guard, ...]:
    """Values of a column that its new type cannot hold, counted before any lock."""
    if not cast.lost:
        return ()
    condition = render(cast.lost, ident(after.id.name))
    query = render("SELECT count(*) FROM {} WHERE {}", relation(after.id), raw(condition))
    message = f"{{count}} values of {after.id.path} do not fit {after['type']}"
    return (Guard(query, message, f"mend them first: {query}", "22000"),)


def _explicit(old: str, new: str, ctx: Context) -> Cast:
    """Casts that PostgreSQL does only when told to."""
    a, b = base(old), base(new)
    enum = _enum(new, ctx)
    if enum is not None:
        values = comma([literal(v).as_string(None) for v in enum["values"]])
        values = values.replace("{", "{{").replace("}", "}}")
        return Cast(f"{{}}::text::{new}", lost=f"{{0}}::text NOT IN ({values})")
    if (found := _of_several(old, new, ctx)) is not None:
        return found
    if a in _DATES and b in _TIMES:
        return Cast(f"{{}}::{new}", lost="{0} IS NOT NULL")
    if (a, b) in _DIRECT or b in _STRINGS:
        return Cast(f"{{}}::{new}", lost=_cut(old, new))
    if "boolean" in (a, b) and {a, b} <= {"boolean", *_WHOLE}:
        return Cast(f"{{}}::integer::{new}", lost="{0}::integer NOT IN (0, 1)")
    lost = ""
    if ctx.before.major >= 16:
        typed = literal(new).as_string(None).replace("{", "{{").replace("}", "}}")
        lost = f"NOT pg_catalog.pg_input_is_valid({{0}}::text, {typed})"
    elif b in _INPUT:
        lost = f"{{0}}::text !~ {literal(_INPUT[b]).as_string(None)}"
    text = "" if a in _STRINGS else "::text"
    return Cast(f"{{}}{text}::{new}", lost=lost)


def _of_several(old: str, new: str, ctx: Context) -> Cast | None:
    """Casts between arrays, and between ranges and their multiranges; None for any other."""
    a, b = base(old), base(new)
    arrays = new.endswith("[]") and old.endswith("[]")
    if arrays and (_by_elements(a, b) or "." in b):
        return Cast(f"{{}}::{new}" if _by_elements(a, b) else f"{{}}::text::{new}")
    if _multiple(old, new, ctx):
        return Cast(f"{{}}::{new}")
    if _multiple(new, old, ctx):
        lost = "pg_catalog.multirange(pg_catalog.range_merge({0})) IS DISTINCT FROM {0}"
        return Cast("pg_catalog.range_merge({})", lost=lost)
    return None


def _by_elements(old: str, new: str) -> bool:
    """Whether PostgreSQL casts arrays of one type to arrays of the other, element by element."""
    a, b = old.rstrip("[]"), new.rstrip("[]")
    families = (_NUMBERS, _STRINGS, _DATES)
    return (a, b) in _DIRECT or b in _STRINGS or any(a in f and b in f for f in families)


def _multiple(one: str, other: str, ctx: Context) -> bool:
    """Whether a type is the multirange of another one."""
    if one in _RANGES:
        return other == one.replace("range", "multirange")
    schema, _, called = one.rpartition(".")
    found = ctx.before.get(ObjectId("range_type", _unquoted(schema), _unquoted(called)))
    if found is None:
        return False
    return other == render("{}", ident(found["multirange_schema"], found["multirange"]))


def _cut(old: str, new: str) -> str:
    """Texts of values that are too long for the new type, and numbers that booleans lose."""
    if base(new) in _STRINGS and _modifier(new):
        return f"length({{0}}::text) > {_modifier(new)[0]}"
    if (base(old), base(new)) == ("integer", "boolean"):
        return "{0} NOT IN (0, 1)"
    return ""


def _out_of_range(old: str, new: str) -> str:
    """Numbers that the new type cannot hold as they are."""
    kind, modifier = base(new), _modifier(new)
    if kind in _WHOLE:
        low, high = -_WHOLE[kind], _WHOLE[kind] - 1
        outside = f"{{0}} < {low} OR {{0}} > {high}"
        return outside if old in _WHOLE else f"{outside} OR {{0}} <> trunc({{0}})"
    if kind == "numeric" and modifier:
        digits, scale = [*modifier, 0][:2]
        value = f"round({{0}}::numeric, {scale})"
        return f"{value} <> {{0}}::numeric OR abs({value}) >= 10::numeric ^ {digits - scale}"
    if kind == "numeric":
        return ""
    if kind == "real":
        return "CASE WHEN abs({0}) > 3.4e38 THEN true ELSE {0}::real::" + old + " <> {0} END"
    return "{0}::double precision::" + old + " <> {0}" if old in ("bigint", "numeric") else ""


def _same_or_wider(old: str, new: str) -> bool:
    pair = (base(old), base(new))
    a, b = _modifier(old), _modifier(new)
    if pair in _WIDENING and not b:
        return True
    if pair == ("character", "character varying"):
        return bool(a) and b[0] >= a[0]
    if pair[0] != pair[1] or "[]" in new:
        return False
    if not b:
        return True
    if pair[0] == "numeric" and a:
        low, high = [*a, 0][:2], [*b, 0][:2]
        return high[1] >= low[1] and high[0] - high[1] >= low[0] - low[1]
    return bool(a) and b[0] >= a[0]


def _compatible(old: str, new: str) -> bool:
    """Whether the stored values stay as they are."""
    pair = (base(old), base(new))
    if set(pair) <= {"character varying", "text"}:
        return True
    a, b = _modifier(old), _modifier(new)
    if pair == ("numeric", "numeric"):
        return not b or (bool(a) and [*a, 0][1] == [*b, 0][1])
    return pair[0] == pair[1] and pair[0] in (*_DATES, *_TIMES, "interval", "bit varying")


def _enum(type: str, ctx: Context) -> Object | None:
    schema, _, name = type.rpartition(".")
    id = ObjectId("enum", _unquoted(schema) or "public", _unquoted(name))
    return ctx.after.get(id)


def _unquoted(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name
