"""Partitions by time: made before rows need them, with a default one for what fits nowhere."""

from __future__ import annotations

from typing import Literal

from django.db import connections, models

from weedgo import project

Step = Literal["month", "day"]


def make_partitions(
    model: type[models.Model], step: Step, ahead: int, using: str | None = None
) -> list[str]:
    """Make the partitions that a shared table lacks for now and the time to come.

    Readers and writers go on meanwhile. A span whose rows are in the default partition already is
    left there, with a warning by the server.

    Args:
        model: its table is partitioned by a timestamp.
        step: how long a partition is.
        ahead: how many are made beyond the current one.
        using: a database alias; left out, that of the tables' owner.

    Returns:
        The names of those made.
    """
    using = using or project.owner()
    table = f"public.{connections[using].ops.quote_name(model._meta.db_table)}"
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT public.weedgo_make_partitions(%s::regclass, %s, %s)", [table, step, ahead]
        )
        return [name for (name,) in cursor.fetchall()]
