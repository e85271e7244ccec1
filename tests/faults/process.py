"""A run in a process of its own, which can be killed like any other."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess

from weedgo.staged.model import Event, Options

# Forked from a process that has loaded the engine and holds nothing else.
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.faults.process", "weedgo.staged.run"])

# A process that a signal ended says so by a negative number.
KILLED = -signal.SIGKILL


@contextmanager
def running(
    source: str, target: str, options: Options, *, boundary: int = 0, back: bool = False
) -> Iterator[BaseProcess]:
    """Migrate in a process; what still runs at the end of the block is killed.

    Args:
        boundary: the process kills itself when it is told for so many times that a step begins
            or has ended; 0 for never.
        back: roll back instead.
    """
    process = _CONTEXT.Process(target=_main, args=(source, target, options, boundary, back))
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join()


def _main(source: str, target: str, options: Options, boundary: int, back: bool) -> None:
    from weedgo.staged.model import StagedError
    from weedgo.staged.run import migrate, rollback

    told = 0

    def listen(event: Event) -> None:
        nonlocal told
        told += event.what in ("step", "result")
        if told == boundary and boundary:
            os.kill(os.getpid(), signal.SIGKILL)

    try:
        if back:
            report = rollback(target, options=options, listen=listen)
        else:
            report = migrate(source, target, options, backup=False, listen=listen)
    except StagedError:
        os._exit(2)
    os._exit(report.exit)
