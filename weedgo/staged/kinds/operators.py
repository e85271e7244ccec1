"""Casts, operators, operator families and classes."""

from __future__ import annotations

from collections.abc import Iterator

from weedgo.staged.kinds.base import Address, Context, Kind, Row, comma, ident, raw, render, work
from weedgo.staged.model import Object, ObjectId, Stage, Work


class _Named(Kind):
    """A kind whose objects PostgreSQL names by more than a schema and a name."""

    stage = Stage.PREREQUISITES
    word = ""

    def drop(self, obj: Object, ctx: Context) -> Work:
        return work(f"DROP {self.word} {obj.get('named')}")


class CastKind(_Named):
    """``CREATE CAST``."""

    name = "cast"
    label = "casts"
    source = "cast"
    classid = 2605
    word = "CAST"

    def create(self, obj: Object, ctx: Context) -> Work:
        context = "" if obj["context"] == "EXPLICIT" else f" AS {obj['context']}"
        return work(f"CREATE CAST {obj.get('named')} {obj['method']}{context}")


class OperatorKind(_Named):
    """``CREATE OPERATOR``."""

    name = "operator"
    label = "operators"
    source = "operator"
    classid = 2617
    word = "OPERATOR"

    def read(self, row: Row) -> Iterator[tuple[Object, Address | None]]:
        namers = tuple(ObjectId(self.name, *pair) for pair in row["_namers"])
        for obj, address in super().read(row):
            if obj.id.kind == self.name and namers:
                # Made before them, it would name them as well.
                yield Object(obj.id, obj.attrs, {**obj.info, "needs": namers}), address
            else:
                yield obj, address

    def hanging(self, id: ObjectId, ctx: Context) -> frozenset[ObjectId]:
        """Also those that name it: without it they would not any more."""
        obj = ctx.before.get(id)
        namers = frozenset(obj.info.get("needs", ())) if obj else frozenset()
        return super().hanging(id, ctx) | {n for n in namers if n in ctx.before}

    def create(self, obj: Object, ctx: Context) -> Work:
        words = ("function", "left", "right", "commutator", "negator", "restrict", "join")
        spelled = {"left": "LEFTARG", "right": "RIGHTARG"}
        parts = [f"{spelled.get(w, w.upper())} = {obj[w]}" for w in words if obj[w]]
        parts += [w.upper() for w in ("hashes", "merges") if obj[w]]
        return work(f"CREATE OPERATOR {obj.get('operator')} ({comma(parts)})")

    def alter(self, before: Object, after: Object, ctx: Context) -> Work:
        free = ("restrict", "join")
        if any(before[k] != after[k] for k in before.attrs if k not in free):
            return Work(replace=True)
        parts = [f"{k.upper()} = {after[k] or 'NONE'}" for k in free if before[k] != after[k]]
        return work(f"ALTER OPERATOR {after.get('named')} SET ({comma(parts)})")


class OperatorFamilyKind(_Named):
    """``CREATE OPERATOR FAMILY``, with the members that no class owns."""

    name = "operator_family"
    label = "operators"
    source = "operator_family"
    classid = 2753
    word = "OPERATOR FAMILY"

    def create(self, obj: Object, ctx: Context) -> Work:
        done = work(f"CREATE OPERATOR FAMILY {obj.get('named')}")
        return done.then(self._members(obj, [], obj["members"]))

    def alter(self, before: Object, after: Object, ctx: Context) -> Work:
        return self._members(after, before["members"], after["members"])

    def _members(self, obj: Object, old: list[list[str]], new: list[list[str]]) -> Work:
        gone = [key for entry, key in old if [entry, key] not in new]
        come = [entry for entry, key in new if [entry, key] not in old]
        return work(
            *(
                f"ALTER OPERATOR FAMILY {obj.get('named')} {verb} {comma(listed)}"
                for verb, listed in (("DROP", gone), ("ADD", come))
                if listed
            )
        )


class OperatorClassKind(_Named):
    """``CREATE OPERATOR CLASS``."""

    name = "operator_class"
    label = "operators"
    source = "operator_class"
    classid = 2616
    word = "OPERATOR CLASS"

    def create(self, obj: Object, ctx: Context) -> Work:
        members = list(obj["members"])
        if obj["storage"] or not members:
            members.append(f"STORAGE {obj['storage'] or obj['type']}")
        text = render(
            "CREATE OPERATOR CLASS {}{} FOR TYPE {} USING {} FAMILY {} AS {}",
            raw(obj.get("class")),
            " DEFAULT" if obj["default"] else "",
            obj["type"],
            ident(obj.get("method")),
            obj["family"],
            raw(comma(members)),
        )
        return work(text)
