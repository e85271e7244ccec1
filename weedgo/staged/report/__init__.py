"""The files and documents that tell of a run: for people, for psql, for other programs.

Of the facts of a report these have a meaning here: ``sizes`` (bytes by path of table, shown beside
its locks); names that hold ``storage`` or end in ``size`` or ``bytes`` (amounts of storage); names
that end in ``seconds`` or ``pause`` (spans of time); ``told`` (sentences to print at the end). All
others are shown as they are.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from weedgo.staged.model import (
    Difference,
    Finding,
    Object,
    Options,
    Plan,
    Report,
    Stage,
    StagedError,
)
from weedgo.staged.report import comparison, document, page, pages, script
from weedgo.staged.report.summary import summary

__all__ = ["check_plan", "prepare", "summary", "write", "write_comparison", "write_validation"]


def prepare(directory: Path) -> None:
    """Make the folder for a run's files, before anything is changed.

    Raises:
        StagedError: nothing can be written there.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory):
            pass
    except OSError as error:
        raise _unwritable(directory, error) from error


def write(
    report: Report,
    directory: Path,
    *,
    options: Options | None = None,
    difference: Difference | None = None,
    findings: Sequence[Finding] = (),
    backup: Path | None = None,
) -> tuple[str, ...]:
    """Write the files of a run, before it (status planned) and after it, over those before.

    Args:
        report: of the run; its own ``files`` are not looked at.
        directory: where the files go; made if absent.
        options: what was asked for.
        difference: what the comparison found; without it, what the plan changes.
        findings: the checks of a validation; without them no validation report is written.
        backup: the schema backup, named among the files.

    Returns:
        Paths of the files, those written by this call and the backup.

    Raises:
        StagedError: nothing can be written there.
    """
    prepare(directory)
    options = options or Options()
    plan = report.plan or Plan("", "", ())
    names = [*_names(findings), *([str(backup)] if backup else [])]
    files = tuple(name if name == str(backup) else str(directory / name) for name in names)
    report = replace(report, files=files)
    texts = _scripts(plan, options)
    texts |= _comparison(difference or _planned(plan), report.source, report.target)
    texts |= {
        "MIGRATION_REPORT.md": pages.migration(report, options),
        "FINAL_SUMMARY.md": pages.summary(report, options, findings),
        "report.html": page.page(report, options),
        "plan.json": document.text(document.plan(plan)),
        "result.json": document.text(document.result(report)),
    }
    if findings:
        texts["VALIDATION_REPORT.md"] = pages.validation(report, findings)
    _save(directory, texts)
    return files


def check_plan(plan: Plan, directory: Path) -> None:
    """Refuse to go on where a plan is not the one that was written into a folder before.

    Raises:
        StagedError: no plan there, or source, target or options have changed since.
    """
    path = directory / "plan.json"
    try:
        written = path.read_text(encoding="utf-8")
        saved = json.loads(written)
        sides = [(side, saved[f"{side}_fingerprint"]) for side in ("target", "source")]
    except FileNotFoundError:
        raise StagedError(f"there is no {path}; write one with --plan --output DIR") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StagedError(
            f"{path} is not a plan ({type(error).__name__}); write one with --plan --output DIR"
        ) from None
    now = {"source": plan.source_fingerprint, "target": plan.target_fingerprint}
    for side, fingerprint in sides:
        if fingerprint != now[side]:
            raise StagedError(
                f"the {side} has changed since the plan in {directory} was written; plan again"
            )
    if _lasting(saved) != _lasting(json.loads(document.text(document.plan(plan)))):
        raise StagedError(
            f"the plan in {directory} was made with other options; give the same, or plan again"
        )


def _lasting(plan: Any) -> Any:
    """A plan's document without what depends on the rows that stood as it was made."""
    steps = [{k: v for k, v in s.items() if k != "no_undo"} for s in plan.get("steps", ())]
    return {**plan, "steps": steps}


def write_comparison(
    difference: Difference, source: str, target: str, directory: Path
) -> tuple[str, ...]:
    """Write the two files of a comparison.

    Raises:
        StagedError: nothing can be written there.
    """
    prepare(directory)
    texts = _comparison(difference, source, target)
    _save(directory, texts)
    return tuple(str(directory / name) for name in texts)


def write_validation(
    report: Report, findings: Sequence[Finding], directory: Path
) -> tuple[str, ...]:
    """Write ``VALIDATION_REPORT.md`` on its own.

    Raises:
        StagedError: nothing can be written there.
    """
    prepare(directory)
    _save(directory, {"VALIDATION_REPORT.md": pages.validation(report, findings)})
    return (str(directory / "VALIDATION_REPORT.md"),)


def _names(findings: Sequence[Finding]) -> list[str]:
    return [
        "FINAL_SUMMARY.md",
        "report.html",
        "MIGRATION_REPORT.md",
        *(["VALIDATION_REPORT.md"] if findings else []),
        "schema_comparison_report.txt",
        "schema_differences.json",
        "schema_migration.sql",
        "schema_rollback.sql",
        *(stage.file for stage in Stage),
        "run_all.sql",
        "plan.json",
        "result.json",
    ]


def _scripts(plan: Plan, options: Options) -> dict[str, str]:
    texts = {stage.file: script.stage_file(plan, stage, options) for stage in Stage}
    texts["schema_migration.sql"] = script.whole_file(plan, options)
    texts["schema_rollback.sql"] = script.undo_file(plan, options)
    texts["run_all.sql"] = script.run_all_file(plan)
    return texts


def _comparison(difference: Difference, source: str, target: str) -> dict[str, str]:
    return {
        "schema_comparison_report.txt": comparison.report(difference, source, target),
        "schema_differences.json": document.text(document.differences(difference, source, target)),
    }


def _planned(plan: Plan) -> Difference:
    changes = tuple(change for step in plan.steps for change in step.changes)
    return Difference(changes, 0, tuple(Object(id, {}) for id in plan.kept))


def _save(directory: Path, texts: dict[str, str]) -> None:
    try:
        for name, text in texts.items():
            _replace(directory / name, text)
    except OSError as error:
        raise _unwritable(directory, error) from error


def _replace(path: Path, text: str) -> None:
    """Whole or not at all, so that a run that is killed leaves no half of a file."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _unwritable(directory: Path, error: OSError) -> StagedError:
    reason = error.strerror or str(error)
    return StagedError(
        f"Cannot write to {directory}: {reason}. Choose another folder with --output."
    )
