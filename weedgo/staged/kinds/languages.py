"""Procedural languages, and the transforms of types to their values."""

from __future__ import annotations

from weedgo.staged.kinds.base import Context, Kind, comma, name, raw, render, work
from weedgo.staged.model import Object, Stage, Work


class LanguageKind(Kind):
    """``CREATE LANGUAGE``."""

    name = "language"
    stage = Stage.PREREQUISITES
    label = "languages"
    source = "language"
    classid = 2612

    def create(self, obj: Object, ctx: Context) -> Work:
        return self._create(obj, "CREATE")

    def _create(self, obj: Object, verb: str) -> Work:
        parts = [f" {w.upper()} {obj[w]}" for w in ("handler", "inline", "validator") if obj[w]]
        trusted = "TRUSTED " if obj["trusted"] else ""
        return work(render("{} {}LANGUAGE {}{}", verb, trusted, name(obj.id), raw("".join(parts))))

    def alter(self, before: Object, after: Object, ctx: Context) -> Work:
        if before["trusted"] != after["trusted"]:
            return Work(replace=True)  # nothing can be granted on an untrusted one, nor revoked
        return self._create(after, "CREATE OR REPLACE")

    def drop(self, obj: Object, ctx: Context) -> Work:
        return work(render("DROP LANGUAGE {}", name(obj.id)))


class TransformKind(Kind):
    """``CREATE TRANSFORM``."""

    name = "transform"
    stage = Stage.PREREQUISITES
    label = "transforms"
    source = "transform"
    classid = 3576

    def create(self, obj: Object, ctx: Context) -> Work:
        return self._create(obj, "CREATE")

    def _create(self, obj: Object, verb: str) -> Work:
        directions = (("FROM SQL", obj["from_sql"]), ("TO SQL", obj["to_sql"]))
        parts = comma([f"{words} WITH FUNCTION {f}" for words, f in directions if f])
        return work(f"{verb} TRANSFORM {obj.get('named')} ({parts})")

    def alter(self, before: Object, after: Object, ctx: Context) -> Work:
        return self._create(after, "CREATE OR REPLACE")

    def drop(self, obj: Object, ctx: Context) -> Work:
        return work(f"DROP TRANSFORM {obj.get('named')}")
