"""What is asked of the limits, and what they say."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ratelimit.rules import Rule


@dataclass(frozen=True, slots=True)
class Call:
    """Tokens that are asked for.

    Attributes:
        rule: by which rule.
        hash: of the key; see `ratelimit.keys.hash_of`.
        cost: in tokens; None means the rule's default.
        owner: the schema whose bucket it is; None where tenants share it.
        label: the key in words, where it may be shown.
    """

    rule: Rule
    hash: bytes
    cost: float | None = None
    owner: str | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What the database says of one call; as its function returns it."""

    rule_id: int
    mode: str
    within: bool
    taken: bool
    capacity: float
    remaining: float
    rate: float
    price: float


@dataclass(frozen=True)
class Decision:
    """What a rule says of one call.

    Attributes:
        allowed: whether the call may go on.
        within: whether the key had tokens enough; a shadow rule allows calls that are not.
        mode: the rule's, `off` where no rule of the name is in force.
        limit: tokens in a full bucket; None where nothing limits.
        remaining: tokens left to the key; None where that is not known.
        retry_after: seconds until there are enough; infinite where there never will be.
        rule: the rule's name.
        cost: tokens that the call takes.
        reset_after: seconds until the bucket is full; infinite where it never will be.
        window: seconds in which an empty bucket fills; None if it never does.
        unavailable: whether the limit could not be read, so that the rule's fail policy spoke.
    """

    allowed: bool
    within: bool
    mode: str
    limit: float | None
    remaining: float | None
    retry_after: float
    rule: str = ""
    cost: float = 0.0
    reset_after: float = 0.0
    window: float | None = None
    unavailable: bool = False


@dataclass(frozen=True)
class Verdict:
    """What all rules that a call is held to say together.

    Attributes:
        allowed: whether the call may go on.
        decisions: one by each rule.
    """

    allowed: bool
    decisions: tuple[Decision, ...] = ()

    @property
    def refusals(self) -> tuple[Decision, ...]:
        """The decisions that refuse the call."""
        return tuple(d for d in self.decisions if not d.allowed)

    @property
    def tightest(self) -> Decision:
        """The decision that a caller has to heed first."""
        if refusals := self.refusals:
            return max(refusals, key=lambda d: d.retry_after)
        if not self.decisions:
            return UNLIMITED
        enforced = [d for d in self.decisions if d.mode == "enforce"] or self.decisions
        return min(enforced, key=_left)


UNLIMITED = Decision(
    allowed=True, within=True, mode="off", limit=None, remaining=None, retry_after=0.0
)


def decided(call: Call, answer: Answer | None, *, refused: bool) -> Decision:
    """Return the decision that an answer means.

    Args:
        call: what was asked.
        answer: None where the rule is no longer in force.
        refused: whether the call as a whole is; a rule that has enough still lets it pass.
    """
    if answer is None:
        return UNLIMITED
    within = answer.within and (answer.taken or refused or answer.mode != "enforce")
    lacking = 0.0 if within else max(answer.price - answer.remaining, 0.0)
    # NaN is more than any capacity.
    never = not answer.price <= answer.capacity
    return Decision(
        allowed=within or answer.mode != "enforce",
        within=within,
        mode=answer.mode,
        limit=answer.capacity,
        remaining=max(answer.remaining, 0.0),
        retry_after=math.inf if never and not within else _seconds(lacking, answer.rate),
        rule=call.rule.name,
        cost=answer.price,
        reset_after=_seconds(answer.capacity - answer.remaining, answer.rate),
        window=answer.capacity / answer.rate if answer.rate > 0 else None,
    )


def verdict_of(calls: Sequence[Call], answers: Sequence[Answer], *, taking: bool = True) -> Verdict:
    """Return what the answers mean together: all that limit have to agree.

    Args:
        calls: what was asked.
        answers: of the rules that are in force.
        taking: whether tokens were to be taken, or only looked at.
    """
    if not taking:
        answers = [replace(answer, taken=answer.within) for answer in answers]
    known = {answer.rule_id: answer for answer in answers}
    limits = [answer for answer in answers if answer.mode == "enforce"]
    refused = any(not answer.taken for answer in limits)
    # Between the refusal and the count, tokens may have come back to all.
    named = any(not answer.within for answer in limits)
    decisions = tuple(
        decided(call, known.get(call.rule.id), refused=refused and named) for call in calls
    )
    return Verdict(not refused, decisions)


def _seconds(tokens: float, rate: float) -> float:
    if tokens <= 0:
        return 0.0
    return tokens / rate if rate > 0 else math.inf


def _left(decision: Decision) -> float:
    if decision.remaining is None or not decision.limit:
        return math.inf
    return decision.remaining / decision.limit
