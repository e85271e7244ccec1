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
    source: str,
    target: str,
    options: Options,
    *,
    boundary: int = 0,
    back: bool = False,
    by: int = signal.SIGKILL,
) -> Iterator[BaseProcess]:
    """Migrate in a process; what still runs at the end of the block is killed.

    Args:
        boundary: the process sends itself a signal when it is told for so many times that a step
            begins, gets on or has ended; 0 for never.
        back: roll back instead.
        by: that signal.
    """
    process = _CONTEXT.Process(target=_main, args=(source, target, options, boundary, back, by))
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join()


def _main(source: str, target: str, options: Options, boundary: int, back: bool, by: int) -> None:
    from weedgo.staged.model import StagedError
    from weedgo.staged.run import migrate, rollback

    # A shell's background job, as tests may be, is born deaf to Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    told = 0

    def listen(event: Event) -> None:
        nonlocal told
        told += event.what in ("step", "progress", "result")
        if told == boundary and boundary:
            told += 1
            os.kill(os.getpid(), by)

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
