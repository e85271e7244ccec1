"""Stages and order: each step at the earliest moment that what it needs allows.

A stage is the earliest moment at which a step may run. When something that the step needs is made
later, the step moves there, and says why.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter

from weedgo.staged.model import ObjectId, Stage, Step

Edges = Sequence[Mapping[int, ObjectId]]
"""For each step the steps that must run before it, and the object for which each must."""


Order = tuple[int, str, str, int, ObjectId]
"""Kind, schema, relation, position in it, and the object itself."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A step with its place among those of its stage."""

    step: Step
    order: Order


def ordered(placed: Sequence[Placed], edges: Edges) -> tuple[Step, ...]:
    """The steps in their actual stages, in topological order, ties broken by kind and name.

    Args:
        placed: the steps, in any order.
        edges: without cycles.
    """
    stages, reasons = _settle(placed, edges)
    sorter = TopologicalSorter({number: edge.keys() for number, edge in enumerate(edges)})
    sorter.prepare()
    heap: list[tuple[int, Order, int]] = []
    done: list[Step] = []
    while True:
        for number in sorter.get_ready():
            heapq.heappush(heap, (stages[number].value, placed[number].order, number))
        if not heap:
            return tuple(done)
        *_, number = heapq.heappop(heap)
        needs = sorted(placed[other].step.id for other in edges[number])
        done.append(placed[number].step.at(stages[number], reasons.get(number, ""), needs))
        sorter.done(number)


def _settle(placed: Sequence[Placed], edges: Edges) -> tuple[dict[int, Stage], dict[int, str]]:
    """The actual stage of each step, and why it is not its home stage."""
    stages: dict[int, Stage] = {}
    reasons: dict[int, str] = {}
    order = TopologicalSorter({number: edge.keys() for number, edge in enumerate(edges)})
    for number in order.static_order():
        stages[number] = placed[number].step.home
        for other, need in sorted(edges[number].items()):
            if stages[other] > stages[number]:
                stages[number] = stages[other]
                reasons[number] = f"waits for stage {stages[other].value}: needs {need}"
    return stages, reasons
