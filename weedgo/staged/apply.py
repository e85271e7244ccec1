"""Running a plan: each step commits on its own, what needs a failed one waits, the rest goes on."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from weedgo.staged import consent
from weedgo.staged.crew import Crew
from weedgo.staged.execute import Executor
from weedgo.staged.journal import Journal
from weedgo.staged.lease import Member, Target
from weedgo.staged.model import (
    Event,
    ObjectId,
    Options,
    Plan,
    Result,
    Stage,
    StagedError,
    Status,
    Step,
)
from weedgo.staged.watch import Listen, Watcher

# Steps that share a transaction: enough to save the commits, few enough to do again one by one.
TOGETHER = 50
# On a table in use fewer, as they hold its lock to the end; each of them takes but a moment.
TOGETHER_IN_USE = 10
# Seconds after which a cancellation that came between two statements is sent again.
_AGAIN = 0.5


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
    return carried_out(Course(plan.steps, target, journal, options, listen))


def carried_out(course: Course) -> tuple[Result, ...]:
    """Run a course on a thread of its own, so that Ctrl-C never cuts off a record of what was done.

    Raises:
        KeyboardInterrupt: after what was in progress has been ended or undone.
        StagedError: as for `apply`.
    """
    ended: list[tuple[Result, ...]] = []
    failed: list[BaseException] = []

    def go() -> None:
        try:
            ended.append(course.run())
        except BaseException as error:  # noqa: BLE001 - raised where it is waited for
            failed.append(error)
        finally:
            over.set()

    # Not the thread's own end: Python 3.11 takes a thread for ended whose join is interrupted.
    over = threading.Event()
    threading.Thread(target=go, name="weedgo-apply", daemon=True).start()
    try:
        over.wait()
    except BaseException:
        while not over.is_set():
            course.stop()
            over.wait(_AGAIN)
        raise
    if failed:
        raise failed[0]
    return ended[0]


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
        self._watcher = Watcher(target, self._listen)
        # The first member has its session already, if anything has.
        members = [target.member, *(Member(target) for _ in range(options.jobs - 1))]
        self._stop = threading.Event()
        self._executors = [
            Executor(m, target, journal, options, self._listen, self._watcher, self._stop)
            for m in members
        ]
        self._executor = self._executors[0]
        self._results: dict[str, Result] = {}
        self._done: set[str] = set()
        self._lost: set[str] = set()
        self._alone_until = 0

    def run(self) -> tuple[Result, ...]:
        """Run them; see `apply`."""
        try:
            position = 0
            while position < len(self._steps):
                self._go_on()
                if window := self._window(position):
                    self._run_window(window)
                    position += len(window)
                else:
                    position += self._run_next(self._steps, position)
                if position == len(self._steps):
                    self._executor.settle()
                if self._executor.crashed():
                    position = self._first_lost(position)
        finally:
            self._watcher.close()
        return tuple(self._results[step.id] for step in self._steps)

    def stop(self) -> None:
        """Have it end now; for other threads, until it has."""
        self._stop.set()
        for executor in self._executors:
            executor.stop()

    def _first_lost(self, position: int) -> int:
        """After a crash of the server: forget what it took away; where to go on."""
        before = self._steps[:position]
        lost = [n for n, s in enumerate(before) if not self._stands(s)]
        for number in lost:
            step = self._steps[number]
            self._done.discard(step.id)
            self._lost.add(step.id)
        first = min(lost, default=position)
        for step in self._steps[first:position]:
            if step.id not in self._done:
                self._results.pop(step.id, None)
        return first

    def _stands(self, step: Step) -> bool:
        """Whether what became of a step before a crash is so still."""
        if step.id in self._done:
            return self._journal.kept(step)
        return step.id in self._results

    # -- side by side

    def _window(self, position: int) -> Sequence[Step]:
        """The steps from here on that run side by side, with those between them; often none.

        They are of one stage, and either build or validate something, or are short and concern
        what is nobody's yet: none has to come before another, but for what it needs.
        """
        if len(self._executors) == 1 or position < self._alone_until:
            return ()
        stage, end = self._steps[position].stage, position
        while end < len(self._steps) and self._steps[end].stage is stage:
            step = self._steps[end]
            if not (self._is_beside(step) or self._is_private(step) or step.refusal):
                break
            end += 1
        found = self._steps[position:end]
        if sum(map(self._is_beside, found)) > 1:
            return found
        self._alone_until = end
        return ()

    def _is_beside(self, step: Step) -> bool:
        """Whether a step may run beside those of other tables: it builds or validates something."""
        lasting = any(s.scans or not s.transactional for s in step.statements)
        whole = any(s.fill or s.rewrites for s in step.statements)
        wanted = step.stage in self._options.stages and not (step.refusal or step.consent)
        quiet = step.home in (Stage.INDEXES, Stage.CONSTRAINTS)
        return wanted and quiet and lasting and not whole and bool(_locks(step))

    def _is_private(self, step: Step) -> bool:
        return not _locks(step) and self._shares(step)

    def _run_window(self, steps: Sequence[Step]) -> None:
        """Short steps first, as far as they need none of the others."""
        beside = [s for s in steps if not self._is_private(s)]
        after = {s.id for s in beside}
        first: list[Step] = []
        last: list[Step] = []
        for step in (s for s in steps if self._is_private(s)):
            if after.intersection(step.needs):
                after.add(step.id)
                last.append(step)
            else:
                first.append(step)
        self._run_all(first)
        if not self._target_restarted:
            self._run_beside(beside)
        self._run_all(last)

    def _go_on(self) -> None:
        if self._stop.is_set():
            raise KeyboardInterrupt

    def _run_all(self, steps: Sequence[Step]) -> None:
        position = 0
        while position < len(steps) and not self._target_restarted:
            self._go_on()
            position += self._run_next(steps, position)

    def _run_beside(self, steps: Sequence[Step]) -> None:
        """Run steps of different tables at a time, in their order as far as that goes."""
        waiting, crew = list(steps), Crew(self._reachable())
        try:
            while waiting or crew.steps:
                step = None if self._target_restarted else self._startable(waiting, crew)
                self._go_on()
                if step is not None:
                    waiting.remove(step)
                    self._start(step, crew)
                elif crew.steps:
                    self._end(crew.wait())
                else:
                    break
        except BaseException:
            crew.stop()
            raise

    def _reachable(self) -> Sequence[Executor]:
        """The executors whose connections can be opened; a server has only so many."""
        found = self._executors[:1]
        _ = self._executor.member.conn
        for executor in self._executors[1:]:
            try:
                _ = executor.member.conn
            except StagedError as error:
                text = f"applying on {len(found)} of {len(self._executors)} connections: {error}"
                self._listen(Event("phase", text))
                break
            found.append(executor)
        return found

    def _start(self, step: Step, crew: Crew) -> None:
        if step.id in self._done or self._hold(step):
            return
        self._listen(Event("step", step=step))
        crew.start(step, redone=step.id in self._lost)

    def _startable(self, waiting: Sequence[Step], crew: Crew) -> Step | None:
        """The first step that needs none of those before it and whose tables no other is at."""
        if not crew.free:
            return None
        open_ids = {s.id for s in (*waiting, *crew.steps)}
        taken = {table for step in crew.steps for table in self._tables(step)}
        for step in waiting:
            if open_ids.isdisjoint(step.needs) and taken.isdisjoint(self._tables(step)):
                return step
        return None

    def _tables(self, step: Step) -> set[tuple[str, str]]:
        """Schema and name of the tables in use that a step locks, partitions and heirs included."""
        own = {(table.schema, table.name) for table, _ in _locks(step)}
        return own | {heir for table in own for heir in self._executor.turn.kin.get(table, ())}

    @property
    def _target_restarted(self) -> bool:
        """Whether the server has crashed, so that what was done has to be looked at again."""
        return self._executor.target.restarted

    # -- one after the other

    def _run_next(self, steps: Sequence[Step], position: int) -> int:
        """Run the step at a position, and those behind it that share its transaction; how many."""
        together = self._together(steps, position)
        if len(together) > 1:
            self._run_together(together)
        else:
            self._run_one(steps[position])
        return max(1, len(together))

    def _run_one(self, step: Step) -> None:
        if step.id in self._done:
            return
        if self._hold(step):
            return
        self._listen(Event("step", step=step))
        self._end(self._executor.run(step, redone=step.id in self._lost))

    def _hold(self, step: Step) -> bool:
        """Record the result of a step that is not to run; whether it is one."""
        held = self._held(step)
        if held:
            self._journal.outcome(held)
            self._end(held)
        return held is not None

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

    def _together(self, steps: Sequence[Step], position: int) -> Sequence[Step]:
        """The steps from a position on that may share one transaction."""
        # One lock: what takes a weaker one first and the stronger later can deadlock.
        locks = _locks(steps[position])
        most = TOGETHER_IN_USE if locks else TOGETHER
        found: list[Step] = []
        joined: set[str] = set()
        for step in steps[position : position + most]:
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
            and not any(self._executor.turn.has_heirs(table) for table, _ in locks)
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
