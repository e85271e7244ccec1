"""Splitting amounts of money to the cent."""

from __future__ import annotations

from collections.abc import Sequence


def allocate(minor: int, weights: Sequence[int]) -> list[int]:
    """Return an amount split by weights; the parts add up, by largest remainder.

    Args:
        minor: in minor units; negative is owed.
        weights: none negative; among equal remainders the first is served first.

    Raises:
        ValueError: a weight is negative, or an amount is to be split by nothing.
    """
    total = sum(weights)
    if any(weight < 0 for weight in weights) or (minor and not total):
        raise ValueError(f"{minor} cannot be split by {list(weights)}")
    if not minor:
        return [0] * len(weights)
    sign = -1 if minor < 0 else 1
    parts = [divmod(abs(minor) * weight, total) for weight in weights]
    left = abs(minor) - sum(whole for whole, _ in parts)
    by_remainder = sorted(range(len(parts)), key=lambda i: (-parts[i][1], i))
    extra = set(by_remainder[:left])
    return [sign * (whole + (i in extra)) for i, (whole, _) in enumerate(parts)]
