"""What hangs on an index or a key and is lost when another takes its place."""

from __future__ import annotations

from weedgo.staged.kinds.base import Context
from weedgo.staged.kinds.comments import CommentKind
from weedgo.staged.kinds.marks import ClusterKind, ReplicaIdentityKind
from weedgo.staged.model import ObjectId

_KINDS = {k.name: k for k in (CommentKind(), ClusterKind(), ReplicaIdentityKind())}


def restorable(id: ObjectId, ctx: Context) -> bool:
    """Whether nothing hangs on an object but what is easily noted on another."""
    return all(d.kind in _KINDS for d in ctx.dependents(id))


def restored(id: ObjectId, ctx: Context) -> list[str]:
    """Statements that put comment and marks back, as they are to be."""
    found = []
    for dependent in sorted(ctx.dependents(id)):
        wanted = ctx.after.get(dependent)
        if wanted is not None and dependent.kind in _KINDS:
            work = _KINDS[dependent.kind].create(wanted, ctx)
            found += [s.sql for s in work.statements]
    return found
