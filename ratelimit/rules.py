"""Rules as workers keep them: compiled once, matched against each request, and explained.

Pure: no database and no clock of its own.
"""

from __future__ import annotations

import datetime as dt
import fnmatch
import ipaddress
import math
import re
import string
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ratelimit.keys import Request, network_of

# What a key may be made of, and what a key is made of where the rule does not say.
FIELDS = ("tenant", "user", "ip", "key", "method", "route", "path")
BY_SCOPE = {
    "global": "all",
    "tenant": "{tenant}",
    "user": "{user}",
    "key": "{key}",
    "ip": "{ip}",
    "endpoint": "{method} {route}",
}
# The database's own expression for the same; see the constraint on rules.
TEMPLATE = rf"^([^{{}}]|\{{({'|'.join(FIELDS)})\}})*$"


class BrokenRuleError(ValueError):
    """A rule that cannot be compiled; the message names it, and what to do."""


@dataclass(frozen=True, eq=False)
class Rule:
    """A compiled rule.

    Attributes:
        template: what makes up a key.
        methods: which it is for; empty means all.
        route, tenant: match a path and a schema; a route of None matches no request.
        network: which addresses it is for; None means all.
        costs: tokens by method, glob of paths, or both.
        capacity: in tokens; `refill_per_sec` in tokens per second.
        replaces: the name of the rule that yields to this one.
        lease: tokens that a process may take ahead.
    """

    id: int
    name: str
    mode: str
    scope: str
    template: str
    methods: frozenset[str]
    route: re.Pattern[str] | None
    tenant: re.Pattern[str] | None
    network: ipaddress.IPv4Network | ipaddress.IPv6Network | None
    capacity: float
    refill_per_sec: float
    default_cost: float
    costs: tuple[Cost, ...]
    priority: int
    replaces: str | None
    fail_policy: str
    starts_at: dt.datetime | None
    ends_at: dt.datetime | None
    lease: int = 0

    @property
    def shared(self) -> bool:
        """Whether all tenants share its buckets."""
        return self.scope == "global"

    @property
    def window(self) -> float | None:
        """Seconds in which an empty bucket fills; None if it never does."""
        return self.capacity / self.refill_per_sec if self.refill_per_sec > 0 else None

    @cached_property
    def _parts(self) -> tuple[tuple[str, str | None], ...]:
        return tuple((text, field) for text, field, _, _ in string.Formatter().parse(self.template))

    def key_for(self, request: Request) -> str:
        """Return the key of a request; only what it is made of is asked of the request."""
        return "".join(
            text + (request.value(field) if field else "") for text, field in self._parts
        )

    def cost_of(self, request: Request) -> float:
        """Return how many tokens a request takes."""
        for cost in self.costs:
            if cost.covers(request):
                return cost.tokens
        return self.default_cost

    def why_not(self, request: Request, now: dt.datetime) -> str | None:
        """Return why the rule is not for a request, in words; None if it is."""
        return next(
            (words for words in (test(self, request, now) for test in _TESTS) if words), None
        )

    def why_not_here(self, tenant: str, now: dt.datetime) -> str | None:
        """Return why the rule is not for calls by name in a tenant, in words; None if it is."""
        if self.tenant and not self.tenant.match(tenant):
            return f"it is not for the tenant {tenant or 'of the platform'}"
        if self.starts_at and now < self.starts_at:
            return f"it starts at {self.starts_at:%Y-%m-%d %H:%M %Z}"
        if self.ends_at and now >= self.ends_at:
            return f"it ended at {self.ends_at:%Y-%m-%d %H:%M %Z}"
        return None


def _no_route(rule: Rule, request: Request, _: dt.datetime) -> str | None:
    if rule.route is None:
        return "it has no route: only code asks for it, by name"
    return None if rule.route.match(request.path) else "its route is another"


def _other_method(rule: Rule, request: Request, _: dt.datetime) -> str | None:
    return "its methods are others" if rule.methods and request.method not in rule.methods else None


def _other_network(rule: Rule, request: Request, _: dt.datetime) -> str | None:
    if rule.network is None:
        return None
    address = network_of(request.ip)
    if address is None or address.version != rule.network.version:
        return "its network is another"
    return None if address.network_address in rule.network else "its network is another"


def _not_here(rule: Rule, request: Request, now: dt.datetime) -> str | None:
    return rule.why_not_here(request.tenant, now)


_TESTS: tuple[Callable[[Rule, Request, dt.datetime], str | None], ...] = (
    _no_route, _other_method, _other_network, _not_here,
)  # fmt: skip


@dataclass(frozen=True)
class Cost:
    """What some requests of a rule cost."""

    method: str | None
    path: re.Pattern[str] | None
    tokens: float

    def covers(self, request: Request) -> bool:
        """Whether a request is one of them."""
        return (self.method is None or self.method == request.method) and (
            self.path is None or bool(self.path.match(request.path))
        )


class RuleSet:
    """The rules in force, in their order.

    Args:
        rules: compiled ones, the first to ask first.
        version: as the database tells it.
    """

    def __init__(self, rules: Sequence[Rule] = (), version: str | None = None) -> None:
        self.rules = tuple(rules)
        self.version = version
        self.for_requests = tuple(rule for rule in self.rules if rule.route is not None)
        self._by_id = {rule.id: rule for rule in self.rules}
        self._by_name: dict[str, list[Rule]] = {}
        for rule in self.rules:
            self._by_name.setdefault(rule.name, []).append(rule)
            if rule.replaces and rule.replaces != rule.name:
                self._by_name.setdefault(rule.replaces, []).append(rule)

    def knows(self, name: str) -> bool:
        """Whether there is a rule of a name."""
        return name in self._by_name

    def of(self, name: str, tenant: str, now: dt.datetime) -> list[Rule]:
        """Return the rules that a call by name is held to in a tenant."""
        rules = [rule for rule in self._by_name.get(name, ()) if not rule.why_not_here(tenant, now)]
        return without_replaced(rules)

    def match(self, request: Request, now: dt.datetime) -> list[Rule]:
        """Return the rules that a request is held to."""
        return without_replaced(
            [rule for rule in self.for_requests if rule.why_not(request, now) is None]
        )

    def explain(self, request: Request, now: dt.datetime) -> list[tuple[Rule, str | None]]:
        """Return every rule with why it is not for a request; None where it is."""
        reasons = [(rule, rule.why_not(request, now)) for rule in self.rules]
        kept = set(without_replaced([rule for rule, reason in reasons if reason is None]))
        return [
            (rule, reason if reason or rule in kept else "a rule that replaces it applies")
            for rule, reason in reasons
        ]


def without_replaced(rules: list[Rule]) -> list[Rule]:
    """Drop those that another of them replaces; one that only counts replaces nothing."""
    gone = {r.replaces for r in rules if r.replaces and r.mode == "enforce"}
    return [r for r in rules if r.name not in gone] if gone else rules


def compile_rules(rows: Iterable[Mapping[str, Any]], version: str | None) -> RuleSet:
    """Compile the rows of rules.

    Args:
        rows: mappings with the columns of the table.
        version: of the set.

    Raises:
        BrokenRuleError: one of them says what cannot be.
    """
    return RuleSet([compile_rule(row) for row in rows], version)


def compile_rule(row: Mapping[str, Any]) -> Rule:
    """Compile a row.

    Raises:
        BrokenRuleError: it says what cannot be.
    """
    try:
        return _compile(row)
    except (ArithmeticError, AttributeError, TypeError, ValueError) as error:
        raise BrokenRuleError(
            f"rule {row.get('name')!r} cannot be used: {error}; correct or disable it"
        ) from error


def _compile(row: Mapping[str, Any]) -> Rule:
    capacity, refill = float(row["capacity"]), float(row["refill_per_sec"])
    if not (0 < capacity < math.inf and 0 <= refill < math.inf):
        raise ValueError("capacity must be above zero and refill not below")
    cidr = row["cidr"]
    glob = row["tenant_glob"]
    return Rule(
        id=row["id"],
        name=row["name"],
        mode=row["mode"],
        scope=row["scope"],
        template=checked_template(row["key_template"] or BY_SCOPE[row["scope"]]),
        methods=frozenset(method.upper() for method in row["methods"] or ()),
        route=globbed(row["route_glob"]) if row["route_glob"] else None,
        tenant=None if glob == "*" else globbed(glob),
        network=ipaddress.ip_network(str(cidr)) if cidr else None,
        capacity=capacity,
        refill_per_sec=refill,
        default_cost=float(row["default_cost"]),
        costs=costs_of(row["cost_map"] or {}),
        priority=row["priority"],
        replaces=row["replaces"] or None,
        fail_policy=row["fail_policy"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        lease=row["lease"],
    )


def globbed(glob: str) -> re.Pattern[str]:
    """Compile a glob: `*` is any run of characters, `?` any one, `[ab]` one of these."""
    return re.compile(fnmatch.translate(glob))


def checked_template(template: str) -> str:
    """Return a template of keys.

    Raises:
        ValueError: it names what is no part of a key.
    """
    if not re.match(TEMPLATE, template):
        names = ", ".join(f"{{{field}}}" for field in FIELDS)
        raise ValueError(f"a key is made of text and {names}, not of {template!r}")
    return template


def costs_of(costs: Any) -> tuple[Cost, ...]:
    """Compile a map of costs, what says most first: method and path, path, method.

    Raises:
        ValueError: it is no map of tokens by method, path or both.
    """
    if not isinstance(costs, Mapping):
        raise ValueError('costs are a map such as {"POST": 5, "/export/*": 20}')  # noqa: TRY004
    found = [_cost(str(what), tokens) for what, tokens in costs.items()]
    return tuple(sorted(found, key=lambda cost: (cost.path is None, cost.method is None)))


def _cost(what: str, tokens: Any) -> Cost:
    if isinstance(tokens, bool) or not isinstance(tokens, int | float) or not 0 <= tokens < 10**6:
        raise ValueError(f"the cost of {what!r} is a number of tokens from 0 on, not {tokens!r}")
    method, _, path = what.partition(" ") if " " in what else ("", "", what)
    if not path.startswith(("/", "*")):
        method, path = path, ""
    if not (method or path) or (method and not method.isalpha()):
        raise ValueError(
            f"a cost is for a method, a path or both, such as 'POST /orders/*', not {what!r}"
        )
    return Cost(method.upper() or None, globbed(path) if path else None, float(tokens))
