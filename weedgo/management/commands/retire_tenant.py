"""Take a tenant out of use and keep its data."""

from __future__ import annotations

from typing import Any

from weedgo.management.tenants import TenantCommand


class Command(TenantCommand):
    """``manage.py retire_tenant``."""

    help = (
        "Take a tenant out of use: its host names lead nowhere, and nobody may act as it. Its "
        "schema with all rows stays, and is migrated with the others; suspend_tenant --resume "
        "brings it back, delete_tenant deletes it.\n\n"
        "Exit status: 0 done, 2 no such tenant or an unsuitable server, 130 Ctrl-C."
    )
    example = """
  python manage.py retire_tenant green_leaf
"""

    def change(self, name: str, options: dict[str, Any]) -> tuple[str, str]:
        """Retire."""
        from weedgo.tenancy.models import State
        from weedgo.tenancy.services import set_state

        set_state(name, State.RETIRED)
        return "retired", f"{name} is retired; its data stays until delete_tenant."
