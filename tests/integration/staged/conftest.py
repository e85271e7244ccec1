"""A target with a few tables in use, and sessions that get in the way."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import psycopg
import pytest

from tests.conftest import Database
from tests.integration.staged import made
from tests.servers import Server

Session = Callable[..., psycopg.Connection]


@pytest.fixture
def target(pg18: Server, database: Database) -> str:
    """URL of a database with two tables that hold rows."""
    url = database(pg18, "engine")
    made.do(
        url,
        "CREATE TABLE public.orders (id integer PRIMARY KEY, status text, store integer)",
        "INSERT INTO public.orders SELECT n, 'new', n % 3 FROM generate_series(1, 100) n",
        "CREATE TABLE public.stores (id integer PRIMARY KEY, name text)",
        "INSERT INTO public.stores VALUES (0, 'zero'), (1, 'one')",
    )
    return url


@pytest.fixture
def session(target: str) -> Iterator[Session]:
    """Open sessions that run statements in a transaction and stay in it."""
    with ExitStack() as stack:

        def opened(*statements: str, application: str = "till") -> psycopg.Connection:
            conn = psycopg.connect(target, application_name=application)
            stack.callback(conn.close)
            for statement in statements:
                conn.execute(statement.encode())
            return conn

        yield opened


@pytest.fixture
def interruptible() -> Iterator[Callable[[], None]]:
    """What presses Ctrl-C, from whatever thread; a job in a shell's background is deaf to it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    main = threading.main_thread().ident
    assert main is not None
    yield lambda: signal.pthread_kill(main, signal.SIGINT)
    signal.signal(signal.SIGINT, before)
