"""Runs, plans and differences as JSON documents; ``weedgo/staged/schema`` states their form."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from weedgo.staged import consent
from weedgo.staged.model import (
    Action,
    Change,
    Difference,
    Finding,
    Guard,
    ObjectId,
    Parity,
    Plan,
    Report,
    Result,
    Statement,
    Step,
    Unmodelled,
)
from weedgo.staged.report import words

VERSION = 1
Document = dict[str, Any]


def text(document: Document) -> str:
    """The document as JSON text, the same bytes for the same document."""
    return json.dumps(document, indent=2, ensure_ascii=False, default=_plain) + "\n"


def _plain(found: Any) -> Any:
    if isinstance(found, ObjectId):
        return identity(found)
    if isinstance(found, Mapping):
        return dict(found)
    if isinstance(found, set | frozenset):
        return sorted(found, key=str)
    if isinstance(found, Iterable):
        return list(found)
    return str(found)


def result(report: Report) -> Document:
    """The document of a run: what ``--json`` prints and ``result.json`` holds.

    Of a run that is only planned it tells too what each step will ask of the tables in use.
    """
    steps = report.plan.steps if report.plan and report.status == "planned" else ()
    sizes = report.facts.get("sizes", {})
    more = {"steps": [_expected(step, sizes) for step in steps]} if steps else {}
    return more | {
        "version": VERSION,
        "run": report.run,
        "status": report.status,
        "exit": report.exit,
        "message": words.redact(report.message),
        "source": words.redact(report.source),
        "target": words.redact(report.target),
        "counts": {label: asdict(tally) for label, tally in report.counts.items()},
        "objects": [row for found in report.results for row in _objects(found)],
        "parity": _parity(report.parity),
        "facts": dict(report.facts),
        "seconds": round(report.seconds, 3),
        "files": list(report.files),
    }


def failure(message: str, *, source: str = "", target: str = "", exit: int = 2) -> Document:
    """The document of a run that ended before there was anything to report."""
    report = Report("", "error", source, target, {}, (), None, 0.0, message=message)
    return result(report) | {"exit": exit}


def plan(plan: Plan) -> Document:
    """The document of a plan, without time or place: two plans of a difference are the same."""
    return {
        "version": VERSION,
        "source_fingerprint": plan.source_fingerprint,
        "target_fingerprint": plan.target_fingerprint,
        "steps": [_step(step) for step in plan.steps],
        "kept": [identity(id) for id in plan.kept],
    }


def differences(difference: Difference, source: str, target: str) -> Document:
    """The document of a comparison: what ``compare_schemas --json`` prints."""
    found = [_difference(change) for change in difference.changes]
    found += [_only(kept.id, "target") for kept in difference.kept]
    equal = not found and not difference.unmodelled
    return {
        "version": VERSION,
        "status": "equal" if equal else "different",
        "exit": 0 if equal else 1,
        "message": "",
        "source": words.redact(source),
        "target": words.redact(target),
        "equal": difference.equal,
        "counts": _sides(found),
        "objects": found,
        "unmodelled": [_unmodelled(u) for u in difference.unmodelled],
        "unverified": [identity(id) for id in difference.unverified],
    }


def no_comparison(message: str, *, source: str = "", target: str = "", exit: int = 2) -> Document:
    """The document of a comparison that could not be made."""
    empty = differences(Difference((), 0), source, target)
    return empty | {"status": "error", "exit": exit, "message": words.redact(message)}


def findings(found: Iterable[Finding]) -> list[Document]:
    """Checks of a verification."""
    return [asdict(finding) for finding in found]


def identity(id: ObjectId) -> Document:
    """The key of an object."""
    return id._asdict()


def side(change: Change) -> str:
    """Where the object of a change stands: ``source``, ``target`` or ``both``."""
    if change.before is None:
        return "source"
    return "target" if change.after is None else "both"


def _objects(found: Result) -> Iterable[Document]:
    for change in found.step.counted:
        yield identity(change.id) | {
            "action": str(change.action),
            "step": found.step.id,
            "stage": int(found.step.stage),
            "status": str(found.status),
            "sqlstate": found.sqlstate,
            "message": words.redact(found.message),
            "remedy": words.redact(found.remedy),
            "attempts": found.attempts,
            "seconds": round(found.elapsed, 3),
        }


def _parity(parity: Parity | None) -> Document | None:
    if parity is None:
        return None
    return {
        "equal": parity.equal,
        "percent": round(parity.percent, 2),
        "different": [_difference(change) for change in parity.different],
        "unmodelled": [_unmodelled(u) for u in parity.unmodelled],
        "unverified": [identity(id) for id in parity.unverified],
    }


def _difference(change: Change) -> Document:
    return _only(change.id, side(change)) | {
        "attributes": [
            {
                "name": name,
                "source": change.after.attrs.get(name) if change.after else None,
                "target": change.before.attrs.get(name) if change.before else None,
            }
            for name in change.attributes
        ]
    }


def _only(id: ObjectId, where: str) -> Document:
    return identity(id) | {"where": where, "attributes": []}


def _sides(found: Iterable[Document]) -> Document:
    counts: dict[str, dict[str, int]] = {}
    for row in found:
        tally = counts.setdefault(row["kind"], {"source": 0, "target": 0, "both": 0})
        tally[row["where"]] += 1
    return counts


def _unmodelled(found: Unmodelled) -> Document:
    return asdict(found)


def _guard(guard: Guard) -> Document:
    return {name: value for name, value in asdict(guard).items() if name != "beforehand"}


def _step(step: Step) -> Document:
    return {
        "id": step.id,
        "home": int(step.home),
        "stage": int(step.stage),
        "because": step.because,
        "needs": list(step.needs),
        "objects": [
            identity(c.id) | {"action": str(c.action), "attributes": list(c.attributes)}
            for c in step.changes
        ],
        "counted": len(step.counted),
        "rebuilt": [identity(id) for id in step.rebuilt],
        "transactional": step.transactional,
        "guards": [_guard(guard) for guard in step.guards],
        "statements": [_statement(s) for s in step.statements],
        "undo": [_statement(s) for s in step.undo],
        "no_undo": step.no_undo,
        "hazards": list(step.hazards),
        "refusal": step.refusal,
        "consent": step.consent,
        "drops": any(c.action in (Action.DROP, Action.RETIRE) for c in step.changes),
    }


def _expected(step: Step, sizes: Mapping[str, int]) -> Document:
    """What a step asks of the tables that it locks."""
    return {
        "id": step.id,
        "stage": int(step.stage),
        "locks": [
            {"table": table, "lock": lock, "bytes": sizes.get(table)} for table, lock in step.locks
        ],
        "scans": any(s.scans for s in step.statements),
        "rewrites": any(s.rewrites for s in step.statements),
        "fills": [s.fill.subject for s in step.statements if s.fill],
        "hazards": list(step.hazards),
        "refusal": step.refusal,
        "consent": step.consent,
        "estimated_seconds": round(consent.seconds(step.statements, sizes), 1),
    }


def _statement(statement: Statement) -> Document:
    return {
        "sql": statement.sql,
        "lock": statement.lock,
        "table": statement.table.path if statement.table else "",
        "scans": statement.scans,
        "rewrites": statement.rewrites,
        "transactional": statement.transactional,
        "phase": statement.phase,
    }
