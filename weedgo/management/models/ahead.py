"""Looking at schemas while it is still worked out what they are to be."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing

from weedgo.staged import db, seen


def look(target: str, schemas: Sequence[str]) -> seen.Sight:
    """What is known of schemas before any is read, by two connections."""
    with connected(target) as conn, connected(target) as beside:
        return seen.look(conn, schemas, beside)


def begin(target: str, schemas: Sequence[str]) -> Future[seen.Sight]:
    """The same in a thread."""
    pool = ThreadPoolExecutor(1)
    found = pool.submit(look, target, schemas)
    pool.shutdown(wait=False)
    return found


def connected(target: str) -> closing[db.Connection]:
    """A connection to a target, closed in the end."""
    return closing(db.connect(target, application="weedgo models"))
