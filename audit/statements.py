"""Telling the database who acts, in the same message as a transaction's first write.

The setting is local to the transaction: nothing of it is left to the connection's next user. No
round trip and no query is added, as the driver sends both statements at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.pq import TransactionStatus

from audit.contexts import wire
from weedgo.tenancy import citus

_LEAD = r"(?:\s|--[^\n]*\n|/\*.*?\*/|\()*"
# What changes no row, as Django writes it; other SELECTs may call a function that does.
_READS = re.compile(
    _LEAD
    + r'(?:SELECT\s+(?:"|DISTINCT\b|COUNT\(|\(?1\)?\s+AS\b|(?:MAX|MIN|SUM|AVG)\(|pg_|set_config'
    r"|current_|set_config|version\()|SHOW|SET|RESET|SAVEPOINT|RELEASE|BEGIN|START|COMMIT|EXPLAIN|DECLARE"
    r"|FETCH|CLOSE|LISTEN|UNLISTEN|NOTIFY|CREATE|ALTER|DROP|COMMENT|GRANT|REVOKE|VACUUM|ANALYZE|REINDEX"
    r"|CLUSTER|CHECKPOINT|LOCK|DISCARD|DEALLOCATE|PREPARE)",
    re.IGNORECASE | re.DOTALL,
)
_ROLLBACK = re.compile(_LEAD + "ROLLBACK", re.IGNORECASE | re.DOTALL)
# These may end transactions themselves, which they cannot within one.
_PROCEDURES = re.compile(_LEAD + "(?:CALL|DO)\\b", re.IGNORECASE | re.DOTALL)
_SETTING = "weedgo.audit"


class Signer:
    """Signs the writes of one of Django's connections; one of its execute wrappers.

    Attributes:
        signed: what the transaction at hand was told, None if nothing.
    """

    def __init__(self) -> None:
        self.signed: str | None = None

    def __call__(
        self,
        execute: Callable[..., Any],
        query: Any,
        params: Any,
        many: bool,  # noqa: FBT001 - Django's interface
        context: dict[str, Any],
    ) -> Any:
        """Run a statement, after the setting if the transaction does not have it yet."""
        connection = context["connection"]
        text = query if isinstance(query, str) else query.as_string(connection.connection)
        idle = _status(connection) == TransactionStatus.IDLE
        if idle or _ROLLBACK.match(text):
            self.signed = None
        if _READS.match(text) or _ROLLBACK.match(text):
            return execute(query, params, many, context)
        wanted = wire()
        if wanted == self.signed or (idle and _PROCEDURES.match(text)):
            return execute(query, params, many, context)
        cursor = context["cursor"]
        if many or not _takes_two(connection, cursor):
            return self._apart(execute, (query, params, many, context), wanted or "")
        setting = f"{citus.setting_local(connection.connection, _SETTING, wanted or '')}; "
        if params is not None:
            setting = setting.replace("%", "%%")
        result = execute(setting + text, params, many, context)
        # Past the setting's own result, to the statement's.
        cursor.nextset()
        self._remember(connection, wanted)
        return result

    def forgetting(self, end: Callable[[], Any]) -> Callable[[], Any]:
        """Return what ends a transaction, and what was set in it."""

        def ended() -> Any:
            self.signed = None
            return end()

        return ended

    def _apart(self, execute: Callable[..., Any], call: tuple[Any, ...], wanted: str) -> Any:
        """The same by two messages, in a transaction of their own if there is none."""
        connection = call[3]["connection"]
        if connection.get_autocommit():
            with transaction.atomic(using=connection.alias):
                self.sign(connection, wanted)
                return execute(*call)
        self.sign(connection, wanted)
        result = execute(*call)
        self._remember(connection, wanted)
        return result

    def sign(self, connection: BaseDatabaseWrapper, wanted: str) -> None:
        """Set the setting for the transaction that the connection is in."""
        _set(connection.connection, wanted)

    def _remember(self, connection: BaseDatabaseWrapper, wanted: str | None) -> None:
        inside = _status(connection) == TransactionStatus.INTRANS
        self.signed = wanted if inside else None


def sign_writes(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Sign what a new connection is going to write; a receiver of `connection_created`."""
    if connection.vendor != "postgresql":
        return
    if not any(isinstance(wrapper, Signer) for wrapper in connection.execute_wrappers):
        signer = Signer()
        # First, as Django takes wrappers of a `with` block away from the end.
        connection.execute_wrappers.insert(0, signer)
        for end in ("_commit", "_rollback"):
            setattr(connection, end, signer.forgetting(getattr(connection, end)))
    raw: Any = connection.connection
    if not hasattr(raw.cursor_factory, "signs_copies"):
        raw.cursor_factory = type("SigningCursor", (_Copies, raw.cursor_factory), {})


class _Copies:
    """A cursor whose COPY is signed; Django's wrappers do not see it."""

    signs_copies = True

    @contextmanager
    def copy(self, statement: Any, params: Any = None, **options: Any) -> Iterator[Any]:
        cursor: Any = self
        wanted = wire()
        parent: Any = super()
        if wanted is None:
            with parent.copy(statement, params, **options) as copy:
                yield copy
            return
        # A savepoint, or a transaction of its own where there is none.
        activation = getattr(cursor, "activation", "")
        idle = cursor.connection.info.transaction_status == TransactionStatus.IDLE
        with cursor.connection.transaction():
            if activation and idle:
                # Behind a pooler nothing was active before the transaction.
                cursor.connection.execute(activation)
            _set(cursor.connection, wanted)
            with parent.copy(statement, params, **options) as copy:
                yield copy


def _set(raw: Any, wanted: str) -> None:
    raw.execute(citus.setting_local(raw, _SETTING, wanted))


def _status(connection: Any) -> TransactionStatus:
    return TransactionStatus(connection.connection.info.transaction_status)


def _takes_two(connection: Any, cursor: Any) -> bool:
    """Whether the driver sends two statements in one message, and the server takes them."""
    if citus.leads_to_cluster(connection.connection):
        return False
    options = connection.settings_dict.get("OPTIONS", {})
    return not options.get("server_side_binding") and not getattr(cursor.cursor, "name", None)
