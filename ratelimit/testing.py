"""Rate limits in tests of apps that use them.

Limits have a connection of their own, which sees nothing of a test's transaction. Within
`limits_in_transaction` they use Django's instead.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from ratelimit import worker


@contextlib.contextmanager
def limits_in_transaction(alias: str = "default") -> Iterator[worker.InlineWorker]:
    """Let calls see rules that the test made, and take tokens that its rollback hands back.

    Args:
        alias: of the database.

    Returns:
        The worker; its `flush()` writes violations down.
    """
    inline = worker.InlineWorker(alias)
    before = worker.use(inline)
    try:
        yield inline
    finally:
        worker.use(before)
