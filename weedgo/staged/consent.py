"""What needs the user's leave: large tables rewritten or read under a lock, and for how long.

The estimates go by what ordinary machines do; they are to tell a second from an hour.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from weedgo.staged.model import ObjectId, Plan, Statement
from weedgo.staged.sizes import shown

REMEDY = "run at a quiet time with --allow-rewrite, or raise --rewrite-limit"
# From this lock on, writers wait.
_STRONG = ("SHARE", "SHARE ROW EXCLUSIVE", "EXCLUSIVE", "ACCESS EXCLUSIVE")
_MB = 1024 * 1024
# Bytes of a table in a second.
REWRITING, READING, BUILDING, FILLING = 40 * _MB, 400 * _MB, 60 * _MB, 15 * _MB


def asked(
    main: ObjectId, statements: Sequence[Statement], size: Callable[[ObjectId], int], limit: int
) -> str:
    """What a step's statements would do to large tables under a lock; empty for nothing.

    Args:
        main: the object that the step is named for.
        statements: in order.
        size: bytes of a table with its partitions and those that inherit it.
        limit: bytes above which a table is large.
    """
    found: dict[ObjectId, tuple[str, str]] = {}
    strong = {s.table: s.lock for s in statements if s.table and s.lock in _STRONG}
    for s in statements:
        # What names no table rewrites or reads those that the step has locked.
        tables = [s.table] if s.table else list(strong)
        if s.rewrites:
            found |= {t: ("rewrites", strong.get(t, s.lock)) for t in tables}
        elif s.scans and (s.table is None or s.lock in _STRONG):
            for table in tables:
                found.setdefault(table, ("reads", strong[table]))
    parts = [
        _told(table, *how, size(table))
        for table, how in sorted(found.items())
        if size(table) > limit
    ]
    if not parts:
        return ""
    return f"{main} {'; '.join(parts)}: PostgreSQL has no other way for it here"


def _told(table: ObjectId, what: str, lock: str, size: int) -> str:
    seconds = size / (REWRITING if what == "rewrites" else READING)
    return (
        f"{what} {table.path} ({shown(size)}) under {lock or 'a lock'} "
        f"for about {max(1, round(seconds)):,} s"
    )


def seconds(statements: Sequence[Statement], sizes: Mapping[str, int]) -> float:
    """About how long statements take, from the sizes of their tables."""
    total = 0.0
    for s in statements:
        size = sizes.get(s.table.path, 0) if s.table else 0
        speed = _speed(s)
        total += size / speed if speed else 0.0
    return total


def _speed(s: Statement) -> float:
    if s.fill:
        return FILLING
    if s.rewrites:
        return REWRITING
    if s.scans:
        return READING if s.transactional else BUILDING
    return 0.0


def estimate(plan: Plan, sizes: Mapping[str, int]) -> float:
    """About how long a plan takes beyond the moment that each statement does, in seconds."""
    return round(sum(seconds(step.statements, sizes) for step in plan.steps), 1)
