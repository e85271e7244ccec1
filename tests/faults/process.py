"""A run in a process of its own, which can be killed like any other."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Event as Flag

from weedgo.staged.model import Event, Options

# Forked from a process that has loaded the engine and holds nothing else.
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.faults.process", "weedgo.staged.run"])

# A process that a signal ended says so by a negative number.
KILLED = -signal.SIGKILL


@contextmanager
def running(
    source: str,
    target: str,
    options: Options,
    *,
    boundary: int = 0,
    back: bool = False,
    by: int = signal.SIGKILL,
    after: float = 0.0,
    reached: Flag | None = None,
) -> Iterator[BaseProcess]:
    """Migrate in a process; what still runs at the end of the block is killed.

    Args:
        boundary: the process sends itself a signal when it is told for so many times that a step
            begins, gets on or has ended; 0 for never.
        back: roll back instead.
        by: that signal; 0 for none.
        after: seconds from the boundary to the signal.
        reached: set at the boundary.
    """
    at = Boundary(boundary, by, after, reached)
    process = _CONTEXT.Process(target=_main, args=(source, target, options, at, back))
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join()


@dataclass
class Boundary:
    """Listens to a run, and does to its process what is to be done at a certain moment."""

    number: int
    by: int
    after: float
    reached: Flag | None
    told: int = 0

    def __call__(self, event: Event) -> None:
        self.told += event.what in ("step", "progress", "result")
        if not self.number or self.told < self.number:
            return
        self.number = 0
        if self.reached:
            self.reached.set()
        if self.after:
            threading.Timer(self.after, os.kill, (os.getpid(), self.by)).start()
        elif self.by:
            os.kill(os.getpid(), self.by)


def flag() -> Flag:
    """What tells from one process to another that a boundary is reached."""
    return _CONTEXT.Event()


def _main(source: str, target: str, options: Options, listen: Boundary, back: bool) -> None:
    from weedgo.staged.model import StagedError
    from weedgo.staged.run import migrate, rollback

    # A shell's background job, as tests may be, is born deaf to Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        if back:
            report = rollback(target, options=options, listen=listen)
        else:
            report = migrate(source, target, options, backup=False, listen=listen)
    except StagedError:
        os._exit(2)
    except KeyboardInterrupt:
        os._exit(130)
    os._exit(report.exit)
