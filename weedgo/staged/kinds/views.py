"""Views."""

from __future__ import annotations

from weedgo.staged.kinds import view_rows
from weedgo.staged.kinds.base import ACCESS_EXCLUSIVE, Context, Kind, name, raw, render
from weedgo.staged.kinds.options import reset, settings
from weedgo.staged.kinds.unnamed import unnamed
from weedgo.staged.model import Catalog, Object, ObjectId, Stage, Statement, Work


class ViewKind(Kind):
    """``CREATE VIEW``; replaced in place where its columns only grow at the end."""

    name = "view"
    stage = Stage.VIEWS
    label = "views"
    source = "view"
    classid = 1259

    def create(self, obj: Object, ctx: Context) -> Work:
        ring = _ring(obj, ctx.after)
        if not ring:
            done = Work((Statement(self._text(obj, "CREATE VIEW")),))
            return done.then(view_rows.rejoined(obj.id, ctx))
        empty = [_empty(view) for view in ring]
        whole = [self._text(view, "CREATE OR REPLACE VIEW") for view in ring]
        done = Work(tuple(map(Statement, (*empty, *whole))))
        return done.then(view_rows.rejoined(obj.id, ctx))

    def _text(self, obj: Object, verb: str) -> str:
        options = f" WITH ({settings(obj['options'])})" if obj["options"] else ""
        query = raw(unnamed(obj["definition"]))
        return render("{} {}{} AS\n{}", verb, name(obj.id), options, query)

    def alter(self, before: Object, after: Object, ctx: Context) -> Work:
        table = ctx.shared(after.id)
        if before["definition"] == after["definition"]:
            statements = []
            if gone := reset(before["options"], after["options"]):
                statements.append(render("ALTER VIEW {} RESET ({})", name(after.id), gone))
            if after["options"]:
                statements.append(
                    render("ALTER VIEW {} SET ({})", name(after.id), settings(after["options"]))
                )
            return Work(tuple(Statement(s, ACCESS_EXCLUSIVE, table) for s in statements))
        old, new = before.get("columns"), after.get("columns")
        if new[: len(old)] != old:
            return Work(replace=True)
        return Work(
            (Statement(self._text(after, "CREATE OR REPLACE VIEW"), ACCESS_EXCLUSIVE, table),)
        )

    def drop(self, obj: Object, ctx: Context) -> Work:
        # None of a ring can go while another selects from it.
        ring = [view for view in _ring(obj, ctx.before) if not _leaves(view, ctx)] or [obj]
        empty = map(_empty, ring) if len(ring) > 1 else ()
        gone = render("DROP VIEW {}", name(ring[0].id)) + "".join(
            render(", {}", name(view.id)) for view in ring[1:]
        )
        table = ctx.shared(obj.id)
        texts = (Statement(text, ACCESS_EXCLUSIVE, table) for text in (*empty, gone))
        return view_rows.parted(obj.id, ctx).then(Work(tuple(texts)))

    def hanging(self, id: ObjectId, ctx: Context) -> frozenset[ObjectId]:
        return view_rows.hanging(id, ctx)


def _leaves(view: Object, ctx: Context) -> bool:
    """Whether a view stays, but selects from others then."""
    after = ctx.after.get(view.id)
    return after is not None and after["definition"] != view["definition"]


def _ring(view: Object, state: Catalog) -> list[Object]:
    """A view, and others, if it selects from itself, through others or not; else nothing."""
    if not any(n.kind == "view" for n in state.needed(view.id)):
        return [view] if view.get("of_itself") else []
    reached = _reached(view.id, state)
    ring = {id for id in reached if view.id in _reached(id, state)}
    if view.get("of_itself"):
        ring.add(view.id)
    return [state.objects[id] for id in sorted(ring)]


def _reached(view: ObjectId, state: Catalog) -> set[ObjectId]:
    """The views that a view selects from, through others or not."""
    found: set[ObjectId] = set()
    todo = [view]
    while todo:
        new = {n for n in state.needed(todo.pop()) if n.kind == "view"} - found
        found |= new
        todo += new
    return found


def _empty(view: Object) -> str:
    """Makes or leaves a view with the same columns that selects from nothing."""
    columns = raw(", ".join(view.get("columns")))
    return render("CREATE OR REPLACE VIEW {} AS SELECT {}", name(view.id), columns)
