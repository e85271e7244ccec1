"""Schemas."""

from __future__ import annotations

from weedgo.staged.kinds.base import Context, Kind, name, render, work
from weedgo.staged.model import Object, Stage, Work


class SchemaKind(Kind):
    """``CREATE SCHEMA``; what it holds are objects of their own."""

    name = "schema"
    stage = Stage.PREREQUISITES
    label = "schemas"
    source = "schema"
    classid = 2615

    def create(self, obj: Object, ctx: Context) -> Work:
        return work(render("CREATE SCHEMA {}", name(obj.id)))

    def drop(self, obj: Object, ctx: Context) -> Work:
        return work(render("DROP SCHEMA {}", name(obj.id)))
