"""Checks JSON documents against the schemas that the project states."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from weedgo import staged
from weedgo.management import schema

ENGINE = Path(staged.__file__).parent / "schema"


def problems(document: Any, name: str) -> list[str]:
    """What is wrong with a document by a schema of that name; nothing if it is right.

    Args:
        document: as `json.loads` gives it.
        name: of a command, or of a schema of the engine's, such as ``plan``.
    """
    found = validator(name).iter_errors(document)
    return [f"{error.json_path}: {error.message}" for error in found]


@cache
def validator(name: str) -> Draft202012Validator:
    """What checks by a schema; the engine's may refer to each other by their files' names."""
    files = {path.name: json.loads(path.read_text()) for path in ENGINE.glob("*.json")}
    contents = files.get(f"{name}.json") or json.loads(schema.path(name).read_text())
    Draft202012Validator.check_schema(contents)
    resources = [(file, Resource.from_contents(text)) for file, text in files.items()]
    return Draft202012Validator(contents, registry=Registry().with_resources(resources))
