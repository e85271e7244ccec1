"""What is noted on a table beside its columns: row security, replica identity, cluster mark."""

from __future__ import annotations

from weedgo.staged.kinds.base import (
    ACCESS_EXCLUSIVE,
    SHARE_UPDATE_EXCLUSIVE,
    Context,
    Kind,
    comma,
    ident,
    name,
    render,
    work,
)
from weedgo.staged.model import Object, Stage, Statement, Work


class RowSecurityKind(Kind):
    """Whether policies bind on a table, and whether they bind its owner."""

    name = "row_security"
    stage = Stage.ACCESS
    label = "row security"

    def create(self, obj: Object, ctx: Context) -> Work:
        words = [
            "ENABLE" if obj["enabled"] else "DISABLE",
            "FORCE" if obj["forced"] else "NO FORCE",
        ]
        return self._set(obj, ctx, words)

    def alter(self, before: Object, after: Object, ctx: Context) -> Work:
        return self.create(after, ctx)

    def drop(self, obj: Object, ctx: Context) -> Work:
        return self._set(obj, ctx, ["DISABLE", "NO FORCE"])

    def _set(self, obj: Object, ctx: Context, words: list[str]) -> Work:
        actions = comma([f"{w} ROW LEVEL SECURITY" for w in words])
        text = render("ALTER TABLE {} {}", name(obj.id), actions)
        return Work((Statement(text, ACCESS_EXCLUSIVE, ctx.shared(obj.id.of)),))


class ReplicaIdentityKind(Kind):
    """What logical replication sends of an old row."""

    name = "replica_identity"
    stage = Stage.ACCESS
    label = "replica identities"

    def create(self, obj: Object, ctx: Context) -> Work:
        modes = {"f": "FULL", "n": "NOTHING", "d": "DEFAULT"}
        mode = modes.get(obj["mode"]) or render("USING INDEX {}", ident(obj["index"]))
        text = render("ALTER TABLE {} REPLICA IDENTITY {}", name(obj.id), mode)
        return Work((Statement(text, ACCESS_EXCLUSIVE, ctx.shared(obj.id.of)),))

    def alter(self, before: Object, after: Object, ctx: Context) -> Work:
        return self.create(after, ctx)

    def drop(self, obj: Object, ctx: Context) -> Work:
        return work(render("ALTER TABLE {} REPLICA IDENTITY DEFAULT", name(obj.id)))


class ClusterKind(Kind):
    """Which index CLUSTER goes by."""

    name = "cluster"
    stage = Stage.ACCESS
    label = "cluster marks"

    def create(self, obj: Object, ctx: Context) -> Work:
        text = render("ALTER TABLE {} CLUSTER ON {}", name(obj.id), ident(obj["index"]))
        return Work((Statement(text, SHARE_UPDATE_EXCLUSIVE, ctx.shared(obj.id.of)),))

    def alter(self, before: Object, after: Object, ctx: Context) -> Work:
        return self.create(after, ctx)

    def drop(self, obj: Object, ctx: Context) -> Work:
        return work(render("ALTER TABLE {} SET WITHOUT CLUSTER", name(obj.id)))
