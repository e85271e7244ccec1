"""Core types of the staged migration engine: plain data, no I/O.

Two catalogs are read, compared into changes, planned into steps, applied into results. Every
type here is a value: frozen, comparable, printable, and free of any connection.
"""

from __future__ import annotations

from weedgo.staged.model.asked import TIMEOUTS, DropMode, Options, Rename
from weedgo.staged.model.objects import (
    Action,
    Catalog,
    Change,
    Object,
    ObjectId,
    Stage,
    StagedError,
    Unmodelled,
)
from weedgo.staged.model.outcomes import (
    Difference,
    Event,
    Finding,
    Parity,
    Report,
    Result,
    Status,
    Tally,
)
from weedgo.staged.model.steps import Fill, Guard, Plan, Statement, Step, Work

__all__ = [
    "TIMEOUTS",
    "Action",
    "Catalog",
    "Change",
    "Difference",
    "DropMode",
    "Event",
    "Fill",
    "Finding",
    "Guard",
    "Object",
    "ObjectId",
    "Options",
    "Parity",
    "Plan",
    "Rename",
    "Report",
    "Result",
    "Stage",
    "StagedError",
    "Statement",
    "Status",
    "Step",
    "Tally",
    "Unmodelled",
    "Work",
]
