"""Telling a target's audit log what is done to its schema, where it has such a log.

The engine knows of no log: its commands tell it, on a connection of their own, through the function
by which all events enter. What cannot be told stops nothing, and is said once a run has ended that
went well otherwise: where the target cannot be reached, the run says so itself.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg

from weedgo.staged import db
from weedgo.staged.model import Report, StagedError
from weedgo.staged.report import words

THERE = "SELECT to_regprocedure('public.agi_audit_record(jsonb, name)') IS NOT NULL"
RECORD = "SELECT public.agi_audit_record(%s::jsonb, 'public')"
# What became of it, by exit status.
SEVERITIES = {0: "info", 1: "warning"}
# Of a message, in characters.
LENGTH = 500


@dataclass
class Telling:
    """A run, as the log hears of it.

    Attributes:
        target: URL of the database that is changed, and whose log is told.
        what: `migration` or `rollback`.
        run: its name.
        facts: what else is known, such as the source.
        report: what came of it, once it has ended.
        untold: what the log was not told of, and why.
    """

    target: str
    what: str
    run: str
    facts: dict[str, Any] = field(default_factory=dict)
    report: Report | None = None
    untold: list[str] = field(default_factory=list)

    def started(self) -> None:
        """Tell that it begins."""
        self._tell({"event_type": f"{self.what}.started"}, {})

    def ended(self, error: BaseException | None) -> None:
        """Tell how it ended.

        Args:
            error: what it was ended by, if it came to no report.
        """
        report = self.report
        status = 2 if report is None else report.exit
        said = str(error or (report.message if report else ""))
        outcome: dict[str, Any] = {
            "event_type": f"{self.what}.ended",
            "severity": SEVERITIES.get(status, "error"),
            "outcome": "failure" if status else "success",
        }
        facts: dict[str, Any] = {"status": report.status if report else type(error).__name__}
        if report is not None:
            outcome["duration_ms"] = round(1000 * report.seconds)
            facts["steps"] = len(report.results)
        if said:
            facts["message"] = words.line(words.redact(said))[:LENGTH]
        self._tell(outcome, facts)
        if error is None:
            sys.stderr.writelines(f"the audit log was not told of {one}\n" for one in self.untold)

    def _tell(self, event: dict[str, Any], facts: dict[str, Any]) -> None:
        entry = {
            "category": "system",
            "target_pk": self.run,
            **event,
            "changes": {**self.facts, **facts},
        }
        try:
            with db.connect(self.target, application=f"weedgo {self.what}") as conn:
                row = conn.execute(THERE).fetchone()
                if row and row[0]:
                    conn.execute(RECORD, [json.dumps([entry])])
        except (psycopg.Error, StagedError) as error:
            told = words.line(words.redact(str(error)))
            self.untold.append(f"{event['event_type']}: {told}")


@contextmanager
def telling(target: str, what: str, run: str, **facts: str) -> Iterator[Telling]:
    """Tell the audit log of a target that a run begins, and how it ends.

    Args:
        target: URL of the database.
        what: `migration` or `rollback`.
        run: its name.
        facts: what else is known; passwords in it are left out.
    """
    found = Telling(target, what, run, {name: words.redact(told) for name, told in facts.items()})
    found.started()
    try:
        yield found
    except BaseException as error:
        found.ended(error)
        raise
    found.ended(None)
