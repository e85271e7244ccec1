"""Values that an enum loses while what only the target has, and keeps, names them."""

from __future__ import annotations

import json
import re
from collections.abc import Collection

from weedgo.staged.kinds.base import Context, literal, name, render
from weedgo.staged.kinds.staying import REMEDY, kept
from weedgo.staged.model import Object, ObjectId

# A literal of a type, or of an array of it, as PostgreSQL prints it.
_LITERAL = r"'((?:[^']|'')*)'::{}(?![\w.])"
_RELATIONS = ("table", "view", "materialized_view", "foreign_table")


def named(gone: Collection[str], enum: ObjectId, ctx: Context) -> str:
    """Why an enum cannot lose values; empty where nothing that is kept names them.

    Args:
        gone: the values.
        enum: as it stands.
        ctx: of the change.
    """
    near = {enum, *ctx.dependents(enum)}
    typed = {n for n in near if n.kind == "column"}
    tables = {ObjectId(kind, c.schema, c.parent) for c in typed for kind in _RELATIONS}
    for obj in ctx.before:
        id = obj.id
        if not kept(id, ctx):
            continue
        found = _mentioned(gone, enum, obj) if id in near else ""
        if id.kind == "partition" and ObjectId("table", *obj["of"]) in tables:
            found = _bounded(gone, obj["bound"])
        if not found and id.kind == "function":
            found = _in_body(gone, {n.name for n in (enum, *tables)}, obj, around=id in near)
        if found:
            why = f"{id}, which only the target has, names the value {found} of {enum.path}"
            return f"{why}, which goes; {REMEDY}"
    return ""


def _mentioned(gone: Collection[str], enum: ObjectId, obj: Object) -> str:
    """A value that an expression of an object names."""
    type = re.escape(render("{}", name(enum))).replace('"', '"?')
    pattern = re.compile(_LITERAL.format(type))
    texts = (t for value in obj.attrs.values() for t in _texts(value))
    said = {s.replace("''", "'") for text in texts for s in pattern.findall(text)}
    inside = {word for s in said for word in _elements(s)}
    return next((value for value in gone if value in said | inside), "")


def _bounded(gone: Collection[str], bound: str) -> str:
    """A value that the bound of a partition names."""
    return next((v for v in gone if re.search(rf"{re.escape(_quoted(v))}(?=[,)])", bound)), "")


def _quoted(value: str) -> str:
    return literal(value).as_string(None)


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [json.dumps(value, default=str)] if isinstance(value, list | tuple | dict) else []


def _elements(array: str) -> list[str]:
    """What an array as text holds, if it is one."""
    if not array.startswith("{"):
        return []
    return [w.strip('"') for w in re.findall(r'"(?:[^"\\]|\\.)*"|[^{},]+', array)]


def _in_body(gone: Collection[str], names: Collection[str], obj: Object, *, around: bool) -> str:
    """A value that the text of a function names, if that is about the enum as far as it shows."""
    body = obj["definition"].partition("\nAS $")[2]
    words = set(re.findall(r"[^\W\d][\w$]*", body))
    if not (around or words & set(names)):
        return ""
    return next((v for v in gone if _quoted(v) in body), "")
