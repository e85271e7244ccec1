"""Take a run of migrate_staged back, whole or stage by stage."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.core.management.base import CommandParser

from weedgo.management import arguments, screen, values
from weedgo.management.command import StagedCommand
from weedgo.management.recording import telling
from weedgo.staged.report import document


class Command(StagedCommand):
    """``manage.py rollback_staged``."""

    help = (
        "Take back what a run of migrate_staged did to the target: all of it, or some stages or "
        "objects, last step first. What it cannot take back is named with the reason.\n\n"
        "Exit status: 0 taken back, 1 something could not be, 2 wrong arguments or an unsuitable "
        "server and nothing was changed, 130 Ctrl-C."
    )
    example = """
  # the last run
  python manage.py rollback_staged

  # what that would do, and what cannot be taken back
  python manage.py rollback_staged --plan

  # one table's steps of the last run
  python manage.py rollback_staged --object public.orders

  # only the constraints of a run, on a database by URL
  python manage.py rollback_staged 20260102-0304-ab12 --stage 8 \\
      --target postgresql://owner@db:5432/shop
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """Run, stages and target."""
        parser.add_argument(
            "run",
            nargs="?",
            metavar="RUN",
            help="as migrate_staged named it (default: the last run)",
        )
        arguments.add_stage(parser, "only the steps of these stages")
        parser.add_argument(
            "--object", action="append", default=[], type=values.pattern, metavar="PATTERN",
            help="only the steps of these objects: SCHEMA.NAME (of a relation with all that is on "
            "it) or SCHEMA.RELATION.NAME, with * for any part of a name; repeatable",
        )  # fmt: skip
        parser.add_argument(
            "--plan", action="store_true",
            help="show what would be taken back and what cannot be, and why; change nothing",
        )  # fmt: skip
        arguments.add_target(parser)
        arguments.add_rewriting(parser)
        arguments.add_online(parser)
        arguments.add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Roll back, then tell what came of it."""
        from weedgo import staged

        # The stages are those of the run to be taken back, not of what is done now.
        chosen = arguments.options({**options, "stage": None})
        target = arguments.database(options["target"])
        with screen.progress(self, options) as listen:
            take_back = partial(
                staged.rollback,
                target,
                run=options["run"],
                stages=options["stage"],
                objects=options["object"],
                only_plan=options["plan"],
                options=chosen,
                listen=listen,
            )
            if options["plan"]:
                report = take_back()
            else:
                with telling(target, "rollback", options["run"] or "last") as log:
                    report = log.report = take_back()
        screen.tell(self, report, chosen, options)
        self.leave(report.exit)

    def failure(self, message: str, status: int) -> dict[str, Any]:
        """The document of a rollback that never began."""
        return document.failure(message, exit=status)

    def interrupted(self) -> str:
        """What is taken back stays so."""
        return "stopped by Ctrl-C; the same command takes back the rest"
