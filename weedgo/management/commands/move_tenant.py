"""Move a tenant to another node of a Citus cluster."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from weedgo.management.tenants import TenantCommand


class Command(TenantCommand):
    """``manage.py move_tenant``."""

    help = (
        "On a Citus cluster, move a tenant's schema with its rows to another node. It is read and "
        "written meanwhile; writes wait for a moment at the end. The cluster's nodes need "
        "wal_level = logical.\n\n"
        "Exit status: 0 done, 2 no such tenant or node, no cluster, or a node refuses: the tenant "
        "is where it was; 130 Ctrl-C."
    )
    example = """
  python manage.py database_stats
  python manage.py move_tenant green_leaf db2.internal:5432
"""

    def add_more(self, parser: CommandParser) -> None:
        """Where to."""
        parser.add_argument("node", metavar="NODE", help="host:port of a node, or its number")

    def change(self, name: str, options: dict[str, Any]) -> tuple[str, str]:
        """Move."""
        from weedgo.management.models.distribution import move

        source, target = move(name, options["node"])
        return "moved", f"{name} is on {target} now; it was on {source}."
