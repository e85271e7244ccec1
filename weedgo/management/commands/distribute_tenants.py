"""Give tenants of a single server nodes of a Citus cluster."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from weedgo.management import arguments, screen
from weedgo.management.command import StagedCommand


class Command(StagedCommand):
    """``manage.py distribute_tenants``."""

    help = (
        "On a Citus cluster, make tenants that are ordinary tables of the coordinator "
        "distributed ones: each tenant's schema with its rows goes to one node. While it goes, "
        "reads and writes of its tables wait. New tenants are distributed when they are made.\n\n"
        "Exit status: 0 done, or nothing to do; 2 no such tenant, no cluster, or a node refuses: "
        "the tenants before that one are done; 130 Ctrl-C."
    )
    example = """
  python manage.py distribute_tenants
  python manage.py distribute_tenants green_leaf --json
"""
    needs = ("django_tenants", "weedgo.tenancy")

    def add_arguments(self, parser: CommandParser) -> None:
        """Which tenants, and the output."""
        parser.add_argument("names", nargs="*", metavar="NAME", help="tenants; left out: all")
        arguments.add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Distribute, then tell."""
        from weedgo.management.models.distribution import distribute

        with screen.progress(self, options) as listen:
            done = distribute(options["names"], listen)
        if options["json"]:
            told = {"distributed": list(done.done), "before": list(done.before)}
            self.print_json({"version": 1, "status": "done", "exit": 0, **told})
            return
        if done.done:
            self.say(f"Distributed: {', '.join(done.done)}.")
        if done.before:
            self.say(f"Distributed before: {', '.join(done.before)}.")
        if not done.done and not done.before:
            self.say("Nothing to do: every tenant is distributed.")
