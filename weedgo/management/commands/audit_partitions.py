"""Make partitions of the audit log ahead, and drop those whose time is over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from weedgo.management import values
from weedgo.management.auditing import AuditCommand


class Command(AuditCommand):
    """``manage.py audit_partitions``."""

    help = (
        "Make the partitions of the months to come. With --keep, drop those of months before the "
        "last so many whole ones: only if all their entries are sealed, and the log says so.\n\n"
        "Exit status: 0 done, 1 another process is at it, 2 wrong arguments, an unsuitable server, "
        "or a partition with entries that are not sealed, 130 Ctrl-C."
    )
    example = """
  python manage.py audit_partitions --ahead 3
  python manage.py audit_partitions --keep 24 --export /backup/audit
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """How far ahead, how long back."""
        parser.add_argument(
            "--ahead", type=values.number, default=2, metavar="N",
            help="months ahead (default: 2)",
        )  # fmt: skip
        parser.add_argument(
            "--keep", type=values.number, metavar="N",
            help="months to keep (default: AUDIT_KEEP_MONTHS; 0 keeps all)",
        )  # fmt: skip
        parser.add_argument(
            "--export",
            type=Path,
            metavar="DIR",
            help="first write each there, as gzipped JSON lines",
        )
        super().add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Make and drop, then tell."""
        from audit.conf import setting
        from audit.retention import drop
        from audit.services import make_partitions

        made = make_partitions(options["ahead"])
        keep = setting("AUDIT_KEEP_MONTHS") if options["keep"] is None else options["keep"]
        dropped = drop(keep, options["export"])
        text = f"Made: {', '.join(made) or 'none lacked'}."
        if dropped:
            text += f" Dropped: {', '.join(each.partition for each in dropped)}."
        self.tell(options, text, made=made, dropped=[vars(each) for each in dropped])
