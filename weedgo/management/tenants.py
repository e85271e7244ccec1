"""What the commands that change one tenant share."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from weedgo.management import arguments
from weedgo.management.command import StagedCommand


class TenantCommand(StagedCommand):
    """A command about one tenant; a subclass writes ``change`` and says what is told."""

    needs = ("django_tenants", "weedgo.tenancy")

    def add_arguments(self, parser: CommandParser) -> None:
        """The tenant, and the output."""
        parser.add_argument("name", metavar="NAME", help="name of the tenant's schema")
        self.add_more(parser)
        arguments.add_json(parser)

    def add_more(self, parser: CommandParser) -> None:
        """Whatever else the command takes."""

    def change(self, name: str, options: dict[str, Any]) -> tuple[str, str]:
        """Do it; return a word for what the tenant is now, and a sentence."""
        raise NotImplementedError

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, then tell."""
        from weedgo.tenancy.services import TenantError

        try:
            status, said = self.change(options["name"], options)
        except TenantError as error:
            raise CommandError(str(error), returncode=2) from error
        if options["json"]:
            self.print_json({"version": 1, "status": status, "exit": 0, "schema": options["name"]})
        else:
            self.say(said)
