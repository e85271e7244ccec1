"""Import a provider's payout or a bank's statement, and match."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django_tenants.utils import tenant_context

from weedgo.management import arguments, working
from weedgo.management.command import StagedCommand
from weedgo.staged.report import words


class Command(StagedCommand):
    """``manage.py import_settlement``."""

    help = (
        "Import the file of a provider's payout, or with --bank a bank's statement, for a tenant, "
        "whole or not at all, and match it: operation with payout with bank. What does not agree "
        "is an open exception, shown in the admin.\n\n"
        "Exit status: 0 imported, and all agrees, 1 imported, with open exceptions, 2 the file "
        "cannot be read or was imported before; nothing was imported."
    )
    example = """
  python manage.py import_settlement payout.csv --tenant corner_shop --provider stripe
  python manage.py import_settlement statement.csv --tenant corner_shop --bank
"""
    needs = ("django_tenants", "payments")

    def add_arguments(self, parser: CommandParser) -> None:
        """File, tenant, of whom, and output."""
        parser.add_argument("file", metavar="FILE", help="CSV with a header")
        parser.add_argument("--tenant", required=True, metavar="NAME", help="name of its schema")
        whose = parser.add_mutually_exclusive_group(required=True)
        whose.add_argument("--provider", metavar="CODE", help="who paid out")
        whose.add_argument("--bank", action="store_true", help="it is a bank's statement")
        arguments.add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Import, match, and tell."""
        from payments.errors import PaymentError

        started = time.monotonic()
        (tenant,) = working.tenants([options["tenant"]])
        with tenant_context(tenant):
            try:
                found = _bank(options) if options["bank"] else _payout(options)
            except PaymentError as error:
                raise CommandError(str(error), returncode=2) from None
        found["seconds"] = round(time.monotonic() - started, 3)
        if options["json"]:
            self.print_json({"version": 1, **found})
        else:
            self.say(
                f"{words.count(found['lines'], 'line')}, "
                f"{words.count(found['exceptions'], 'open exception')} "
                f"({found['seconds']:.1f} s)."
            )
        self.leave(found["exit"])


def _payout(options: dict[str, Any]) -> dict[str, Any]:
    from payments import services
    from payments.errors import SettlementFileError
    from payments.models import Provider

    provider = Provider.objects.filter(code=options["provider"]).first()
    if provider is None:
        codes = ", ".join(Provider.objects.values_list("code", flat=True)) or "none"
        raise SettlementFileError(f"there is no provider {options['provider']}; there are: {codes}")
    payout = services.match(services.import_settlement(provider, options["file"]))
    exceptions = services.exceptions().filter(settlement=payout).count()
    return {
        "status": payout.status, "exit": int(exceptions > 0), "payout": payout.payout_reference,
        "lines": payout.lines.count(), "net_minor": payout.net_minor, "exceptions": exceptions,
    }  # fmt: skip


def _bank(options: dict[str, Any]) -> dict[str, Any]:
    from payments import services

    lines = services.import_bank(options["file"])
    matched = services.match_bank()
    exceptions = services.exceptions().filter(bank_line__isnull=False).count()
    return {
        "status": "imported", "exit": int(exceptions > 0), "lines": lines, "payouts": matched,
        "exceptions": exceptions,
    }  # fmt: skip
