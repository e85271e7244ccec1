"""What rate limits would do to a request."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandError, CommandParser

from weedgo.management import arguments
from weedgo.management.command import StagedCommand


class Command(StagedCommand):
    """``manage.py ratelimit_try``."""

    help = (
        "Tell which rules a request would be held to, whose buckets these are, what is left in "
        "them, and why the other rules are not for it. Nothing is taken.\n\n"
        "Exit status: 0 it would pass, 1 it would be refused, 2 wrong arguments or an unsuitable "
        "server."
    )
    example = """
  python manage.py ratelimit_try /login/ --method POST --ip 203.0.113.9
  python manage.py ratelimit_try /api/orders/ --tenant green_leaf --user 42
"""
    needs = ("ratelimit",)

    def add_arguments(self, parser: CommandParser) -> None:
        """The request."""
        parser.add_argument("path", metavar="PATH")
        parser.add_argument("--method", default="GET", help="default GET")
        parser.add_argument("--tenant", default="", metavar="SCHEMA", help="default: the platform")
        parser.add_argument("--ip", metavar="ADDRESS")
        parser.add_argument("--user", default="", metavar="ID", help="primary key; default: nobody")
        parser.add_argument("--key", default="", metavar="KEY", help="of the API")
        arguments.add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask, then tell."""
        from ratelimit.explaining import explain
        from ratelimit.http import route_of
        from ratelimit.keys import Request, network_of
        from ratelimit.rules import BrokenRuleError

        path, ip = options["path"], options["ip"]
        if not path.startswith("/"):
            raise CommandError(f"{path!r} is no path: write /{path}", returncode=2)
        if ip and network_of(ip) is None:
            raise CommandError(f"{ip!r} is no IP address", returncode=2)
        if options["tenant"]:
            _known(options["tenant"])
        request = Request(
            options["method"].upper(), path, options["tenant"], ip, lambda: options["user"],
            options["key"], lambda: route_of(path),
        )  # fmt: skip
        try:
            found = explain(request)
        except BrokenRuleError as error:
            raise CommandError(str(error), returncode=2) from None
        if options["json"]:
            self.print_json(_document(found))
        else:
            for one in found.rules:
                self.say(_line(one))
            self.say("It would pass." if found.allowed else "It would be refused.")
        self.leave(0 if found.allowed else 1)


def _known(schema: str) -> None:
    from weedgo import project

    if not project.tenanted():
        return
    from django_tenants.utils import get_tenant_model

    if not get_tenant_model().objects.filter(schema_name=schema).exists():
        raise CommandError(f"there is no tenant {schema}", returncode=2)


def _line(one: Any) -> str:
    if one.decision is None:
        return f"  - {one.rule.name}: not for it, as {one.why_not}"
    said = "enough" if one.decision.within else "too few"
    if one.rule.mode == "shadow":
        said += ", but only counted"
    return (
        f"  + {one.rule.name}: {said}; takes {one.cost:g} of {one.decision.remaining:g} tokens left"
        f" of {one.rule.capacity:g} to {one.key}"
    )


def _document(found: Any) -> dict[str, Any]:
    rules = [
        {
            "name": one.rule.name,
            "applies": one.why_not is None,
            "why_not": one.why_not,
            "key": one.key or None,
            "decision": asdict(one.decision) if one.decision else None,
        }
        for one in found.rules
    ]
    status = "passes" if found.allowed else "refused"
    return {"version": 1, "status": status, "exit": int(not found.allowed), "rules": rules}
