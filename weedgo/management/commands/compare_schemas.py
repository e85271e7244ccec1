"""List what two schemas do not share; neither database is written to."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import CommandParser

from weedgo.management import arguments
from weedgo.management.command import StagedCommand
from weedgo.staged import report
from weedgo.staged.report import comparison, document


class Command(StagedCommand):
    """``manage.py compare_schemas``."""

    help = (
        "Compare two schemas and list, by kind, what only the source has, what only the target "
        "has, what differs and in which attributes, and what is of kinds that are not compared. "
        "Neither database is written to.\n\n"
        "Exit status: 0 equal, 1 different, 2 wrong arguments or an unsuitable server, 130 Ctrl-C."
    )
    example = """
  python manage.py compare_schemas --source postgresql://legacy@old:5432/shop
  python manage.py compare_schemas --source wanted.sql --target "postgresql:///?service=current" \\
      --schema public --exclude "public.tmp_*" --json
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """Source, target, scope and output."""
        arguments.add_source(parser)
        arguments.add_target(parser, what="the database to compare with; only read")
        arguments.add_rename(parser)
        arguments.add_scope(parser)
        output = parser.add_argument_group("output")
        arguments.add_output(
            output,
            "folder for schema_comparison_report.txt and schema_differences.json (default: none)",
        )
        arguments.add_json(output)

    def handle(self, *args: Any, **options: Any) -> None:
        """Compare, then list."""
        from weedgo import staged

        started = time.monotonic()
        source, target = options["source"], arguments.database(options["target"])
        chosen = arguments.options(options)
        if options["output"]:
            report.prepare(options["output"])
        found = staged.compare(arguments.source(options, target, chosen), target, chosen)
        files: tuple[str, ...] = ()
        if options["output"]:
            files = report.write_comparison(found, source, target, options["output"])
        told = document.differences(found, source, target)
        if options["json"]:
            seconds = round(time.monotonic() - started, 3)
            self.print_json(told | {"seconds": seconds, "files": list(files)})
        else:
            self.say(comparison.report(found, source, target).rstrip("\n"))
        self.leave(told["exit"])

    def failure(self, message: str, status: int) -> dict[str, Any]:
        """The document of a comparison that could not be made."""
        return document.no_comparison(message, exit=status) | {"seconds": 0, "files": []}
