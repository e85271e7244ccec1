"""Grants on objects."""

from __future__ import annotations

from weedgo.staged.kinds.base import Context, Kind
from weedgo.staged.model import Object, Stage, Work


class PrivilegesKind(Kind):
    """``GRANT`` and ``REVOKE``, from one access list to the other."""

    name = "privileges"
    stage = Stage.ACCESS
    label = "grants"

    def create(self, obj: Object, ctx: Context) -> Work:
        return Work(refusal="grants are not modelled yet")

    def drop(self, obj: Object, ctx: Context) -> Work:
        return Work()
