"""Running a plan: each step commits on its own, what needs a failed one waits, the rest goes on."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from weedgo.staged import consent
from weedgo.staged.execute import Executor
from weedgo.staged.journal import Journal
from weedgo.staged.lease import Target
from weedgo.staged.model import Event, ObjectId, Options, Plan, Result, Status, Step
from weedgo.staged.watch import Listen

# Steps that share a transaction: enough to save the commits, few enough to do again one by one.
TOGETHER = 50
# On a table in use fewer, as they hold its lock to the end; each of them takes but a moment.
TOGETHER_IN_USE = 10


def apply(
    plan: Plan, target: Target, journal: Journal, options: Options, listen: Listen
) -> tuple[Result, ...]:
    """Run the steps of a plan in their order.

    Args:
        plan: what to do.
        target: held for this run.
        journal: started (`Journal.start`) with this plan.
        options: stages, timeouts and retries.
        listen: told when a step begins, is blocked, and ends.

    Returns:
        A result for every step, in the order of the plan.

    Raises:
        StagedError: the target is lost for good; the journal has what was done.
        KeyboardInterrupt: after the statement in progress was cancelled and recorded.
    """
    return Course(plan.steps, target, journal, options, listen).run()


class Course:
    """The way through a list of steps."""

    def __init__(
        self,
        steps: Sequence[Step],
        target: Target,
        journal: Journal,
        options: Options,
        listen: Listen,
    ) -> None:
        self._steps = steps
        self._by_id = {step.id: step for step in steps}
        self._journal = journal
        self._options = options
        self._listen = one_at_a_time(listen)
        self._executor = Executor(target, journal, options, self._listen)
        self._results: dict[str, Result] = {}
        self._done: set[str] = set()
        self._lost: set[str] = set()

    def run(self) -> tuple[Result, ...]:
        """Run them; see `apply`."""
        try:
            position = 0
            while position < len(self._steps):
                together = self._together(position)
                if len(together) > 1:
                    self._run_together(together)
                else:
                    self._run_one(self._steps[position])
                position += max(1, len(together))
                if position == len(self._steps):
                    self._executor.settle()
                if self._executor.crashed():
                    position = self._first_lost(position)
        finally:
            self._executor.close()
        return tuple(self._results[step.id] for step in self._steps)

    def _first_lost(self, position: int) -> int:
        """After a crash of the server: forget what it took away; where to go on."""
        before = self._steps[:position]
        lost = [n for n, s in enumerate(before) if s.id in self._done and not self._journal.kept(s)]
        for number in lost:
            step = self._steps[number]
            self._done.discard(step.id)
            self._lost.add(step.id)
        return min(lost, default=position)

    def _run_one(self, step: Step) -> None:
        if step.id in self._done:
            return
        held = self._held(step)
        if held:
            self._journal.outcome(held)
            self._end(held)
            return
        self._listen(Event("step", step=step))
        self._end(self._executor.run(step, redone=step.id in self._lost))

    def _run_together(self, steps: Sequence[Step]) -> None:
        self._listen(Event("step", step=steps[0]))
        results = self._executor.run_together(steps)
        if results is None:
            for step in steps:
                self._run_one(step)
            return
        for result in results:
            self._end(result)

    def _end(self, result: Result) -> None:
        self._results[result.step.id] = result
        if result.status is Status.DONE:
            self._done.add(result.step.id)
        self._listen(Event("result", step=result.step, result=result))

    def _together(self, position: int) -> Sequence[Step]:
        """The steps from here on that may share one transaction."""
        # One lock: what takes a weaker one first and the stronger later can deadlock.
        locks = _locks(self._steps[position])
        most = TOGETHER_IN_USE if locks else TOGETHER
        found: list[Step] = []
        joined: set[str] = set()
        for step in self._steps[position : position + most]:
            if (
                step.id in self._done
                or not self._shares(step)
                or _locks(step) != locks
                or not all(id in self._done or id in joined for id in self._known(step))
            ):
                break
            found.append(step)
            joined.add(step.id)
        return found

    def _shares(self, step: Step) -> bool:
        asked = step.stage in self._options.stages and not (step.refusal or step.consent)
        whole = step.transactional and not step.guards
        return asked and whole and (not _locks(step) or self._is_short(step))

    def _is_short(self, step: Step) -> bool:
        """Whether a step does but a moment's work on one table, and no other is locked with it."""
        locks = _locks(step)
        quick = not any(s.scans or s.rewrites or s.late for s in step.statements)
        return (
            quick
            and len(locks) == 1
            and not any(self._executor.has_heirs(table) for table, _ in locks)
        )

    def _known(self, step: Step) -> list[str]:
        return [id for id in step.needs if id in self._by_id]

    def _held(self, step: Step) -> Result | None:
        """The result of a step that is not to run."""
        if step.stage not in self._options.stages:
            return Result(
                step, Status.SKIPPED, message=f"stage {step.stage.value} was not asked for"
            )
        if step.refusal:
            return Result(step, Status.REFUSED, message=step.refusal)
        if step.consent:
            return Result(step, Status.WAITING, message=step.consent, remedy=consent.REMEDY)
        unmet = [self._results[id] for id in self._known(step) if id not in self._done]
        if not unmet:
            return None
        named = ", ".join(f"{r.step.main.id} ({r.status.value})" for r in unmet[:3])
        more = f" and {len(unmet) - 3} more" if len(unmet) > 3 else ""
        return Result(
            step, Status.WAITING, message=f"waits for {named}{more}",
            remedy=_before(unmet),
        )  # fmt: skip


def _locks(step: Step) -> frozenset[tuple[ObjectId, str]]:
    """The tables in use that a step locks, and how."""
    return frozenset((s.table, s.lock) for s in step.statements if s.table is not None)


def _before(unmet: Sequence[Result]) -> str:
    skipped = sorted({r.step.stage.value for r in unmet if r.status is Status.SKIPPED})
    if skipped:
        return f"run stage {', '.join(map(str, skipped))} first"
    return "mend what it waits for, then run again"


def one_at_a_time(listen: Listen) -> Listen:
    """The same listener, never called by two threads at once."""
    lock = threading.Lock()

    def guarded(event: Event) -> None:
        with lock:
            listen(event)

    return guarded
