"""What the commands have in common that work for tenants, once or round after round."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import connection
from django.db.utils import DatabaseError
from django_tenants.utils import get_public_schema_name, get_tenant_model, tenant_context

from weedgo.management import values

log = logging.getLogger(__name__)


def add_rounds(parser: CommandParser, every: str) -> None:
    """The options of a worker: for whom, and how often."""
    parser.add_argument(
        "--tenants", nargs="+", default=[], metavar="NAME", help="only these (default: all)"
    )
    parser.add_argument("--once", action="store_true", help="one round, then end; for cron")
    parser.add_argument(
        "--every", type=values.positive_duration, default=values.duration(every),
        metavar="TIME", help=f"from the start of one round to the next (default: {every})",
    )  # fmt: skip


def tenants(names: Sequence[str]) -> list[Any]:
    """Return tenants that are open, all or those named, by name of their schema.

    Nobody may act as one that is suspended or retired.

    Raises:
        CommandError: there is none of a name, or it is closed.
    """
    connection.set_schema_to_public()  # type: ignore[attr-defined]
    known = get_tenant_model().objects.exclude(schema_name=get_public_schema_name())
    found = {tenant.schema_name: tenant for tenant in known.order_by("schema_name")}
    unknown = [name for name in names if name not in found]
    if unknown:
        raise CommandError(
            f"there is no tenant {', '.join(unknown)}; there are: {', '.join(found) or 'none'}",
            returncode=2,
        )
    closed = {name: state for name, one in found.items() if (state := _closed(one))}
    shut = [f"{name} is {closed[name]}" for name in names if name in closed]
    if shut:
        raise CommandError(
            f"{', '.join(shut)}; run manage.py suspend_tenant NAME --resume first", returncode=2
        )
    return [one for name, one in found.items() if name in (names or found) and name not in closed]


def _closed(tenant: Any) -> str:
    state = getattr(tenant, "state", "active")
    return "" if state == "active" else str(state)


def rounds(*, once: bool, every: float) -> Iterator[int]:
    """Count rounds until the process is told to end (SIGTERM, Ctrl-C), which a round may finish."""
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    count = 0
    while not ended.is_set():
        count += 1
        yield count
        if once:
            return
        ended.wait(every)


def for_each(names: Sequence[str], work: Callable[[], dict[str, int]]) -> dict[str, dict[str, int]]:
    """Do some work in each tenant; one whose work fails is logged and does not stop the others.

    Args:
        names: of the tenants' schemas; all where there are none.
        work: with the tenant active; returns counts by name.

    Returns:
        The counts by tenant; for one whose work failed `{"failed": 1}`.
    """
    counts = {}
    for tenant in tenants(names):
        try:
            with tenant_context(tenant):
                counts[tenant.schema_name] = work()
        except DatabaseError:
            log.exception("the work for tenant %s failed", tenant.schema_name)
            counts[tenant.schema_name] = {"failed": 1}
    return counts
