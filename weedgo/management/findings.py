"""Findings on a screen and as JSON, alike for every command that checks something."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from weedgo.management.command import StagedCommand
from weedgo.staged.model import Finding
from weedgo.staged.report import document, words

SHOWN = 20


def exit_status(findings: Sequence[Finding]) -> int:
    """0 all hold, 1 some do not."""
    return 0 if all(finding.holds for finding in findings) else 1


def told(
    findings: Sequence[Finding], started: float, files: Sequence[str] = (), message: str = ""
) -> dict[str, Any]:
    """The document of a command that checks.

    Args:
        started: by the monotonic clock.
    """
    held = sum(finding.holds for finding in findings)
    status = exit_status(findings)
    return {
        "version": 1,
        "status": "different" if status else "equal",
        "exit": status,
        "message": message,
        "checks": len(findings),
        "hold": held,
        "percent": percent(findings),
        "counts": {name: {"checks": n, "hold": ok} for name, n, ok in tallies(findings)},
        "findings": document.findings(findings),
        "seconds": round(time.monotonic() - started, 3),
        "files": list(files),
    }


def percent(findings: Sequence[Finding]) -> float:
    """Share of the checks that hold, 0 to 100, never rounded up to 100."""
    if not findings:
        return 100.0
    share = 1000 * sum(finding.holds for finding in findings) // len(findings)
    return share / 10


def tallies(findings: Sequence[Finding]) -> list[tuple[str, int, int]]:
    """By check, in the order in which they come: how many, and how many of them hold."""
    counts: dict[str, list[int]] = {}
    for finding in findings:
        tally = counts.setdefault(finding.check, [0, 0])
        tally[0] += 1
        tally[1] += finding.holds
    return [(check, number, held) for check, (number, held) in counts.items()]


def tell(command: StagedCommand, findings: Sequence[Finding], what: str, empty: str) -> None:
    """Print the checks by group, those that do not hold one by one, and a last line.

    Args:
        what: the noun of the last line, such as ``validation checks``.
        empty: the last line where there was nothing to check.
    """
    rows = [(check, f"{held:,}", "of", f"{n:,}") for check, n, held in tallies(findings)]
    for line in words.columns(rows, right=(1, 3)):
        command.stdout.write(line)
    broken = [finding for finding in findings if not finding.holds]
    if broken:
        command.stdout.write("")
    for finding in broken[:SHOWN]:
        detail = f": {finding.detail}" if finding.detail else ""
        command.stdout.write(command.style.ERROR(f"✗ {finding.subject}{detail}"))
    if len(broken) > SHOWN:
        more = len(broken) - SHOWN
        command.stdout.write(f"… and {more:,} more; --json names all of them")
    command.stdout.write("")
    if not findings:
        command.stdout.write(empty)
        return
    held = len(findings) - len(broken)
    line = f"{percent(findings):.1f} % of the {what} hold: {held:,} of {len(findings):,}."
    command.stdout.write((command.style.ERROR if broken else command.style.SUCCESS)(line))
