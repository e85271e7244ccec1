"""Tokens that a process has taken ahead, for keys that many ask for.

A rule with a lease lets a process take more tokens at once than a call costs, and give them out
itself for a second. Every token given out was taken from the bucket before, so no more pass than
the rule says; what is left of a lease goes back to the bucket when its second is over. As long as
a process holds some, others may be refused that many tokens early.

Tokens are taken ahead only of a bucket that holds much more, and no more of them than the process
has given out of that key within the last second.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ratelimit.decisions import Answer, Call
from ratelimit.rules import Rule

# Seconds that tokens are held.
TERM = 1.0
# Nothing is taken ahead of a bucket that holds less than so many times as much.
PLENTY = 10
# Keys of which a process holds tokens.
MOST = 10_000
Place = tuple[int, bytes]
Ask = Callable[[Sequence[Call]], list[Answer] | None]


@dataclass
class Lease:
    """What a process holds and knows of a key.

    Attributes:
        rule: as it was; a changed rule ends the lease.
        until: when the term is over, by the monotonic clock.
        tokens: that are held.
        bucket: how many the bucket held when it was last asked.
        given: how many were given out within this term; `pace` within the one before.
    """

    rule: Rule
    until: float
    tokens: float = 0.0
    bucket: float = 0.0
    given: float = 0.0
    pace: float = 0.0


@dataclass(frozen=True)
class Return:
    """Tokens that go back to a bucket."""

    rule_id: int
    hash: bytes
    tokens: float


class Leases:
    """A process's leases; for several threads."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._held: dict[Place, Lease] = {}
        self._returns: list[Return] = []

    def __len__(self) -> int:
        return len(self._held) + len(self._returns)

    def take(self, calls: Sequence[Call], ask: Ask) -> list[Answer] | None:
        """Take tokens for all calls or for none: of what is held, and else of the database.

        Args:
            calls: one or several.
            ask: asks the database; None where it cannot be asked.
        """
        served = self.serve(calls)
        rest = [call for call in calls if call not in served]
        answers = self._asked(rest, ask) if rest else []
        if answers is None or any(_refuses(answer) for answer in answers):
            for call, answer in served.items():
                self.put_back(call, answer)
            served = {call: replace(answer, taken=False) for call, answer in served.items()}
        return None if answers is None else [*served.values(), *answers]

    def _asked(self, calls: Sequence[Call], ask: Ask) -> list[Answer] | None:
        more = {call: self.ahead(call) for call in calls if call.rule.lease}
        answers = ask([replace(c, cost=_price(c) + more.get(c, 0.0)) for c in calls])
        if any(more.values()) and answers and any(_refuses(answer) for answer in answers):
            more = dict.fromkeys(more, 0.0)
            answers = ask(calls)
        if answers is None:
            return None
        known = {answer.rule_id: answer for answer in answers}
        for call, tokens in more.items():
            if answer := known.get(call.rule.id):
                known[call.rule.id] = self.learn(call, answer, tokens)
        return list(known.values())

    def serve(self, calls: Sequence[Call]) -> dict[Call, Answer]:
        """Take tokens that are held, for those of the calls for which there are enough."""
        served = {}
        with self._mutex:
            for call in calls:
                lease = self._lease(call)
                price = _price(call)
                if lease is not None and 0 < price <= lease.tokens:
                    lease.tokens -= price
                    lease.given += price
                    served[call] = _answer(call, price, lease.bucket + lease.tokens)
        return served

    def ahead(self, call: Call) -> float:
        """Return how many tokens to ask for beyond what a call costs."""
        with self._mutex:
            lease = self._lease(call)
        if lease is None:
            return 0.0
        wanted = float(int(min(call.rule.lease, max(lease.given, lease.pace))))
        return wanted if lease.bucket >= PLENTY * (wanted + _price(call)) else 0.0

    def learn(self, call: Call, answer: Answer, more: float) -> Answer:
        """Keep what an answer says and brought, and return it as it is for the call alone.

        Args:
            call: that was made.
            answer: to it, with what was asked for beyond its cost.
            more: how many tokens that was.
        """
        price = answer.price - more
        with self._mutex:
            lease = self._lease(call) or self._begun(call)
            if lease is not None:
                lease.bucket = answer.remaining
                if answer.taken:
                    lease.tokens += more
                    lease.given += price
            elif answer.taken and more:
                self._returns.append(Return(call.rule.id, call.hash, more))
        held = lease.tokens if lease is not None else 0.0
        return replace(answer, price=price, remaining=answer.remaining + held)

    def put_back(self, call: Call, answer: Answer) -> None:
        """Hold the tokens of a call again that another rule has refused."""
        with self._mutex:
            lease = self._lease(call)
            if lease is not None:
                lease.tokens += answer.price
                lease.given -= answer.price
            else:
                self._returns.append(Return(call.rule.id, call.hash, answer.price))

    def returns(self, *, all: bool = False) -> list[Return]:
        """Take out what goes back to the buckets: what is held too long, or all of it."""
        now = time.monotonic()
        with self._mutex:
            for place, lease in list(self._held.items()):
                if all or lease.until <= now:
                    self._end(place, lease)
            found, self._returns = self._returns, []
        return found

    def keep(self, returns: Sequence[Return]) -> None:
        """Take back what could not be returned; the next time tries again."""
        with self._mutex:
            self._returns += returns

    def _lease(self, call: Call) -> Lease | None:
        """The lease of a call's key; a new term begins where one is over."""
        place = (call.rule.id, call.hash)
        lease = self._held.get(place)
        if lease is None:
            return None
        if lease.rule is not call.rule:
            self._end(place, lease)
            return None
        if (now := time.monotonic()) >= lease.until:
            self._give_up(place, lease)
            late = now >= lease.until + TERM
            lease.pace, lease.given = 0.0 if late else lease.given, 0.0
            lease.until = now + TERM
        return lease

    def _begun(self, call: Call) -> Lease | None:
        if len(self._held) >= MOST:
            return None
        lease = Lease(call.rule, time.monotonic() + TERM)
        self._held[call.rule.id, call.hash] = lease
        return lease

    def _end(self, place: Place, lease: Lease) -> None:
        self._give_up(place, lease)
        del self._held[place]

    def _give_up(self, place: Place, lease: Lease) -> None:
        if lease.tokens > 0:
            self._returns.append(Return(*place, lease.tokens))
            lease.tokens = 0.0


def _refuses(answer: Answer) -> bool:
    return answer.mode == "enforce" and not answer.taken


def _price(call: Call) -> float:
    return call.rule.default_cost if call.cost is None else call.cost


def _answer(call: Call, price: float, remaining: float) -> Answer:
    rule = call.rule
    return Answer(
        rule.id, rule.mode, within=True, taken=True, capacity=rule.capacity, remaining=remaining,
        rate=rule.refill_per_sec, price=price,
    )  # fmt: skip
