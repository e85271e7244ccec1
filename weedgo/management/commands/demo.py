"""The whole migration of the seed on two embedded servers, under live traffic: `make demo`."""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from weedgo import project
from weedgo.management import arguments, screen, values
from weedgo.management.command import StagedCommand
from weedgo.staged.report import document, words


class Command(StagedCommand):
    """``manage.py demo``."""

    help = (
        "Migrate the seed's legacy database into its current one, for real: two PostgreSQL servers "
        "of different versions, more than a million rows, live traffic, in stages, validation, "
        "integration checks, and a summary in which everything is counted. The two databases are "
        "made anew each time and left for you to look at.\n\n"
        "Exit status: 0 everything holds, 1 something does not, 2 a server cannot be used here, "
        "130 Ctrl-C."
    )
    example = """
  python manage.py demo
  python manage.py demo --sessions 16 --json
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """Traffic and output."""
        parser.add_argument(
            "--sessions", type=values.number, default=8, metavar="N",
            help="connections of the live traffic (default: 8)",
        )  # fmt: skip
        arguments.add_output(
            parser, "folder of the SQL, reports and backup (default: var/runs/demo)"
        )
        arguments.add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the demo and tell what came of it."""
        from weedgo.legacy.demo import Demo
        from weedgo.legacy.workload import WorkloadError

        output = options["output"] or project.folder() / "runs" / "demo"
        if not options["sessions"]:
            raise CommandError("--sessions must be at least 1", returncode=2)
        demo = Demo(
            self._announcer(options),
            lambda: screen.progress(self, options),
            output,
            options["sessions"],
        )
        try:
            outcome = demo.run()
        except WorkloadError as error:
            raise CommandError(str(error), returncode=2) from error
        status = 0 if outcome.holds else 1
        if options["json"]:
            self.print_json(_document(outcome, status))
        else:
            self._tell(outcome, output)
        self.leave(status)

    def interrupted(self) -> str:
        """The servers stop with this process, their databases stay."""
        return "stopped by Ctrl-C; the traffic and the servers are stopped"

    def failure(self, message: str, status: int) -> dict[str, Any]:
        """The document of a demo that could not run."""
        return document.failure(message, exit=status)

    def _announcer(self, options: dict[str, Any]) -> Any:
        started = time.monotonic()
        out = self.stderr if options["json"] else self.stdout
        styled = str if options["json"] else self.style.MIGRATE_HEADING

        def announce(text: str) -> None:
            out.write(styled(f"[{words.clock(time.monotonic() - started):>5}] {text}"))
            out.flush()

        return announce

    def _tell(self, outcome: Any, output: Path) -> None:
        from weedgo.legacy import telling

        self.stdout.write("")
        for good, text in telling.lines(outcome):
            if good is None:
                self.stdout.write(text)
            else:
                mark, style = ("✓", self.style.SUCCESS) if good else ("✗", self.style.ERROR)
                self.stdout.write(f"  {style(mark)} {text}")
        self.stdout.write(f"\nSQL, reports and backup: {output}")
        if outcome.holds:
            self.stdout.write(self.style.SUCCESS("Everything holds."))
        else:
            self.stdout.write(self.style.ERROR("Not everything holds: see the lines marked ✗."))


def _document(outcome: Any, status: int) -> dict[str, Any]:
    load = outcome.load
    findings = {
        name: document.findings(getattr(outcome, name))
        for name in ("rows", "own", "validation", "integration")
    }
    return document.result(outcome.report) | {
        "exit": status,
        "migrated": {label: asdict(count) for label, count in outcome.counts.items()},
        "altered": [document.identity(id) for id in outcome.altered],
        "rows_before": sum(sums.rows for sums in outcome.before.values()),
        "rows_after": sum(sums.rows for sums in outcome.after.values()),
        "findings": findings,
        "traffic": {
            "seconds": round(load.seconds, 3),
            "statements": {name: asdict(found) for name, found in load.statements.items()},
            "failures": [asdict(failure) for failure in load.failures],
            "longest_ms": load.longest,
            "slowest": load.slowest,
        },
        "storage": dict(outcome.storage),
        "phases": dict(outcome.seconds),
        "second_run_steps": len(outcome.again.results),
    }
