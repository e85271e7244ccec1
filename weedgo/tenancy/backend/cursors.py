"""Cursors for a transaction pooler, where no two transactions need be of one server session."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.backends.postgresql.base import CursorMixin
from psycopg import ClientCursor, sql
from psycopg.pq import TransactionStatus


class PooledCursor(CursorMixin, ClientCursor):
    """Sends the activation and a statement outside transactions as one message.

    The server runs a message of several statements as one transaction, so what was set for the
    first holds for the second, and for nothing else.
    """

    activation = ""

    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        """Run a statement with its activation before it."""
        if not self._alone():
            return super().execute(query, params, **options)
        text = query.as_string(self) if isinstance(query, sql.Composable) else query
        text = text.decode() if isinstance(text, bytes) else text
        first = self.activation if params is None else self.activation.replace("%", "%%")
        super().execute(f"{first};\n{text}", params, **options)
        # The activation's own result.
        self.nextset()
        return self

    def executemany(self, query: Any, params_seq: Any, **options: Any) -> Any:
        """Run a statement for many parameters, all in one transaction."""
        with self._activated():
            return super().executemany(query, params_seq, **options)

    @contextmanager
    def copy(self, statement: Any, params: Any = None, **options: Any) -> Iterator[Any]:
        """Copy in a transaction of its own."""
        with self._activated(), super().copy(statement, params, **options) as copy:
            yield copy

    def _alone(self) -> bool:
        idle = self.connection.info.transaction_status == TransactionStatus.IDLE
        return bool(self.activation) and idle and self.connection.autocommit

    @contextmanager
    def _activated(self) -> Iterator[None]:
        if not self._alone():
            yield
            return
        with self.connection.transaction():
            self.connection.execute(self.activation)
            yield
