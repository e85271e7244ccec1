"""What leads to what: all that can be reached, and strongly connected components."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from weedgo.staged.model import ObjectId


def components(size: int, edges: Sequence[Iterable[int]]) -> list[list[int]]:
    """Tarjan's strongly connected components of a graph, without recursion.

    Args:
        size: number of nodes, which are 0 to size - 1.
        edges: for each node the nodes that it leads to.

    Source: R. Tarjan, Depth-first search and linear graph algorithms, SIAM J. Comput. 1 (1972).
    """
    order: dict[int, int] = {}
    low: dict[int, int] = {}
    stack: list[int] = []
    on_stack: set[int] = set()
    found: list[list[int]] = []
    for root in range(size):
        if root in order:
            continue
        path = [(root, iter(edges[root]))]
        order[root] = low[root] = len(order)
        stack.append(root)
        on_stack.add(root)
        while path:
            node, rest = path[-1]
            for other in rest:
                if other not in order:
                    order[other] = low[other] = len(order)
                    stack.append(other)
                    on_stack.add(other)
                    path.append((other, iter(edges[other])))
                    break
                if other in on_stack:
                    low[node] = min(low[node], order[other])
            else:
                path.pop()
                if path:
                    low[path[-1][0]] = min(low[path[-1][0]], low[node])
                if low[node] == order[node]:
                    cut = stack.index(node)
                    found.append(stack[cut:])
                    on_stack.difference_update(stack[cut:])
                    del stack[cut:]
    return found


def closure(
    start: Iterable[ObjectId], dependents: Callable[[ObjectId], Iterable[ObjectId]]
) -> set[ObjectId]:
    """The objects and all that depends on them, directly or not."""
    found: set[ObjectId] = set()
    todo = list(start)
    while todo:
        id = todo.pop()
        if id not in found:
            found.add(id)
            todo.extend(dependents(id))
    return found
