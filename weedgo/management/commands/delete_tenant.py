"""Delete a retired tenant with all its data."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from weedgo.management.tenants import TenantCommand


class Command(TenantCommand):
    """``manage.py delete_tenant``."""

    help = (
        "Delete a retired tenant: its schema with all rows, its domains and its role. There is no "
        "way back but a backup.\n\n"
        "Exit status: 0 done, 2 no such tenant, not retired, or not confirmed, 130 Ctrl-C."
    )
    example = """
  python manage.py retire_tenant green_leaf
  python manage.py delete_tenant green_leaf --confirm green_leaf
"""

    def add_more(self, parser: CommandParser) -> None:
        """The second word."""
        parser.add_argument(
            "--confirm", default="", metavar="NAME", help="the tenant's name once more"
        )

    def change(self, name: str, options: dict[str, Any]) -> tuple[str, str]:
        """Delete."""
        from weedgo.tenancy.services import delete

        if options["confirm"] != name:
            raise CommandError(
                f"all rows of {name} would be gone: say so with --confirm {name}", returncode=2
            )
        count = delete(name)
        return "deleted", f"{name} is deleted, with {count} tables."
