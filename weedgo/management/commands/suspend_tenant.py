"""Close a tenant's site, or open it again."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from weedgo.management.tenants import TenantCommand


class Command(TenantCommand):
    """``manage.py suspend_tenant``."""

    help = (
        "Close a tenant's site: requests get status 503, and the application's log-in may no "
        "longer act as the tenant. Its data stays. --resume opens it again, also after "
        "retire_tenant.\n\n"
        "Exit status: 0 done, 2 no such tenant or an unsuitable server, 130 Ctrl-C."
    )
    example = """
  python manage.py suspend_tenant green_leaf
  python manage.py suspend_tenant green_leaf --resume
"""

    def add_more(self, parser: CommandParser) -> None:
        """Which way."""
        parser.add_argument("--resume", action="store_true", help="open it again")

    def change(self, name: str, options: dict[str, Any]) -> tuple[str, str]:
        """Suspend or resume."""
        from weedgo.tenancy.models import State
        from weedgo.tenancy.services import set_state

        if options["resume"]:
            set_state(name, State.ACTIVE)
            return "active", f"{name} is open again."
        set_state(name, State.SUSPENDED)
        return "suspended", f"{name} is closed; its data stays."
