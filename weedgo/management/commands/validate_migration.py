"""Check every object of a migration: it stands, equals the source's, and works."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from weedgo.management import arguments, findings
from weedgo.management.command import StagedCommand
from weedgo.staged import report, verify
from weedgo.staged.model import Finding, ObjectId, Report
from weedgo.staged.probe import NAMED_KINDS


class Command(StagedCommand):
    """``manage.py validate_migration``."""

    help = (
        "Check every object that a migration was to bring: it stands, equals the source's, is "
        "valid, enabled and ready; tables and views can be read, functions resolve, sequences are "
        "ahead of their columns. Nothing is changed.\n\n"
        "Exit status: 0 all checks hold, 1 some do not, 2 wrong arguments or an unsuitable server, "
        "130 Ctrl-C."
    )
    example = """
  # the objects of the last run
  python manage.py validate_migration --source postgresql://legacy@old:5432/shop

  # the objects of a run, and what a file of your own names besides
  python manage.py validate_migration --source postgresql://legacy@old:5432/shop \\
      --target postgresql://owner@db:5432/shop --run 20260102-0304-ab12 --checks checks.toml
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """Source, target, what to check, output."""
        arguments.add_source(parser)
        arguments.add_target(parser, what="the migrated database; only read")
        parser.add_argument(
            "--run", metavar="RUN",
            help="check the objects of this run (default: the last run that changed something; "
            "where there is none, all objects of the source)",
        )  # fmt: skip
        parser.add_argument(
            "--checks", type=Path, metavar="FILE.toml",
            help="check what this file names too: [[check]] tables with name, kind "
            f"({', '.join(sorted(NAMED_KINDS))}) and objects",
        )  # fmt: skip
        arguments.add_scope(parser)
        output = parser.add_argument_group("output")
        arguments.add_output(output, "folder for VALIDATION_REPORT.md (default: none)")
        arguments.add_json(output)

    def handle(self, *args: Any, **options: Any) -> None:
        """Read both catalogs, check, then tell."""
        started = time.monotonic()
        source, target = options["source"], arguments.database(options["target"])
        named = verify.load_checks(options["checks"]) if options["checks"] else ()
        if options["output"]:
            report.prepare(options["output"])
        run, found = _validate(target, options, named)
        files: tuple[str, ...] = ()
        if options["output"]:
            status = "incomplete" if findings.exit_status(found) else "equal"
            seconds = time.monotonic() - started
            told = Report(run, status, source, target, {}, (), None, seconds)
            files = report.write_validation(told, found, options["output"])
        if options["json"]:
            self.print_json(findings.told(found, started, files) | {"run": run})
        else:
            findings.tell(self, found, "validation checks", "Nothing to check.")
        self.leave(findings.exit_status(found))


def _validate(
    target: str, options: dict[str, Any], named: tuple[verify.NamedCheck, ...]
) -> tuple[str, tuple[Finding, ...]]:
    from weedgo.staged import db, sources
    from weedgo.staged.records import new_run_id

    chosen = arguments.options(options)
    source = arguments.source(options, target, chosen)
    with closing(db.connect(target, application="weedgo validate_migration")) as conn:
        sides = sources.both(source, target, conn, chosen, new_run_id())
        run, objects = verify.objects_of_run(conn, options["run"])
        ids: list[ObjectId] = list(objects) or sorted(sides.source.objects)
        return run, verify.validate(sides.source, sides.target, ids, conn, named)
