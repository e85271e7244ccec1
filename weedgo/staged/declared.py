"""A schema that was worked out beforehand, and how it is held against one that stands.

A database or a file of SQL says all of a schema. What models say is less: nothing of owners, of
what roles may do, or of the partitions that time brings; and beside their tables others may stand
in the same schema, which are none of their business.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from weedgo.staged.db import quoted
from weedgo.staged.kinds import acl
from weedgo.staged.model import Action, Catalog, Difference, Object, ObjectId


@dataclass(frozen=True)
class Declared:
    """A wanted schema, as the target's own version of PostgreSQL prints it.

    Args:
        name: what reports call it, such as ``models``.
        catalog: what is wanted.
        whole: schemas in which nothing else has a place. In all others only what belongs to a
            relation of the catalog may be dropped.
        roles: those of whose rights it says all; other roles' stay as they are.
    """

    name: str
    catalog: Catalog
    whole: frozenset[str] = field(default_factory=frozenset)
    roles: frozenset[str] = field(default_factory=frozenset)

    def __str__(self) -> str:
        return self.name

    @property
    def schemas(self) -> frozenset[str]:
        """The schemas that it says anything of; no other needs to be read."""
        named = (o.id.schema or o.id.name for o in self.catalog if _in_schema(o.id))
        return frozenset(named) | self.whole


# Of these a declared schema says nothing.
_UNSAID = ("owner", "member_privileges", "default_privileges")


def _in_schema(id: ObjectId) -> bool:
    return bool(id.schema) or "schema" in (id.kind, id.target)


def settled(declared: Declared, standing: Catalog) -> Catalog:
    """The wanted catalog, with what it says nothing of as it stands.

    Owners and what roles may do stay as they are; what everybody may do is as wanted where a
    migration has said so. Of a partitioned table that stands already, the partitions stay.
    """
    wanted = declared.catalog
    away = _partitions_of_others(wanted, standing)
    objects = dict(_said(declared, standing, away))
    new = _partitions_that_came(wanted, standing)
    came = {obj.id: obj for obj in standing if _belongs(obj, frozenset(new))} if new else {}
    came |= {o.id: o for part in new for o in _indexes_of(part, new[part], wanted, standing)}
    objects |= came
    for fact in standing:
        own = fact.id.kind == "owner" and fact.id.of in objects
        if own or fact.id.kind == "member_privileges":
            objects[fact.id] = fact

    def related() -> Mapping[ObjectId, frozenset[ObjectId]]:
        found = {id: needs for id, needs in wanted.needs.items() if id in objects}
        for id, obj in came.items():
            found[id] = standing.needs.get(id) or frozenset(_holders(obj))
        return found

    return replace(
        wanted, objects=objects, relate=related, user=standing.user, roles=standing.roles
    )


def _holders(index: Object) -> Iterator[ObjectId]:
    """What an index of a partition needs: its table, and the index that it is a part of."""
    yield ObjectId("table", index.id.schema, index["table"])
    if index.get("above"):
        yield ObjectId(*index.get("above"))


def _said(
    declared: Declared, standing: Catalog, away: frozenset[ObjectId]
) -> Iterator[tuple[ObjectId, Object]]:
    roles = declared.roles & standing.roles
    for obj in declared.catalog:
        id = obj.id
        if id.kind in _UNSAID or _belongs(obj, away):
            continue
        if id.kind != "privileges":
            yield id, obj
            continue
        said = acl.access_of(obj).attrs["public"] != acl.builtin(id.target).attrs["public"]
        before = standing.get(id)
        if before is not None:
            yield id, _granted(_opened(before, obj) if said else before, obj, roles)
        elif said or roles & obj["roles"].keys():
            yield id, _granted(replace(obj, attrs={**obj.attrs, "roles": {}}), obj, roles)


def _opened(before: Object, after: Object) -> Object:
    """What roles may do as it stands, what everybody may do as it is wanted."""
    return replace(before, attrs={**before.attrs, "public": after.attrs["public"]})


def _granted(before: Object, after: Object, roles: frozenset[str]) -> Object:
    """What some roles may do as it is wanted, the others as it stands."""
    others = {name: held for name, held in before["roles"].items() if name not in roles}
    wanted = {name: held for name, held in after["roles"].items() if name in roles}
    if others | wanted == before["roles"]:
        return before
    return replace(before, attrs={**before.attrs, "roles": others | wanted})


def _partitions_of_others(wanted: Catalog, standing: Catalog) -> frozenset[ObjectId]:
    """Wanted partitions that a standing partitioned table has not: they have had their day."""
    return frozenset(
        obj.id.of
        for obj in wanted
        if obj.id.kind == "partition"
        and obj.id.of not in standing
        and _partitioned(standing.get(ObjectId("table", *obj["of"])))
    )


def _partitions_that_came(wanted: Catalog, standing: Catalog) -> Mapping[ObjectId, ObjectId]:
    """Standing partitions that are not wanted by name, of tables that are; by their table."""
    return {
        fact.id.of: ObjectId("table", *fact["of"])
        for fact in standing
        if fact.id.kind == "partition"
        and fact.id.of not in wanted
        and _partitioned(wanted.get(ObjectId("table", *fact["of"])))
    }


def _indexes_of(
    partition: ObjectId, whole: ObjectId, wanted: Catalog, standing: Catalog
) -> Iterator[Object]:
    """Indexes that a standing partition lacks, as the wanted partitions of its table have them."""
    siblings = [o for o in wanted if o.id.kind == "partition" and o["of"] == _pair(whole)]
    if not siblings:
        return
    name = siblings[0].id.name
    has = {o.get("parent_index") for o in standing if o.attrs.get("table") == partition.name}
    for index in wanted:
        if index.id.kind != "index" or index.id.schema != partition.schema:
            continue
        above = index.get("parent_index")
        if index["table"] != name or above is None or above in has:
            continue
        own = ObjectId("index", partition.schema, _renamed(index.id.name, name, partition.name))
        definition = f"{quoted(partition.schema, partition.name)} {_method(index['definition'])}"
        yield Object(
            own, {**index.attrs, "table": partition.name, "definition": definition}, index.info
        )


def _pair(table: ObjectId) -> list[str]:
    return [table.schema, table.name]


def _renamed(index: str, table: str, other: str) -> str:
    """An index's name with another table's in place of its own."""
    return index.replace(table, other, 1)[:63] if table in index else f"{other}_{index}"[:63]


def _method(definition: str) -> str:
    """What follows the table in an index's definition."""
    return definition[definition.index(" USING ") + 1 :]


def _partitioned(table: Object | None) -> bool:
    return table is not None and bool(table["partition_key"])


def _belongs(obj: Object, tables: frozenset[ObjectId]) -> bool:
    """Whether an object is one of the tables, or part of one."""
    return bool(tables) and any(table in tables for table in _relations(obj))


def _relations(obj: Object) -> Iterator[ObjectId]:
    id = obj.id
    for name in (id.name, id.parent, obj.attrs.get("table")):
        if name:
            yield ObjectId("table", id.schema, name)


def governed(difference: Difference, declared: Declared, needed: frozenset[ObjectId]) -> Difference:
    """The difference without removals of what is none of the wanted schema's business.

    Args:
        difference: with all that only the target has as removals.
        declared: the wanted schema.
        needed: what has to change though nothing may be dropped that needs not.
    """
    partitions = frozenset(c.id.of for c in difference.changes if c.id.kind == "partition")
    changes, kept = [], list(difference.kept)
    for change in difference.changes:
        before = change.before
        dropped = change.action is Action.DROP and change.id not in needed
        if dropped and before and not _governs(before, declared, partitions):
            kept.append(before)
        else:
            changes.append(change)
    return replace(difference, changes=tuple(changes), kept=tuple(kept))


def minding(difference: Difference, declared: Declared) -> Difference:
    """The difference without what only the target has and is none of the wanted schema's business.

    Args:
        difference: with what only the target has as kept.
        declared: the wanted schema.
    """
    partitions = frozenset(o.id.of for o in difference.kept if o.id.kind == "partition")
    kept = tuple(o for o in difference.kept if _governs(o, declared, partitions))
    return replace(difference, kept=kept)


_RELATIONS = ("table", "view", "materialized_view")


def _governs(obj: Object, declared: Declared, partitions: frozenset[ObjectId]) -> bool:
    """Whether an object that only the target has may be dropped for the wanted schema's sake."""
    id = obj.id
    if id.kind in _UNSAID:
        return False
    if id.target and id.of in declared.catalog:
        return True
    if _belongs(obj, partitions):
        return False
    owners = (ObjectId(kind, t.schema, t.name) for t in _relations(obj) for kind in _RELATIONS)
    return id.schema in declared.whole or any(owner in declared.catalog for owner in owners)
