"""What periodic jobs share: one of a kind at a time, on the owner's connection."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from weedgo import project

# "audi" in ASCII; the second key is the job's place here.
LOCK = 0x61756469
# Where the admin reads, as operators do.
READER = "default"
JOBS = ("partitions", "seal", "roll_up", "alerts", "coverage", "retention", "nodes")


class BusyError(Exception):
    """Another process is at the same job."""


def connection() -> BaseDatabaseWrapper:
    """Return the connection of the tables' owner."""
    return connections[project.owner()]


@contextmanager
def only_one(job: str) -> Iterator[None]:
    """Hold a job's advisory lock.

    Raises:
        BusyError: another session has it; the job is being done.
    """
    with connection().cursor() as cursor:
        keys = [LOCK, JOBS.index(job)]
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", keys)
        if cursor.fetchone() != (True,):
            raise BusyError(f"another process is at it: {job.replace('_', ' ')}")
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", keys)
