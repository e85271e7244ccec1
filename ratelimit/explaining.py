"""What would happen to a request: which rules match, whose buckets, and what is left in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ratelimit import services, worker
from ratelimit.decisions import Decision, verdict_of
from ratelimit.keys import Request
from ratelimit.rules import Rule, RuleSet, compile_rules
from ratelimit.selectors import active_rules
from ratelimit.store import DjangoStore


@dataclass(frozen=True)
class Explained:
    """What one rule has to do with a request.

    Attributes:
        rule: the rule.
        why_not: why it is not for the request, in words; None if it is.
        key: whose bucket it is, in words; `cost` in tokens.
        decision: what it would say, with nothing taken.
    """

    rule: Rule
    why_not: str | None
    key: str = ""
    cost: float = 0.0
    decision: Decision | None = None


@dataclass(frozen=True)
class Explanation:
    """What all rules have to do with a request.

    Attributes:
        allowed: whether it would be let through.
        rules: each rule in force, in the order in which they are asked.
    """

    allowed: bool
    rules: tuple[Explained, ...]


def explain(request: Request, using: str = "default") -> Explanation:
    """Tell what would happen to a request now; nothing is taken.

    Args:
        request: the request.
        using: the database alias.
    """
    store = DjangoStore(using)
    found = [
        _explained(store, rule, why_not, request)
        for rule, why_not in rules_now(using).explain(request, worker.now())
    ]
    allowed = all(one.decision.allowed for one in found if one.decision)
    return Explanation(allowed, tuple(found))


def rules_now(using: str = "default") -> RuleSet:
    """Return the rules as the database has them.

    Raises:
        BrokenRuleError: one of them cannot be used.
    """
    rows: Any = active_rules().using(using).values()
    return compile_rules(rows, None)


def _explained(store: DjangoStore, rule: Rule, why_not: str | None, request: Request) -> Explained:
    if why_not is not None:
        return Explained(rule, why_not)
    key, cost = rule.key_for(request), rule.cost_of(request)
    call = services.call_of(rule, key, request.tenant, cost, key)
    [decision] = verdict_of([call], store.take([call], taking=False), taking=False).decisions
    return Explained(rule, None, key, cost, decision)
