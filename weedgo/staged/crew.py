"""Steps of different tables side by side, each on a connection of its own."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from weedgo.staged.execute import Executor
from weedgo.staged.model import Result, Step

# A cancellation that came between two statements is sent again.
_AGAIN = 0.5


@dataclass(frozen=True, slots=True)
class Ended:
    """A step that has ended, or what stopped it."""

    executor: Executor
    step: Step
    result: Result | None
    error: BaseException | None = None


class Crew:
    """Executors that run steps side by side; used from one thread.

    Args:
        executors: one for each connection.
    """

    def __init__(self, executors: Sequence[Executor]) -> None:
        self._free = list(reversed(executors))
        self._busy: dict[Executor, Step] = {}
        self._ended: queue.SimpleQueue[Ended] = queue.SimpleQueue()

    @property
    def free(self) -> bool:
        """Whether one of them has nothing to do."""
        return bool(self._free)

    @property
    def steps(self) -> Iterable[Step]:
        """The steps in progress."""
        return self._busy.values()

    def start(self, step: Step, *, redone: bool) -> None:
        """Have one that is free run a step; see `Executor.run`."""
        executor = self._free.pop()
        self._busy[executor] = step
        work = threading.Thread(
            target=self._run, args=(executor, step, redone), name="weedgo-step", daemon=True
        )
        work.start()

    def _run(self, executor: Executor, step: Step, redone: bool) -> None:  # noqa: FBT001
        try:
            self._ended.put(Ended(executor, step, executor.run(step, redone=redone)))
        except BaseException as error:  # noqa: BLE001 - raised where the steps are handed out
            self._ended.put(Ended(executor, step, None, error))

    def wait(self) -> Result:
        """The result of the next step that ends.

        Raises:
            BaseException: what stopped it.
        """
        ended = self._next()
        if ended.error is not None:
            raise ended.error
        assert ended.result is not None
        return ended.result

    def stop(self) -> None:
        """End all steps in progress; what is half done of them is undone."""
        while self._busy:
            for executor in list(self._busy):
                executor.stop()
            with suppress(queue.Empty):
                self._next(_AGAIN)

    def _next(self, timeout: float | None = None) -> Ended:
        ended = self._ended.get(timeout=timeout)
        del self._busy[ended.executor]
        self._free.append(ended.executor)
        return ended
