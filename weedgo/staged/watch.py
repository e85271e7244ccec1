"""Who blocks whom: a side connection that looks on while a statement waits for a lock."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from weedgo.staged.db import Connection
from weedgo.staged.lease import Target
from weedgo.staged.model import Event, ObjectId, Step

Listen = Callable[[Event], None]


def quiet(event: Event) -> None:
    """A listener that does not care."""


INTERVAL = 0.15


@dataclass(frozen=True, slots=True)
class Blocker:
    """A session that holds what a statement waits for; ``query`` shows no literals.

    ``open`` is for how many seconds its transaction has been open; what yields by itself counts
    for none (autovacuum), what nobody is sure to end for ever (a prepared transaction).
    """

    pid: int
    application: str
    user: str
    state: str
    seconds: int
    query: str
    open: float = 0.0

    def __str__(self) -> str:
        if not self.pid:
            return "a prepared transaction (see pg_prepared_xacts)"
        who = ", ".join(p for p in (self.application, self.user and f"user {self.user}") if p)
        text = f"pid {self.pid}" + (f" ({who})" if who else "")
        if self.state:
            text += f", {self.state} for {self.seconds} s"
        return text + (f": {self.query}" if self.query else "")


_COMMENT = re.compile(r"/\*.*?(?:\*/|$)|--[^\n]*", re.DOTALL)
_LITERAL = re.compile(
    r"""(?P<name>"(?:[^"]|"")*(?:"|$))
    | \$(?P<tag>\w*)\$ .*? (?:\$(?P=tag)\$|$)
    | (?:\b[ebxn]|\bu&)?'(?:[^']|'')*(?:'|$)
    | (?<![\w$]) \d[\d.]*(?:e[+-]?\d+)?\b""",
    re.DOTALL | re.IGNORECASE | re.VERBOSE,
)


def mask(query: str, length: int = 80) -> str:
    """A query fit to be shown: one line, literals and comments taken out, cut to a length."""
    text = _COMMENT.sub(" ", query)
    if "\\'" in text:
        # Whether the backslash escapes is not known here, so all is hidden to the last quote.
        text = re.sub(r"'.*'?", "?", text, flags=re.DOTALL)
    text = _LITERAL.sub(lambda found: found["name"] or "?", text)
    text = " ".join(text.split())
    return text if len(text) <= length else text[: length - 1] + "…"


_SESSIONS = """
SELECT b.pid,
       coalesce(nullif(a.application_name, ''), nullif(a.backend_type, 'client backend'), ''),
       coalesce(a.usename::text, ''), coalesce(a.state, ''),
       coalesce(extract(epoch from clock_timestamp()
           - coalesce(CASE WHEN a.state = 'active' THEN a.query_start END, a.xact_start,
                      a.state_change))::int, 0),
       coalesce(a.query, ''),
       CASE WHEN a.pid IS NULL THEN 'infinity'
            WHEN a.backend_type = 'autovacuum worker' THEN 0
            ELSE coalesce(extract(epoch from clock_timestamp() - a.xact_start), 0) END
  FROM ({source}) b(pid) LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = b.pid
 ORDER BY b.pid
"""
_BLOCKING = _SESSIONS.format(
    source="SELECT DISTINCT p FROM unnest(pg_catalog.pg_blocking_pids(%(pid)s)) p"
)
_HOLDING = _SESSIONS.format(
    source="""
    SELECT DISTINCT coalesce(l.pid, 0)
      FROM pg_catalog.pg_locks l
      JOIN pg_catalog.pg_class c ON c.oid = l.relation
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE l.locktype = 'relation' AND l.granted AND l.pid IS DISTINCT FROM %(pid)s
       AND l.database = (SELECT oid FROM pg_catalog.pg_database
                          WHERE datname = pg_catalog.current_database())
       AND n.nspname = %(schema)s AND c.relname = %(name)s AND l.mode = ANY(%(modes)s)"""
)


def blocking(conn: Connection, pid: int) -> tuple[Blocker, ...]:
    """The sessions that block a server process now."""
    return _blockers(conn.execute(_BLOCKING, {"pid": pid}).fetchall())


def holding(
    conn: Connection, pid: int, table: ObjectId, modes: Sequence[str]
) -> tuple[Blocker, ...]:
    """The sessions other than one that hold locks of these modes on a table now."""
    values = {"pid": pid, "schema": table.schema, "name": table.name, "modes": list(modes)}
    return _blockers(conn.execute(_HOLDING, values).fetchall())


def _blockers(rows: Sequence[tuple[object, ...]]) -> tuple[Blocker, ...]:
    found = []
    for pid, app, user, state, seconds, query, age in rows:
        found.append(
            Blocker(int(str(pid)), str(app), str(user), str(state), int(str(seconds)),
                    mask(str(query)), float(str(age)))
        )  # fmt: skip
    return tuple(found)


@dataclass(eq=False)
class Watch:
    """What was seen while one statement was watched."""

    pid: int
    step: Step
    limit: float | None
    blockers: tuple[Blocker, ...] = ()
    blocked: float = 0.0
    cancelled: bool = False
    looked: float = field(default_factory=time.monotonic)


class Watcher:
    """Names the blockers of the statements in progress, and cancels what waited too long.

    Its thread sleeps unless a statement is watched, and asks the server only about statements
    that take longer than a moment.

    Args:
        target: where the side connection is opened, at first need.
        listen: told of blockers as soon as they are seen; called from the watching thread.
    """

    def __init__(self, target: Target, listen: Listen) -> None:
        self._target = target
        self._listen = listen
        self._changed = threading.Condition()
        self._watches: set[Watch] = set()
        self._closed = False
        self._conn: Connection | None = None
        self._thread: threading.Thread | None = None

    def close(self) -> None:
        """End the thread."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread:
            self._thread.join()

    @contextmanager
    def watching(self, pid: int, step: Step, limit: float | None = None) -> Iterator[Watch]:
        """Watch a server process for the length of the block.

        Args:
            limit: seconds of being blocked after which the statement is cancelled.
        """
        watch = Watch(pid, step, limit)
        with self._changed:
            if self._thread is None:
                self._thread = threading.Thread(target=self._loop, name="weedgo-watch", daemon=True)
                self._thread.start()
            # The thread looks around by itself: waking it for every short statement costs more.
            self._watches.add(watch)
        try:
            yield watch
        finally:
            with self._changed:
                self._watches.discard(watch)

    def _loop(self) -> None:
        seen: set[Watch] = set()
        with self._changed:
            while not self._closed:
                self._changed.wait(INTERVAL)
                for watch in self._watches & seen:
                    if not self._closed:
                        self._look(watch)
                seen = set(self._watches)

    def _look(self, watch: Watch) -> None:
        """Ask once; the lock is held, so that the statement watched is still the one meant."""
        now = time.monotonic()
        since, watch.looked = now - watch.looked, now
        try:
            if self._conn is None or self._conn.closed:
                self._conn = self._target.connect()
            found = blocking(self._conn, watch.pid)
            if found:
                watch.blocked += since
                self._name(watch, found)
            if watch.limit is not None and watch.blocked > watch.limit and not watch.cancelled:
                watch.cancelled = True
                self._conn.execute("SELECT pg_catalog.pg_cancel_backend(%s)", [watch.pid])
        except Exception:  # noqa: BLE001  # The run goes on without names when they cannot be had.
            if self._conn is not None:
                self._conn.close()

    def tell(self, watch: Watch, found: tuple[Blocker, ...]) -> None:
        """Name sessions that were found to be in the way of a statement."""
        with self._changed:
            self._name(watch, found)

    def _name(self, watch: Watch, found: tuple[Blocker, ...]) -> None:
        known = {b.pid for b in watch.blockers}
        watch.blockers = found
        if {b.pid for b in found} != known:
            text = "waits for " + "; ".join(map(str, found))
            self._listen(Event("blocked", text, step=watch.step))
