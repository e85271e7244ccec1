"""Blank what the audit log holds of a person."""

from __future__ import annotations

from argparse import ArgumentTypeError
from typing import Any

from django.core.management.base import CommandError, CommandParser

from weedgo.management.auditing import AuditCommand


def row(text: str) -> tuple[str | None, str, str]:
    """A row that describes a person: ``TENANT.TABLE:KEY``, or ``TABLE:KEY`` of the platform.

    Raises:
        ArgumentTypeError: it is none.
    """
    place, colon, key = text.partition(":")
    tenant, dot, table = place.rpartition(".")
    if not (colon and key and table) or (dot and not tenant):
        raise ArgumentTypeError(f"{text!r} is no row; write for example green_leaf.customers:17")
    return tenant or None, table, key


class Command(AuditCommand):
    """``manage.py audit_erase_person``."""

    help = (
        "Blank what the audit log holds of a person: of what they did, their name, address and "
        "browser; of rows that describe them, what was in those. Seals stay valid, and the log "
        "says that it was done.\n\n"
        "Exit status: 0 done, 2 wrong arguments or an unsuitable server, 130 Ctrl-C."
    )
    example = """
  python manage.py audit_erase_person --user 42 --row green_leaf.customers:17 --reason "request 118"
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """Whom, and why."""
        parser.add_argument("--user", metavar="ID", help="the person's id as a user")
        parser.add_argument(
            "--row", action="append", default=[], type=row, metavar="TENANT.TABLE:KEY",
            help="a row that describes the person; repeatable",
        )  # fmt: skip
        parser.add_argument("--reason", default="", metavar="TEXT", help="for the log; no names")
        super().add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Blank, then tell."""
        from audit.erasing import RowOf, erase_person

        rows = [RowOf(table, key, tenant) for tenant, table, key in options["row"]]
        if options["user"] is None and not rows:
            raise CommandError("say whom to forget: --user or --row", returncode=2)
        entry, blanked = erase_person(options["user"], rows, options["reason"])
        text = f"{blanked:,} entries blanked; entry {entry} says so."
        self.tell(options, text, entry=entry, blanked=blanked)
