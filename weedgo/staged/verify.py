"""Validation of a migrated database: does each object stand, equal the source's, and work?

Equality alone is not enough: a function can be equal and refer to what is missing, a sequence can
be equal and lie behind its column, a view can be equal and fail. So every object is also used.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from weedgo.staged.db import Connection
from weedgo.staged.diff import differing
from weedgo.staged.journal import Journal
from weedgo.staged.model import Catalog, Finding, Object, ObjectId, StagedError
from weedgo.staged.probe import NAMED_KINDS, USES, Probe
from weedgo.staged.records import StepRecord

_LONGEST_VALUE = 120

# What an attribute that differs means, in words; all others are told as their two values.
_WORDS = {
    ("index", "valid"): "is invalid: drop it and build it again",
    ("constraint", "validated"): "is NOT VALID: ALTER TABLE … VALIDATE CONSTRAINT …",
    ("trigger", "enabled"): "is {}, in the source {}",
}
_ENABLED = {"O": "enabled", "D": "disabled", "R": "enabled on replicas", "A": "always enabled"}


@dataclass(frozen=True, slots=True)
class NamedCheck:
    """Objects that somebody wants to see stand and work, whatever the difference was.

    Args:
        name: what the report calls it.
        kind: one of `NAMED_KINDS`.
        objects: dotted names: ``schema.table``, ``schema.table.column``, ``schema.function``
            (with argument types in parentheses where the name is overloaded).
    """

    name: str
    kind: str
    objects: tuple[str, ...]


def load_checks(path: Path) -> tuple[NamedCheck, ...]:
    """Read named checks from a TOML file of ``[[check]]`` tables with name, kind and objects.

    Raises:
        StagedError: the file cannot be read, or is not of that form.
    """
    try:
        document = tomllib.loads(path.read_text())
    except OSError as error:
        raise StagedError(f"cannot read the checks in {path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise StagedError(f"{path} is not TOML: {error}") from None
    checks = document.get("check")
    if not isinstance(checks, list) or not checks:
        raise StagedError(f"{path} holds no [[check]]; give each a name, a kind and objects")
    return tuple(_named_check(path, check) for check in checks)


def _named_check(path: Path, check: Mapping[str, Any]) -> NamedCheck:
    name, kind, objects = (check.get(key) for key in ("name", "kind", "objects"))
    if not isinstance(name, str) or not isinstance(objects, list) or not objects:
        raise StagedError(f"{path}: every [[check]] needs a name, a kind and a list of objects")
    if kind not in NAMED_KINDS or not all(isinstance(o, str) for o in objects):
        kinds = ", ".join(sorted(NAMED_KINDS))
        raise StagedError(f"{path}: check {name!r} has kind {kind!r}; choose one of {kinds}")
    return NamedCheck(name, str(kind), tuple(objects))


def objects_of_run(conn: Connection, run: str | None = None) -> tuple[str, tuple[ObjectId, ...]]:
    """What a run was to change, and the runs that it carries on, by the journal.

    Args:
        conn: to the target.
        run: its id; None for the newest that had anything to do.

    Returns:
        The run's id and the objects in the order of the steps; empty where there is no such run.

    Raises:
        StagedError: a run was named and the journal does not have it.
    """
    journal = Journal(conn)
    runs = {record.id: record for record in journal.runs()}
    if run is not None and run not in runs:
        known = f"; the last one is {list(runs)[-1]}" if runs else " of any run"
        raise StagedError(f"the target's journal knows nothing of run {run!r}{known}")
    steps: list[StepRecord] = []
    for number in [run] if run else reversed(runs):
        steps = [s for s in journal.steps(number) if s.status != "undone"]
        if steps:
            run = number
            break
    before = runs[run].continues if run else None
    while before:
        steps = [s for s in journal.steps(before) if s.status != "undone"] + steps
        before = runs[before].continues
    ids = (ObjectId(*words[1:]) for step in steps for words in step.objects)
    return run or "", tuple(dict.fromkeys(ids))


def validate(
    source: Catalog,
    target: Catalog,
    objects: Iterable[ObjectId],
    conn: Connection,
    named_checks: Iterable[NamedCheck] = (),
) -> tuple[Finding, ...]:
    """Check each object of a difference, and what the named checks name.

    Args:
        source: what is wanted.
        target: what stands, read just before.
        objects: those to check; one that the source lacks must be gone.
        conn: to the target, in autocommit; nothing is changed.
        named_checks: further checks, one finding for each of their objects.

    Returns:
        One finding for each object, in the given order, then those of the named checks.
    """
    probe = Probe(conn)
    findings = []
    for id in dict.fromkeys(objects):
        faults = list(_faults(source, target, id, probe))
        findings.append(Finding(id.kind.replace("_", " "), str(id), not faults, "; ".join(faults)))
    for check in named_checks:
        for path in check.objects:
            fault = NAMED_KINDS[check.kind](probe, path)
            findings.append(Finding(check.name, f"{check.kind} {path}", not fault, fault))
    return tuple(findings)


def _faults(source: Catalog, target: Catalog, id: ObjectId, probe: Probe) -> Iterator[str]:
    wanted, found = source.get(id), target.get(id)
    if wanted is None:
        if found is not None:
            yield "stands, although the source lacks it"
        return
    if found is None:
        yield "is missing"
        return
    yield from (_told(id, name, found, wanted) for name in differing(found, wanted))
    if id.kind == "index" and not found.get("valid", True) and wanted.get("valid", True) is False:
        yield _WORDS["index", "valid"]
    if id.kind in USES:
        fault = USES[id.kind](probe, found)
        if fault:
            yield fault
    if id.kind in ("function", "procedure"):
        yield from _missing_relations(source, target, found)


def _told(id: ObjectId, name: str, found: Object, wanted: Object) -> str:
    is_, should = found.attrs.get(name), wanted.attrs.get(name)
    words = _WORDS.get((id.kind, name))
    if words and id.kind == "trigger":
        return words.format(_ENABLED.get(str(is_), is_), _ENABLED.get(str(should), should))
    if words and is_ is False:
        return words
    label = name.replace("_", " ")
    shown = [_short(value, other) for value, other in ((is_, should), (should, is_))]
    return f"{label} is {shown[0]}, in the source {shown[1]}"


def _short(value: Any, other: Any) -> str:
    """A value fit for one line: of a long text, the part from where it differs."""
    text, against = " ".join(str(value).split()), " ".join(str(other).split())
    if value is None:
        return "absent"
    if len(text) <= _LONGEST_VALUE:
        return repr(text)
    start = next((i for i, (a, b) in enumerate(zip(text, against, strict=False)) if a != b), 0)
    start = max(min(start - 20, len(text) - _LONGEST_VALUE), 0)
    cut = text[start : start + _LONGEST_VALUE]
    return repr(f"{'…' * bool(start)}{cut}{'…' * (start + len(cut) < len(text))}")


_QUOTED = re.compile(
    r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|(?P<name>\"(?:[^\"]|\"\")+\"|[^\W\d][\w$]*)", re.DOTALL
)


def _missing_relations(source: Catalog, target: Catalog, function: Object) -> Iterator[str]:
    """Relations of the source that a function's body names and the target lacks.

    PL/pgSQL resolves names when a statement first runs, so its validator finds none of these.
    """
    body = str(function.get("definition", ""))
    body = body[body.find("$") :] if "$" in body else body
    found = {m["name"].strip('"') for m in _QUOTED.finditer(body) if m["name"]}
    for id in source.objects:
        if id.kind in ("table", "view", "materialized_view", "sequence") and id.name in found:
            stands = any(
                ObjectId(kind, id.schema, id.name) in target
                for kind in ("table", "view", "materialized_view", "sequence", "foreign_table")
            )
            if not stands:
                yield f"refers to {id}, which is missing"
