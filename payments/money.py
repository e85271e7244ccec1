"""Money as whole minor units and a currency; never a float."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from weedgo.store.money import allocate
from weedgo.store.schema import CURRENCY

# The smallest coin where cash is paid (Canada withdrew the cent in 2013).
CASH_STEP = {"CAD": 5}


@dataclass(frozen=True, order=True)
class Money:
    """An amount.

    Attributes:
        minor: in cents; negative is owed.
        currency: ISO 4217.
    """

    minor: int
    currency: str = CURRENCY

    def __str__(self) -> str:
        sign = "-" if self.minor < 0 else ""
        return f"{sign}{abs(self.minor) // 100}.{abs(self.minor) % 100:02} {self.currency}"

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other).minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other).minor, self.currency)

    def times(self, rate: Decimal) -> Money:
        """Return a share of the amount, rounded half to even."""
        minor = (Decimal(self.minor) * rate).quantize(Decimal(1), rounding=ROUND_HALF_EVEN)
        return Money(int(minor), self.currency)

    def allocate(self, weights: Sequence[int]) -> list[Money]:
        """Return the amount split by weights; the parts add up, by largest remainder.

        Raises:
            ValueError: a weight is negative, or an amount is to be split by nothing.
        """
        return [Money(part, self.currency) for part in allocate(self.minor, weights)]

    def in_cash(self) -> Money:
        """Return what is paid in coins."""
        step = CASH_STEP.get(self.currency, 1)
        return Money((self.minor + step // 2) // step * step, self.currency)

    def _same(self, other: Money) -> Money:
        if other.currency != self.currency:
            raise ValueError(f"{self} and {other} are not of one currency")
        return other
