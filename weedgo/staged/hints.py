"""What looks like a rename: something goes, and its like comes under another name."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping

from weedgo.staged.model import Action, Catalog, Difference, Object, ObjectId
from weedgo.staged.pairing import KINDS_OF
from weedgo.staged.renames import line

_SECTION = {kind: section for section, kinds in KINDS_OF.items() for kind in kinds}
_MOST = 20

Shape = tuple[str, str, str, str]


def renames(difference: Difference, source: Catalog, target: Catalog) -> tuple[str, ...]:
    """Lines for a file of renames, for pairs of which each is the only one like the other.

    Args:
        difference: what was found between both.
        source, target: the catalogs that were compared.
    """
    changes = difference.changes
    come = [c.after for c in changes if c.action is Action.CREATE and c.after]
    gone = [c.before for c in changes if c.action is Action.DROP and c.before]
    new = _shaped((o for o in come if _alone(o, target)), source)
    old = _shaped((o for o in (*gone, *difference.kept) if _alone(o, source)), target)
    found = [
        line(_SECTION[ids[0].kind], _path(ids[0]), _path(new[shape][0]))
        for shape, ids in sorted(old.items())
        if len(ids) == 1 and len(new.get(shape, ())) == 1
    ]
    return tuple(found[:_MOST])


def _alone(obj: Object, other: Catalog) -> bool:
    """Whether it comes or goes by itself, not with the relation that it is in."""
    id = obj.id
    if id.target or id.kind not in _SECTION or id.kind == "enum_values":
        return False
    if obj.get("owner_table"):
        return False
    holder = id.parent or obj.attrs.get("table")
    kinds = ("table", "view", "materialized_view", "foreign_table", "domain")
    return not holder or any(ObjectId(kind, id.schema, holder) in other for kind in kinds)


def _shaped(objects: Iterable[Object], catalog: Catalog) -> Mapping[Shape, list[ObjectId]]:
    found: dict[Shape, list[ObjectId]] = {}
    for obj in objects:
        id = obj.id
        if body := _body(obj, catalog):
            found.setdefault((id.kind, id.schema, id.parent, body), []).append(id)
    return found


def _body(obj: Object, catalog: Catalog) -> str:
    """All that it is but its name; empty where too little is known to tell it from others."""
    id = obj.id
    if id.kind == "table":
        columns = catalog.members.get(("column", id.schema, id.name), [])
        return json.dumps([(c.id.name, c["type"], c["not_null"]) for c in columns]) * bool(columns)
    if id.kind in ("schema", "sequence"):
        return ""
    text = json.dumps(obj.attrs, sort_keys=True, default=str)
    name = id.name.partition("(")[0]
    return re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "§", text)


def _path(id: ObjectId) -> tuple[str, ...]:
    return tuple(part for part in (id.schema, id.parent, id.name) if part)
