"""Make a target's schema equal to a source's, online, in stages, object by object."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from weedgo.management import arguments, screen, values
from weedgo.management.command import StagedCommand
from weedgo.management.progress import Listener
from weedgo.management.recording import telling
from weedgo.staged.model import DropMode, Options, Report
from weedgo.staged.records import new_run_id
from weedgo.staged.report import document


class Command(StagedCommand):
    """``manage.py migrate_staged``."""

    help = (
        "Make the schema of the target equal to the source's, online, stage by stage and object by "
        "object. No row is lost unless --drop asks for it. What fails is named with its cause and "
        "remedy, the rest is done, and a second run does just what is left.\n\n"
        "Exit status: 0 the target equals the source for what was asked (with --plan: the plan is "
        "written), 1 something asked for is not done, 2 wrong arguments or an unsuitable server "
        "and nothing was changed, 130 Ctrl-C."
    )
    example = """
  # what would be done, with every statement, lock and hazard; changes nothing
  python manage.py migrate_staged --source postgresql://legacy@old:5432/shop --plan

  # do just what was planned, if nothing has changed since
  python manage.py migrate_staged --source postgresql://legacy@old:5432/shop --apply var/runs/RUN

  # bring the database that MIGRATION_DATABASE_URL names to the models, all tenants included
  python manage.py migrate_staged

  # or to another database's schema
  python manage.py migrate_staged --source postgresql://legacy@old:5432/shop

  # two servers by URL, the indexes only, for a program to read
  python manage.py migrate_staged --source "postgresql:///?service=legacy" \\
      --target "postgresql:///?service=current" --stage 7 --json
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """Source, target, scope, manner and output."""
        arguments.add_source(parser)
        arguments.add_target(parser)
        arguments.add_stage(parser, "only the steps that run in these stages")
        _add_manner(parser)
        arguments.add_rename(parser)
        arguments.add_scope(parser)
        arguments.add_rewriting(parser)
        arguments.add_online(parser)
        output = parser.add_argument_group("output")
        arguments.add_output(
            output, "folder of the SQL by stage, the reports and the backup (default: var/runs/RUN)"
        )
        output.add_argument(
            "--no-backup", action="store_true", help="make no backup of the target's schema"
        )
        arguments.add_json(output)

    def handle(self, *args: Any, **options: Any) -> None:
        """Plan or migrate, then tell what came of it."""
        chosen = arguments.options(options)
        target = arguments.database(options["target"])
        run = new_run_id()
        output = options["output"] or arguments.folder_of(run)
        with screen.progress(self, options) as listen:
            report = self._run_it(options, target, chosen, run, output, listen)
        screen.tell(self, report, chosen, options)
        self.leave(report.exit)

    def _run_it(
        self,
        options: dict[str, Any],
        target: str,
        chosen: Options,
        run: str,
        output: Path,
        listen: Listener,
    ) -> Report:
        plan, migrate = _pipeline(options, target, chosen, listen)
        proof = options["prove"]
        if options["plan"] or proof:
            planned: Report = plan(
                target, chosen, run=run, output=output, proof=proof, listen=listen
            )
            if options["plan"] or planned.exit:
                return planned
        with telling(target, "migration", run, source=str(options["source"])) as log:
            log.report = migrate(
                target,
                chosen,
                run=run,
                output=output,
                backup=not options["no_backup"],
                expected=options["apply"],
                listen=listen,
                **_tenants_at_a_time(options),
            )
        return log.report

    def failure(self, message: str, status: int) -> dict[str, Any]:
        """The document of a run that never began."""
        return document.failure(message, exit=status)

    def interrupted(self) -> str:
        """What is done stays done."""
        return "stopped by Ctrl-C; what is done stays, and the same command does the rest"


def _tenants_at_a_time(options: dict[str, Any]) -> dict[str, int]:
    """How many tenants are changed side by side, where that was said and there are any."""
    said = options["source"] == values.MODELS and options["jobs"] is not None
    return {"jobs": options["jobs"]} if said else {}


def _pipeline(
    options: dict[str, Any], target: str, chosen: Options, listen: Listener
) -> tuple[Callable[..., Report], Callable[..., Report]]:
    """What plans and what migrates, given the source."""
    if arguments.from_models(options):
        from weedgo.management.models import migrate, way

        at_once = not (options["plan"] or options["prove"] or options["apply"])
        found = way.find(target, arguments.scope(options), chosen, listen, look=at_once)
        return partial(migrate.plan, found), partial(migrate.migrate, found)
    from weedgo import staged

    return partial(staged.plan, options["source"]), partial(staged.migrate, options["source"])


def _add_manner(parser: CommandParser) -> None:
    """Whether it is planned, proved or done, and what becomes of what only the target has."""
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--plan", action="store_true", help="write and show the plan, change nothing")
    what.add_argument(
        "--apply",
        type=Path,
        metavar="DIR",
        help="carry out the plan that --plan wrote to this folder, and nothing else: refused "
        "where source or target have changed since",
    )
    parser.add_argument(
        "--prove",
        action=argparse.BooleanOptionalAction,
        help="rehearse the plan on an empty clone of the target, in a scratch database, and "
        "change nothing unless it ends equal to the source (default: with --plan, where a "
        "scratch database is possible)",
    )
    parser.add_argument(
        "--jobs",
        type=values.count,
        metavar="N",
        help="connections that work side by side: on indexes and constraints of different tables "
        "(default 1), and on tenants that are alike (default 4)",
    )
    parser.add_argument(
        "--drop",
        choices=[mode.value for mode in DropMode],
        default=DropMode.KEEP.value,
        help="what only the target has: leave it (default), move it out of the way and keep its "
        "rows (tables go to the schema retired, columns are renamed), or drop it",
    )
    parser.add_argument(
        "--backfill",
        type=Path,
        metavar="FILE",
        help="TOML file of SQL expressions by schema.table.column: the values that rows get, in "
        "batches, where a column becomes or comes NOT NULL and they have none",
    )
