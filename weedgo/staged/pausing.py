"""Event triggers that change: disabled before all other steps, and what they are to be after them.

As they stand they could forbid what the run does, or what its rollback does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from weedgo.staged.kinds import KINDS
from weedgo.staged.kinds.base import Context
from weedgo.staged.layers import layered
from weedgo.staged.model import Action, Change, Object, ObjectId, Stage, Step

_KIND = "event_trigger"
_DISABLED = "D"


def paused(ctx: Context) -> tuple[Context, tuple[Step, ...]]:
    """The context in which event triggers that change are disabled, and the steps that do it.

    Args:
        ctx: of a run, with all its changes.
    """
    found = [c for c in ctx.changes.values() if _changes(c)]
    if not found or not any(_KIND not in (id.kind, id.target) for id in ctx.changes):
        return ctx, ()
    quiet = {c.id: _disabled(c) for c in found}
    standing = layered(ctx.before, ctx.before, quiet, frozenset(quiet))
    changes = {id: change for id, change in ctx.changes.items() if id not in quiet}
    changes |= {c.id: replace(c, before=quiet[c.id]) for c in found if _differs(c, quiet)}
    return replace(ctx, before=standing, changes=changes), tuple(
        _step(c, quiet, ctx) for c in found
    )


def _changes(change: Change) -> bool:
    """Whether an event trigger that may fire now is to be another."""
    before, after = change.before, change.after
    stays = change.id.kind == _KIND and before is not None and after is not None
    return bool(stays and before is not None and before["enabled"] != _DISABLED)


def _disabled(change: Change) -> Object:
    assert change.before is not None
    return replace(change.before, attrs={**change.before.attrs, "enabled": _DISABLED})


def _differs(change: Change, quiet: Mapping[ObjectId, Object]) -> bool:
    return change.after is not None and change.after.attrs != quiet[change.id].attrs


def _step(change: Change, quiet: Mapping[ObjectId, Object], ctx: Context) -> Step:
    before, after = change.before, quiet[change.id]
    assert before is not None
    kind, comes = KINDS[_KIND], _differs(change, quiet)
    hazard = f"{change.id} is disabled until all else is done: it does not fire on the run's steps"
    return Step(
        id=f"disable {change.id}",
        changes=(Change(change.id, Action.ALTER, before, after),),
        statements=kind.alter(before, after, ctx).statements,
        undo=kind.alter(after, before, ctx.inverse()).statements,
        home=Stage.PREREQUISITES,
        stage=Stage.PREREQUISITES,
        hazards=(hazard,) if comes else (),
        # What it is to be is counted with the step that makes it so.
        own=0 if comes else 1,
    )
