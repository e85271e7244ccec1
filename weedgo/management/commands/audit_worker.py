"""Do the periodic jobs of the audit log."""

from __future__ import annotations

import signal
import threading
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from weedgo.management.auditing import AuditCommand


class Command(AuditCommand):
    """``manage.py audit_worker``."""

    help = (
        "Seal, sum up, look for alerts, check the coverage, make partitions and drop old ones, "
        "each when it is due, until SIGTERM or Ctrl-C. Several may run: each job is done by one "
        "at a time. With --once all are done once.\n\n"
        "Exit status: 0 stopped by SIGTERM, or all done once; 1 a job failed (--once), 2 an "
        "unsuitable server, 130 Ctrl-C."
    )
    example = """
  python manage.py audit_worker
  python manage.py audit_worker --once --json
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """Once or for good."""
        parser.add_argument("--once", action="store_true", help="do each job once, and end")
        super().add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Work."""
        from audit import working

        told: dict[str, str] = {}

        def tell(name: str, what: str) -> None:
            told[name] = what
            if not options["json"]:
                self.say(f"{timezone.localtime():%H:%M:%S} {name}: {what}")

        if options["once"]:
            failed = working.run_due(working.jobs_due(), tell)
            if options["json"]:
                self.tell(options, "", 1 if failed else 0, jobs=told)
            self.leave(1 if failed else 0)
            return
        stopped = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: stopped.set())
        working.work(stopped, tell)
