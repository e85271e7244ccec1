"""Make a tenant: its row, its domain and its schema."""

from __future__ import annotations

import re
import time
from argparse import ArgumentTypeError
from typing import Any

from django.core.management.base import CommandParser

from weedgo.management import arguments, screen
from weedgo.management.command import StagedCommand

_SCHEMA = re.compile(r"[a-z][a-z0-9_]{0,62}")
_DOMAIN = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9-]{1,63})*")


def schema(text: str) -> str:
    """A name for a tenant's schema, which needs no quotes anywhere.

    Raises:
        ArgumentTypeError: it is none.
    """
    if not _SCHEMA.fullmatch(text) or text.startswith("pg_") or text == "public":
        raise ArgumentTypeError(
            f"{text!r} is no name for a tenant; write lower-case letters, digits and _, a letter "
            "first, not pg_…"
        )
    return text


def domain(text: str) -> str:
    """A host name.

    Raises:
        ArgumentTypeError: it is none.
    """
    if not _DOMAIN.fullmatch(text.lower()):
        raise ArgumentTypeError(f"{text!r} is no host name; write for example shop.example.org")
    return text.lower()


class Command(StagedCommand):
    """``manage.py create_tenant``."""

    help = (
        "Make a tenant: its row, the domain that leads to it, and its schema with all tables, in "
        "one transaction.\n\n"
        "Exit status: 0 made, 2 wrong arguments, a name or domain that is taken, or an unsuitable "
        "server; nothing was made, 130 Ctrl-C."
    )
    example = """
  python manage.py create_tenant green_leaf --domain greenleaf.example.org
  python manage.py create_tenant green_leaf --domain greenleaf.localhost --title "Green Leaf"
"""
    needs = ("django_tenants", "weedgo.tenancy")

    def add_arguments(self, parser: CommandParser) -> None:
        """Name, domain and output."""
        parser.add_argument("name", type=schema, metavar="NAME", help="name of its schema")
        parser.add_argument(
            "--domain", required=True, type=domain, metavar="HOST", help="host name of its site"
        )
        parser.add_argument(
            "--title", default="", metavar="TEXT", help="what people call it (default: from NAME)"
        )
        arguments.add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the tenant, then tell."""
        from weedgo.management.models.tenants import NewTenant, create

        started = time.monotonic()
        title = options["title"].strip() or options["name"].replace("_", " ").title()
        new = NewTenant(options["name"], title, options["domain"])
        with screen.progress(self, options) as listen:
            tenant = create(new, arguments.options({}), listen)
        seconds = round(time.monotonic() - started, 3)
        if options["json"]:
            made = {"id": tenant.pk, "schema": new.schema, "name": title, "domain": new.domain}
            self.print_json({"version": 1, "status": "made", "exit": 0, **made, "seconds": seconds})
        else:
            self.say(f"{title} stands: schema {new.schema}, domain {new.domain} ({seconds:.1f} s).")
