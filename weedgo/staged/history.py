"""What the journal in a target tells: runs, their steps, and what they had begun to fill in."""

from __future__ import annotations

from typing import Any, LiteralString

from psycopg.rows import class_row

from weedgo.staged.db import Connection
from weedgo.staged.records import RunRecord, StepRecord

UNFINISHED = ("running", "incomplete", "failed", "interrupted")


_COMPLETE = """
SELECT count(*) = 2 FROM pg_catalog.pg_attribute
 WHERE (attrelid = pg_catalog.to_regclass('weedgo_migration.step') AND attname = 'undo_guards')
    OR (attrelid = pg_catalog.to_regclass('weedgo_migration.run') AND attname = 'client_user')
"""


class History:
    """What is read of the journal in one target database.

    Args:
        conn: an autocommit connection to it.
    """

    def __init__(self, conn: Connection) -> None:
        self.conn = conn

    def exists(self) -> bool:
        """Whether the target has a journal."""
        row = self.conn.execute(
            "SELECT pg_catalog.to_regclass('weedgo_migration.step') IS NOT NULL"
        ).fetchone()
        return bool(row and row[0])

    def fills(self) -> bool:
        """Whether the target's journal keeps backfills, as those of older versions did not."""
        row = self.conn.execute(
            "SELECT pg_catalog.to_regclass('weedgo_migration.backfill') IS NOT NULL"
        ).fetchone()
        return bool(row and row[0])

    def complete(self) -> bool:
        """Whether the journal has all columns, as those of older versions had not."""
        row = self.conn.execute(_COMPLETE).fetchone()
        return bool(row and row[0])

    def unfinished(self) -> dict[str, str]:
        """Values that a run before began to fill in, by the paths of their columns."""
        if not self.fills():
            return {}
        rows = self.conn.execute(_UNFINISHED).fetchall()
        return {str(subject): str(value) for subject, value in rows}

    def runs(self) -> list[RunRecord]:
        """All runs, the oldest first."""
        return self._read_runs("")

    def get(self, run: str) -> RunRecord | None:
        """One run."""
        found = self._read_runs("WHERE id = %s", run)
        return found[0] if found else None

    def last(self, *status: str) -> RunRecord | None:
        """The newest run, of these statuses if any are given."""
        found = self._read_runs("WHERE cardinality(%s::text[]) = 0 OR status = ANY(%s)",
                                list(status), list(status))  # fmt: skip
        return found[-1] if found else None

    def continued(self, follows: str = "") -> str | None:
        """The run that a new run carries on: the newest, if it did not end well.

        Args:
            follows: else this one, which ended well but is part of the same job.
        """
        last = self.last()
        if last and last.status in UNFINISHED:
            return last.id
        return follows if follows and any(r.id == follows for r in self.runs()) else None

    def steps(self, run: str, *status: str) -> list[StepRecord]:
        """The steps of a run in their order, of these statuses if any are given."""
        if not self.exists():
            return []
        with self.conn.cursor(row_factory=class_row(StepRecord)) as cursor:
            return cursor.execute(
                "SELECT * FROM weedgo_migration.step WHERE run = %s"
                " AND (cardinality(%s::text[]) = 0 OR status = ANY(%s)) ORDER BY seq",
                [run, list(status), list(status)],
            ).fetchall()

    def _read_runs(self, where: LiteralString, *args: Any) -> list[RunRecord]:
        if not self.exists():
            return []
        with self.conn.cursor(row_factory=class_row(RunRecord)) as cursor:
            return cursor.execute(
                "SELECT * FROM weedgo_migration.run "  # noqa: S608
                + where
                + " ORDER BY started, id",
                args,
            ).fetchall()

    def newest(self, step: str) -> str:
        """The status of the newest step of that id in any run; empty if there is none."""
        if not self.exists():
            return ""
        row = self.conn.execute(
            "SELECT s.status FROM weedgo_migration.step s JOIN weedgo_migration.run r"
            " ON r.id = s.run WHERE s.id = %s AND s.status IN ('done', 'undone')"
            " ORDER BY r.started DESC LIMIT 1",
            [step],
        ).fetchone()
        return str(row[0]) if row else ""


_UNFINISHED = """
SELECT DISTINCT ON (subject) subject, value FROM weedgo_migration.backfill
 WHERE finished IS NULL ORDER BY subject, updated DESC
"""
