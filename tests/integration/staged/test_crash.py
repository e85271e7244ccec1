"""Runs that are killed or interrupted at any moment, and the runs that follow them."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest

from tests.integration.staged import made, runner
from tests.integration.staged.made import ask, do
from weedgo.staged.journal import Journal
from weedgo.staged.lease import hold
from weedgo.staged.model import StagedError

Session = Callable[..., psycopg.Connection]


@pytest.fixture
def target(target: str) -> str:
    """The tables in use, without rows that violate the foreign key to come."""
    do(target, "INSERT INTO public.stores VALUES (2, 'two')")
    return target


@contextmanager
def process(url: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A run in a process of its own."""
    command = [sys.executable, "-m", runner.__name__, url, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as started:
        try:
            yield started
        finally:
            started.kill()


def heard(run: subprocess.Popen[str], line: str) -> None:
    """Read what the run says up to a line."""
    assert run.stdout is not None
    said = []
    for text in run.stdout:
        said.append(text.strip())
        if said[-1] == line:
            return
    raise AssertionError(f"never said {line!r}: {said}")


def finish(url: str) -> None:
    """The next run, and what must be true after it."""
    with process(url) as run:
        assert run.wait() == 0
    assert all(runner.stands(url, s.main.id) for s in runner.MIXED)
    assert made.invalid_indexes(url) == 0
    assert ask(url, "SELECT count(*) FROM public.orders") == 100
    assert ask(url, "SELECT count(*) FROM weedgo_migration.run WHERE status = 'running'") == 0
    assert ask(url, "SELECT count(*) FROM weedgo_migration.step WHERE status = 'running'") == 0
    done = "SELECT count(*) FROM weedgo_migration.step WHERE status = 'done' AND name = %s"
    for step in runner.MIXED:
        assert 1 <= ask(url, done, step.main.id.name) <= 2


@pytest.mark.parametrize("call", [9, 22, 25, 31, 34, 36, 39, 42, 43, 46, 48, 52, 56, 58, 61, 68])
def test_killed_at_a_statement_the_next_run_finishes(target: str, call: int) -> None:
    with process(target, str(call)) as run:
        assert run.wait() in (-signal.SIGKILL, 0)
    finish(target)


# What another session does that blocks one step and no other.
BLOCKED = {
    "note": ("LOCK TABLE public.orders",),
    "orders_store_index": ("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", "SELECT 1"),
    "orders_store_fkey": ("LOCK TABLE public.stores",),
}


@pytest.mark.parametrize("name", list(BLOCKED))
class TestInTheMiddle:
    def test_killed(self, target: str, session: Session, name: str) -> None:
        holder = session(*BLOCKED[name])
        with process(target) as run:
            heard(run, f"blocked {name}")
            run.kill()
            run.wait()
            with hold(target, "next") as held:
                journal = Journal(held.control)
                settled = journal.reconcile(lambda record: False)
                assert all(s.status == "interrupted" for s in settled)
                others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                assert ask(target, others + " AND wait_event_type = 'Lock'") == 0
        holder.rollback()
        finish(target)

    def test_interrupted(self, target: str, session: Session, name: str) -> None:
        holder = session(*BLOCKED[name])
        with process(target) as run:
            heard(run, f"blocked {name}")
            run.send_signal(signal.SIGINT)
            assert run.wait() == 130
        assert made.journalled(target)[name] == "failed"
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        assert ask(target, waiting + " AND datname = current_database()") == 0
        holder.rollback()
        finish(target)


def test_a_second_run_is_told_who_runs(target: str, session: Session) -> None:
    holder = session(*BLOCKED["note"])
    with process(target) as run:
        heard(run, "blocked note")
        with pytest.raises(StagedError) as error, hold(target, "second"):
            pass
        assert f":{run.pid}, server process" in str(error.value)
        assert "another run is in progress" in str(error.value)
        holder.rollback()
        assert run.wait() == 0
