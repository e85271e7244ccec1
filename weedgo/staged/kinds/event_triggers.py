"""Event triggers: they would fire on the run's own statements, so they come last and go first."""

from __future__ import annotations

from weedgo.staged.kinds.base import Context, Kind, comma, literal, name, render, work
from weedgo.staged.model import Object, Stage, Work

_STATES = {"O": "ENABLE", "D": "DISABLE", "R": "ENABLE REPLICA", "A": "ENABLE ALWAYS"}


class EventTriggerKind(Kind):
    """``CREATE EVENT TRIGGER`` and its state."""

    name = "event_trigger"
    stage = Stage.ACCESS
    label = "event triggers"
    source = "event_trigger"
    classid = 3466
    rank = 2
    leaves = Stage.PREREQUISITES

    def create(self, obj: Object, ctx: Context) -> Work:
        tags = comma([literal(tag).as_string(None) for tag in obj["tags"]])
        when = f" WHEN TAG IN ({tags})" if tags else ""
        text = "CREATE EVENT TRIGGER {} ON {}{} EXECUTE FUNCTION {}()"
        done = work(render(text, name(obj.id), obj["event"], when, obj["function"]))
        return done if obj["enabled"] == "O" else done.then(self._state(obj))

    def _state(self, obj: Object) -> Work:
        return work(render("ALTER EVENT TRIGGER {} {}", name(obj.id), _STATES[obj["enabled"]]))

    def alter(self, before: Object, after: Object, ctx: Context) -> Work:
        if any(before[k] != after[k] for k in ("event", "tags", "function")):
            return Work(replace=True)
        return self._state(after)

    def drop(self, obj: Object, ctx: Context) -> Work:
        return work(render("DROP EVENT TRIGGER {}", name(obj.id)))
