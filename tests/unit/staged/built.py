"""Plans and reports built by hand, with one of everything that a report has to tell."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from weedgo.staged.model import (
    Action,
    Change,
    Difference,
    Guard,
    Object,
    ObjectId,
    Parity,
    Plan,
    Report,
    Result,
    Stage,
    Statement,
    Status,
    Step,
    Tally,
    Unmodelled,
)

ORDERS = ObjectId("table", "public", "orders")
SHARE_UPDATE = "SHARE UPDATE EXCLUSIVE"
EXCLUSIVE = "ACCESS EXCLUSIVE"


def create(kind: str, name: str, parent: str = "") -> Change:
    """A change that makes an object."""
    id = ObjectId(kind, "public", name, parent)
    return Change(id, Action.CREATE, None, Object(id, {"definition": f"of {name}"}))


def step(change: Change, stage: Stage, *statements: Statement, **more: Any) -> Step:
    """A step of one change."""
    return Step(str(change.id), (change,), statements, more.pop("undo", ()), stage, stage, **more)


SEQUENCE = step(
    create("sequence", "tickets_id_seq"),
    Stage.SEQUENCES,
    Statement("CREATE SEQUENCE public.tickets_id_seq"),
    undo=(Statement("DROP SEQUENCE public.tickets_id_seq"),),
)
COLUMN = step(
    create("column", "note", "orders"),
    Stage.COLUMNS,
    Statement("ALTER TABLE public.orders ADD COLUMN note text", EXCLUSIVE, ORDERS),
    undo=(Statement("ALTER TABLE public.orders DROP COLUMN note", EXCLUSIVE, ORDERS),),
)
_ROLE = ObjectId("column", "public", "role", "users")
ROLE = step(
    Change(
        _ROLE,
        Action.ALTER,
        Object(_ROLE, {"type": "character varying(20)", "not_null": False}),
        Object(_ROLE, {"type": "public.user_role", "not_null": False}),
    ),
    Stage.COLUMNS,
    Statement(
        "ALTER TABLE public.users ALTER role TYPE public.user_role USING role::public.user_role",
        EXCLUSIVE,
        ObjectId("table", "public", "users"),
        rewrites=True,
    ),
    guards=(
        Guard(
            "SELECT count(*) FROM public.users WHERE role = 'it''s'",
            "values of public.users.role that the enum has not",
            "UPDATE public.users SET role = 'user' WHERE role = 'it''s'",
        ),
    ),
    hazards=("rewrites the table under a lock",),
    no_undo="values of the enum would have to be text again",
)
VIEW = step(
    create("view", "recent_logins"),
    Stage.FUNCTIONS,
    Statement("CREATE VIEW public.recent_logins AS SELECT 1 AS one; -- the last"),
    because="waits for stage 5: needs function public.f()",
)
INDEX = step(
    create("index", "orders_note_idx"),
    Stage.INDEXES,
    Statement(
        "CREATE INDEX CONCURRENTLY orders_note_idx ON public.orders (note)",
        SHARE_UPDATE,
        ORDERS,
        scans=True,
        transactional=False,
    ),
    undo=(Statement("DROP INDEX CONCURRENTLY public.orders_note_idx", transactional=False),),
)
CHECK = step(
    create("constraint", "orders_total_check", "orders"),
    Stage.CONSTRAINTS,
    Statement(
        "ALTER TABLE public.orders ADD CONSTRAINT orders_total_check CHECK (total >= 0) NOT VALID",
        EXCLUSIVE,
        ORDERS,
    ),
    Statement("COMMENT ON CONSTRAINT orders_total_check ON public.orders IS 'no debts'"),
    Statement(
        "ALTER TABLE public.orders VALIDATE CONSTRAINT orders_total_check",
        SHARE_UPDATE,
        ORDERS,
        scans=True,
        phase=1,
    ),
)
FOREIGN = step(
    create("constraint", "lines_order_fk", "lines"),
    Stage.CONSTRAINTS,
    Statement(
        "ALTER TABLE public.lines ADD CONSTRAINT lines_order_fk FOREIGN KEY (o) REFERENCES x"
    ),
    needs=(CHECK.id,),
)
REFUSED = step(
    create("table", "modern"), Stage.TABLES, refusal="PostgreSQL 15 has no virtual columns"
)
STEPS = (SEQUENCE, REFUSED, COLUMN, ROLE, VIEW, INDEX, CHECK, FOREIGN)
KEPT = ObjectId("table", "public", "geo_zones")
PLAN = Plan("a" * 64, "b" * 64, STEPS, (KEPT,))

RESULTS = (
    Result(SEQUENCE, Status.DONE, 1, 0.01),
    Result(REFUSED, Status.REFUSED, 0, 0.0, "", REFUSED.refusal, "move to PostgreSQL 18"),
    Result(COLUMN, Status.DONE, 2, 0.5),
    Result(ROLE, Status.DONE, 1, 1.25),
    Result(VIEW, Status.DONE, 1, 0.01),
    Result(INDEX, Status.DONE, 1, 3.0),
    Result(
        CHECK,
        Status.FAILED,
        1,
        0.2,
        "23514",
        'check constraint "orders_total_check" of relation "orders" is violated by some row',
        "mend the rows that SELECT * FROM public.orders WHERE NOT (total >= 0) finds",
    ),
    Result(FOREIGN, Status.WAITING, message=f"needs {CHECK.id}, which failed"),
)
DIFFERENCE = Difference(
    changes=tuple(change for s in STEPS for change in s.changes),
    equal=990,
    kept=(Object(KEPT, {}),),
    unmodelled=(Unmodelled("operator_class", "public.by_phase_of_moon"),),
    unverified=(ObjectId("view", "public", "old_view"),),
)
SOURCE = "postgresql://legacy:s3cret@old:5432/shop"
TARGET = "postgresql://owner:hunter2@new/shop?password=hunter2"
INCOMPLETE = Report(
    run="20260102T030405",
    status="incomplete",
    source=SOURCE,
    target=TARGET,
    counts={"sequences": Tally(1, 1), "columns": Tally(2, 2), "constraints": Tally(2, 0, 1, 1)},
    results=RESULTS,
    parity=Parity(995, (*CHECK.changes, *FOREIGN.changes), DIFFERENCE.unmodelled),
    seconds=12.34,
    plan=PLAN,
    facts={
        "storage_of_new_tables": 2_500_000,
        "storage_of_new_indexes": 512,
        "sizes": {"public.orders": 123_456_789},
        "source_version": "16.10",
    },
)
PLANNED = replace(INCOMPLETE, status="planned", results=(), parity=None)
EQUAL = replace(
    INCOMPLETE,
    status="equal",
    results=RESULTS[:1],
    parity=Parity(1000),
    plan=Plan("a", "b", STEPS[:1]),
)
EMPTY = replace(EQUAL, results=(), plan=Plan("a", "a", ()))
FAILURE = replace(
    EMPTY, status="error", message=f"cannot connect to {SOURCE}", parity=None, plan=None
)
