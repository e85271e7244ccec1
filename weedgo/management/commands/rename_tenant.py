"""Give a tenant another name."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from weedgo.management.commands.create_tenant import schema
from weedgo.management.tenants import TenantCommand


class Command(TenantCommand):
    """``manage.py rename_tenant``."""

    help = (
        "Give a tenant's schema another name, in one transaction; its domains stay. What shared "
        "tables recorded under the former name keeps it.\n\n"
        "Exit status: 0 done, 2 no such tenant, a name that is taken, or an unsuitable server, "
        "130 Ctrl-C."
    )
    example = """
  python manage.py rename_tenant green_leaf greener_leaf
  python manage.py rename_tenant green_leaf green_leaf --title "Green Leaf Ltd."
"""

    def add_more(self, parser: CommandParser) -> None:
        """The new names."""
        parser.add_argument("new", type=schema, metavar="NEW", help="the schema's new name")
        parser.add_argument("--title", default="", metavar="TEXT", help="what people call it")

    def change(self, name: str, options: dict[str, Any]) -> tuple[str, str]:
        """Rename."""
        from weedgo.tenancy.services import rename

        tenant = rename(name, options["new"], options["title"].strip())
        return "renamed", f"{name} is {tenant.schema_name} now ({tenant.name})."
