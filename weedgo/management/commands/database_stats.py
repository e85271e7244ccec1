"""Show what a database's tables and indexes cost and give, and what the last run added."""

from __future__ import annotations

from contextlib import closing
from typing import Any, TextIO, cast

from django.core.management.base import CommandParser

from weedgo.management import arguments, statistics, values
from weedgo.management.command import StagedCommand


class Command(StagedCommand):
    """``manage.py database_stats``."""

    help = (
        "Show index use, the sizes of tables and indexes and what the last run added to them, "
        "unused, duplicate and invalid indexes, the rows of each tenant, and on a Citus cluster "
        "the tenants of each node. "
        "Nothing is changed.\n\n"
        "Exit status: 0 shown, 1 shown and there are invalid indexes, 2 wrong arguments or an "
        "unsuitable server, 130 Ctrl-C."
    )
    example = """
  python manage.py database_stats
  python manage.py database_stats --target postgresql://owner@db:5432/shop --limit 0
  python manage.py database_stats --json | jq .unused
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """Target and output."""
        arguments.add_target(parser, what="the database; only read")
        parser.add_argument(
            "--limit", type=values.number, default=15, metavar="N",
            help="rows of each table, 0 for all (default: 15); --json gives all",
        )  # fmt: skip
        arguments.add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the statistics, then show them."""
        from weedgo.staged import db, stats
        from weedgo.tenancy import citus, placement

        target = arguments.database(options["target"])
        with closing(db.connect(target, application="weedgo database_stats", read_only=True)) as c:
            found = stats.collect(c)
            cluster = placement.nodes(c.cursor()) if citus.present(c.cursor()) else []
        status = 1 if found.invalid else 0
        if options["json"]:
            self.print_json(statistics.document(found, status, cluster))
        else:
            out = cast("TextIO", getattr(self.stdout, "_out", self.stdout))
            statistics.show(statistics.sections(found, options["limit"], cluster), out)
        self.leave(status)
