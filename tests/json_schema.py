"""Checks JSON documents against the schemas of `weedgo/staged/schema`.

As much of JSON Schema as those use; a keyword that is not known here is an error, so that nothing
passes unread.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent.parent / "weedgo" / "staged" / "schema"
TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}
# What says nothing about a value by itself, or is looked at apart.
WORDS = frozenset(
    {"$schema", "$defs", "title", "description", "type", "properties", "additionalProperties"}
)


@cache
def load(name: str) -> Any:
    """A schema by its name, such as ``result``."""
    return json.loads((FOLDER / name).with_suffix(".json").read_text())


def problems(document: Any, name: str) -> list[str]:
    """What is wrong with a document by the schema of that name; nothing if it is right."""
    return list(_check(document, load(name), "$", name))


def _check(found: Any, schema: Any, at: str, file: str) -> Iterator[str]:
    if "type" in schema and not _is(found, schema["type"]):
        yield f"{at}: {found!r} is no {schema['type']}"
        return
    for word, wanted in schema.items():
        if word in NESTED:
            yield from NESTED[word](found, wanted, at, file)
        elif word not in WORDS and not SIMPLE[word](found, wanted):
            yield f"{at}: {word} {wanted!r} does not hold for {found!r}"
    if isinstance(found, dict):
        yield from _properties(found, schema, at, file)


def _items(found: Any, wanted: Any, at: str, file: str) -> Iterator[str]:
    for number, item in enumerate(found):
        yield from _check(item, wanted, f"{at}[{number}]", file)


def _any_of(found: Any, wanted: Any, at: str, file: str) -> Iterator[str]:
    if all(list(_check(found, option, at, file)) for option in wanted):
        yield f"{at}: none of the alternatives fits"


def _reference(found: Any, wanted: Any, at: str, file: str) -> Iterator[str]:
    yield from _check(found, *_resolved(wanted, at, file))


def _resolved(reference: str, at: str, file: str) -> tuple[Any, str, str]:
    other, _, path = reference.partition("#/")
    file = other.removesuffix(".json") or file
    schema = load(file)
    for part in path.split("/"):
        schema = schema[part]
    return schema, at, file


def _properties(found: Any, schema: Any, at: str, file: str) -> Iterator[str]:
    known, others = schema.get("properties", {}), schema.get("additionalProperties", True)
    for name, item in found.items():
        if name in known:
            yield from _check(item, known[name], f"{at}.{name}", file)
        elif others is False:
            yield f"{at}: unknown property {name}"
        elif isinstance(others, dict):
            yield from _check(item, others, f"{at}.{name}", file)


def _is(found: Any, name: str) -> bool:
    if isinstance(found, bool):
        return name == "boolean"
    return isinstance(found, TYPES[name])


NESTED = {"items": _items, "anyOf": _any_of, "$ref": _reference}
SIMPLE: Mapping[str, Callable[[Any, Any], bool]] = {
    "required": lambda found, names: all(name in found for name in names),
    "enum": lambda found, values: found in values,
    "const": lambda found, value: found == value,
    "minimum": lambda found, least: found >= least,
    "maximum": lambda found, most: found <= most,
    "pattern": lambda found, pattern: re.search(pattern, found) is not None,
}
