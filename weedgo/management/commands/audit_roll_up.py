"""Sum the audit log up."""

from __future__ import annotations

from typing import Any

from weedgo.management.auditing import AuditCommand


class Command(AuditCommand):
    """``manage.py audit_roll_up``."""

    help = (
        "Sum up by minute, hour and day what was recorded since the last time, each entry once.\n\n"
        "Exit status: 0 done, 1 another process is at it, 2 an unsuitable server, 130 Ctrl-C."
    )
    example = """
  python manage.py audit_roll_up
"""

    def handle(self, *args: Any, **options: Any) -> None:
        """Sum up, then tell."""
        from audit.aggregates import roll_up

        done = roll_up()
        text = f"{done.entries:,} entries summed up in {done.sums:,} sums."
        self.tell(options, text, entries=done.entries, sums=done.sums)
