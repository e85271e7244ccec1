"""Demo tenants with believable data, for a developer's machine."""

from __future__ import annotations

import os
import time
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from weedgo.management import arguments, values
from weedgo.management.command import StagedCommand

PASSWORD_VARIABLE = "DEMO_PASSWORD"  # noqa: S105 - the name of a variable
DEVELOPMENT_PASSWORD = "weedgo"  # noqa: S105 - of a developer's own machine, see below


class Command(StagedCommand):
    """``manage.py seed_demo``."""

    help = (
        "Make demo tenants with believable data: shops, products, stock, customers, orders placed "
        "by the checkout, payments in the sandbox, events and rules of rate limits. The same "
        "command again adds nothing.\n\n"
        "The platform's operator `admin` is made with the password in DEMO_PASSWORD; only with "
        "DEBUG on, as `make run` has it, there is one by default.\n\n"
        "Exit status: 0 all is there, 2 wrong arguments or an unsuitable server, 130 Ctrl-C."
    )
    example = """
  python manage.py seed_demo
  python manage.py seed_demo --tenants 5 --orders 500
  python manage.py seed_demo --if-empty
"""
    needs = ("django_tenants", "weedgo.tenancy", "audit", "ratelimit", "weedgo.checkout")

    def add_arguments(self, parser: CommandParser) -> None:
        """How much, and output."""
        from weedgo.management.sample.platform import SHOPS

        parser.add_argument(
            "--tenants", type=int, default=2, metavar="N", choices=range(1, len(SHOPS) + 1),
            help=f"how many, 1 to {len(SHOPS)} (default: 2)",
        )  # fmt: skip
        parser.add_argument(
            "--orders", type=values.number, default=60, metavar="N",
            help="orders of each tenant; the rest goes by it (default: 60)",
        )  # fmt: skip
        parser.add_argument(
            "--seed", type=values.number, default=1, metavar="N",
            help="another number is other data (default: 1)",
        )  # fmt: skip
        parser.add_argument(
            "--if-empty", action="store_true", help="do nothing where there are tenants already"
        )
        arguments.add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Make what is missing, then tell."""
        from weedgo.management.models.tenants import check_shared
        from weedgo.management.sample.platform import DOMAIN, OPERATOR, SHOPS, prepare

        started = time.monotonic()
        password = _password()
        check_shared(arguments.options({}))
        made = prepare(password)
        shops = () if options["if_empty"] and _has_tenants() else SHOPS[: options["tenants"]]
        counts = {shop.schema: self._fill(shop, options) for shop in shops}
        if shops:
            _sum_up()
        if options["json"]:
            seconds = round(time.monotonic() - started, 3)
            document = {"version": 1, "status": "made", "exit": 0, "tenants": counts}
            self.print_json(document | {"operator_made": made, "seconds": seconds})
            return
        if not shops:
            self.say("There are tenants already.")
        known = "" if not _is_password(OPERATOR, password) else f" with the password {password}"
        self.say(f"http://{DOMAIN}:{_port()}/admin/ for the platform; log in as {OPERATOR}{known}.")

    def _fill(self, shop: Any, options: dict[str, Any]) -> dict[str, int]:
        from django.db import connection
        from django_tenants.utils import get_tenant_model

        from weedgo.management.models.tenants import NewTenant, create
        from weedgo.management.sample import platform
        from weedgo.management.sample import shop as data

        connection.set_schema_to_public()  # type: ignore[attr-defined]
        found = get_tenant_model().objects.filter(schema_name=shop.schema).first()
        fresh = found is None
        if found is None:
            new = NewTenant(shop.schema, shop.name, shop.domain)
            found = create(new, arguments.options({}))
        if fresh:
            platform.record_events(shop, options["seed"], 5 * options["orders"])
        connection.set_tenant(found)  # type: ignore[attr-defined]
        try:
            data.fill(shop.schema, options["seed"], options["orders"])
            counts = data.counted()
        finally:
            connection.set_schema_to_public()  # type: ignore[attr-defined]
        if not options["json"]:
            told = ", ".join(f"{number:,} {name}" for name, number in counts.items())
            self.say(f"{shop.name} (http://{shop.domain}:{_port()}/admin/): {told}")
        return counts


def _sum_up() -> None:
    """Do what the audit log's worker would do next, so that its pages have something to show."""
    from audit import working

    working.run_due(working.jobs_due(), lambda *_: None)


def _port() -> str:
    """Where `make run` serves the site."""
    return os.environ.get("PORT", "8000")


def _password() -> str:
    """The operator's password: the environment's, or on a developer's machine a known one."""
    password = os.environ.get(PASSWORD_VARIABLE, "")
    if not password and not settings.DEBUG:
        raise CommandError(
            f"set {PASSWORD_VARIABLE} to the password that the operator is to have "
            "(only with DEBUG=1 there is one by default)",
            returncode=2,
        )
    return password or DEVELOPMENT_PASSWORD


def _is_password(username: str, password: str) -> bool:
    """Whether a developer may be reminded of the password: it is the default, and still holds."""
    from django.contrib.auth import get_user_model

    user = get_user_model().objects.filter(username=username).first()
    return password == DEVELOPMENT_PASSWORD and user is not None and user.check_password(password)


def _has_tenants() -> bool:
    from django_tenants.utils import get_public_schema_name, get_tenant_model

    others = get_tenant_model().objects.exclude(schema_name=get_public_schema_name())
    return bool(others.exists())
