"""Pairs of schemas on real servers, migrated from outside, as a user does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests import pgdump
from tests.conftest import Database
from tests.integration.staged import made
from tests.servers import Server
from weedgo.staged.model import Event, Options, Report
from weedgo.staged.run import migrate, rollback

_LEFT = """
SELECT count(*) FROM (
    SELECT attname FROM pg_attribute JOIN pg_class c ON c.oid = attrelid AND relkind IN ('r', 'p')
     WHERE NOT attisdropped UNION ALL
    SELECT relname FROM pg_class UNION ALL SELECT conname FROM pg_constraint UNION ALL
    SELECT tgname FROM pg_trigger UNION ALL SELECT proname FROM pg_proc
) names(name) WHERE name ~ 'weedgo_tmp_'
"""


@dataclass(frozen=True)
class Pair:
    """A source that says what is wanted, and a target with rows."""

    source: str
    target: str

    def migrate(self, listen: Callable[[Event], None] | None = None, **options: Any) -> Report:
        """Bring the target to the source."""
        chosen = Options(**{"lock_timeout": 2.0, "retries": 50, **options})
        return migrate(
            self.source, self.target, chosen, backup=False, listen=listen or (lambda _: None)
        )

    def rollback(self, **options: Any) -> Report:
        """Take the last run back."""
        return rollback(self.target, options=Options(**options))

    def foreseen(self, **options: Any) -> Report:
        """What taking the last run back would do."""
        return rollback(self.target, options=Options(**options), only_plan=True)

    def dump(self) -> pgdump.Dump:
        """The target as pg_dump tells it."""
        return pgdump.dump(self.target)

    def unlike(self) -> list[Any]:
        """What pg_dump says of source and target that is not the same."""
        return list(pgdump.unlike(pgdump.dump(self.source), self.dump()))

    def ask(self, query: str, *args: Any) -> Any:
        """A value of the target."""
        return made.ask(self.target, query, *args)

    def do(self, *statements: str) -> None:
        """Statements in the target."""
        made.do(self.target, *statements)

    def left_over(self) -> int:
        """How many helpers of a run stand in the target."""
        return int(self.ask(_LEFT))


def pair(server: Server, database: Database, old: str, new: str) -> Pair:
    """Two databases of one server, with the one schema and the other."""
    found = Pair(database(server, "source"), database(server, "target"))
    made.do(found.source, new)
    made.do(found.target, old)
    return found
