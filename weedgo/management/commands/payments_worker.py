"""Bring payments to their ends: events, lookups, orders, held units, payouts."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from weedgo.management import arguments, working
from weedgo.management.command import StagedCommand


class Command(StagedCommand):
    """``manage.py payments_worker``."""

    help = (
        "Bring payments to their ends, for all tenants, round after round: do what providers' "
        "events say, look up operations of unknown outcome, settle orders whose checkout crashed, "
        "let go units that were held for too long, match payouts with the bank, and open an "
        "exception for each sale that no payout names. "
        "Any number of workers may run; each takes other rows. SIGTERM and Ctrl-C end it after "
        "the tenant that it is at.\n\n"
        "Exit status: 0 ended, 1 the work for a tenant failed in the last round, 2 wrong "
        "arguments or an unsuitable server."
    )
    example = """
  python manage.py payments_worker
  python manage.py payments_worker --once --tenants corner_shop --json
"""
    needs = ("django_tenants", "inventory", "payments", "weedgo.checkout")

    def add_arguments(self, parser: CommandParser) -> None:
        """For whom, how often, and output."""
        working.add_rounds(parser, "5s")
        arguments.add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Work until told to end."""
        counts: dict[str, dict[str, int]] = {}
        for _ in working.rounds(once=options["once"], every=options["every"]):
            counts = working.for_each(options["tenants"], one_round)
            if not options["json"]:
                self._tell(counts)
        failed = any("failed" in count for count in counts.values())
        if options["json"]:
            status = "incomplete" if failed else "done"
            self.print_json(
                {"version": 1, "status": status, "exit": int(failed), "tenants": counts}
            )
        self.leave(int(failed))

    def _tell(self, counts: dict[str, dict[str, int]]) -> None:
        for tenant, count in counts.items():
            done = ", ".join(f"{number} {name}" for name, number in count.items() if number)
            if done:
                self.say(f"{tenant}: {done}")


def one_round() -> dict[str, int]:
    """Do what is due in the active tenant; return how much of it there was."""
    from inventory.services import expire_due
    from payments import matching, services
    from weedgo.checkout.services import settle_pending

    return {
        "events": services.process_webhooks(),
        "operations": services.resolve_due(),
        "orders": settle_pending(),
        "reservations": expire_due(),
        "payouts": services.match_bank(),
        "exceptions": matching.find_unsettled(),
    }
