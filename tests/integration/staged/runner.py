"""A run in a process of its own, to be killed or interrupted: `python -m ... URL [CALL]`.

It brings a database from two tables to what `MIXED` lists, says on standard output what happens,
and kills itself at its CALL-th statement if that is given. As the real pipeline does, it plans
from the catalog what is left.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

import psycopg

from tests.integration.staged.made import (
    PATIENT,
    ask,
    new_column,
    new_index,
    new_table,
    on,
    step,
)
from weedgo.staged.apply import apply
from weedgo.staged.journal import Journal, new_run_id
from weedgo.staged.lease import hold
from weedgo.staged.model import Event, ObjectId, Plan, Stage, Step
from weedgo.staged.records import StepRecord

_KEY = ObjectId("constraint", "public", "orders_status_key", "orders")
_FOREIGN = ObjectId("constraint", "public", "orders_store_fkey", "orders")

MIXED: tuple[Step, ...] = (
    new_table("first"),
    new_table("second"),
    new_column("orders", "note"),
    new_index("orders", "store"),
    step(
        _KEY,
        on(
            "orders",
            "CREATE UNIQUE INDEX CONCURRENTLY orders_status_key ON public.orders (id, status)",
            "SHARE UPDATE EXCLUSIVE",
            transactional=False,
        ),
        on(
            "orders",
            "ALTER TABLE public.orders ADD CONSTRAINT orders_status_key"
            " UNIQUE USING INDEX orders_status_key",
            phase=1,
        ),
        undo=(on("orders", "ALTER TABLE public.orders DROP CONSTRAINT orders_status_key"),),
        stage=Stage.CONSTRAINTS,
    ),
    step(
        _FOREIGN,
        on(
            "orders",
            "ALTER TABLE public.orders ADD CONSTRAINT orders_store_fkey"
            " FOREIGN KEY (store) REFERENCES public.stores(id) NOT VALID",
            "SHARE ROW EXCLUSIVE",
        ),
        on(
            "orders",
            "ALTER TABLE public.orders VALIDATE CONSTRAINT orders_store_fkey",
            "SHARE UPDATE EXCLUSIVE",
            phase=1,
        ),
        undo=(on("orders", "ALTER TABLE public.orders DROP CONSTRAINT orders_store_fkey"),),
        stage=Stage.CONSTRAINTS,
    ),
    new_table("last"),
)

_STANDS = {
    "table": "SELECT to_regclass(format('public.%%I', %s::text)) IS NOT NULL AND %s::text = ''",
    "column": "SELECT count(*) > 0 FROM pg_attribute WHERE attname = %s"
    " AND attrelid = format('public.%%I', %s::text)::regclass",
    "index": "SELECT coalesce(bool_and(indisvalid), false) FROM pg_index WHERE indexrelid"
    " = to_regclass(format('public.%%I', %s::text)) AND %s::text <> ''",
    "constraint": "SELECT coalesce(bool_and(convalidated), false) AND count(*) > 0"
    " FROM pg_constraint WHERE conname = %s AND %s::text <> ''",
}


def stands(url: str, id: ObjectId) -> bool:
    """Whether an object of the plan is there, whole."""
    return bool(ask(url, _STANDS[id.kind], id.name, id.parent))


def left(url: str) -> tuple[Step, ...]:
    """What is still to be done, planned from the catalog."""
    steps = []
    for planned in MIXED:
        if stands(url, planned.main.id):
            continue
        begun = planned.main.id.kind == "constraint" and ask(
            url,
            "SELECT EXISTS (SELECT FROM pg_constraint WHERE conname = %s) OR EXISTS"
            " (SELECT FROM pg_index WHERE indisvalid"
            "  AND indexrelid = to_regclass(format('public.%%I', %s::text)))",
            planned.main.id.name,
            planned.main.id.name,
        )
        statements = planned.statements[1:] if begun else planned.statements
        steps.append(step(planned.main.id, *statements, undo=planned.undo, stage=planned.stage))
    return tuple(steps)


def kill_at(call: int) -> None:
    """Kill this process, as nothing else does, when it is about to send its call-th statement."""
    send = psycopg.Connection.execute
    calls = 0

    def counted(self: Any, *args: Any, **more: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == call:
            os.kill(os.getpid(), signal.SIGKILL)
        return send(self, *args, **more)

    psycopg.Connection.execute = counted  # type: ignore[method-assign]


def say(event: Event) -> None:
    """Tell the test what happens."""
    name = event.step.main.id.name if event.step else ""
    sys.stdout.write(f"{event.what} {name}\n")
    sys.stdout.flush()


def main(url: str) -> int:
    """Run, and return the exit status."""
    # A shell's background job, as tests may be, is born deaf to Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    run = new_run_id()
    with hold(url, run) as target:
        journal = Journal(target.control)
        journal.ensure()

        def is_there(record: StepRecord) -> bool:
            return stands(url, record.object)

        journal.reconcile(is_there)
        plan = Plan("", "", left(url))
        journal.start(
            run, source=url, target=url, plan=plan, options=PATIENT,
            continues=journal.continued(),
        )  # fmt: skip
        try:
            results = apply(plan, target, journal, PATIENT, say)
        except KeyboardInterrupt:
            journal.conn = target.control
            journal.finish("interrupted")
            return 130
        good = all(r.status.value == "done" for r in results)
        journal.finish("equal" if good else "incomplete")
        return 0 if good else 1


if __name__ == "__main__":
    if len(sys.argv) > 2:
        kill_at(int(sys.argv[2]))
    sys.exit(main(sys.argv[1]))
