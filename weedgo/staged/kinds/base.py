"""What every object kind shares: rows to objects, SQL text from parts, the context of a change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, lru_cache
from typing import Any, ClassVar

from psycopg import sql

from weedgo.staged.kinds import acl, moves, twins
from weedgo.staged.model import Catalog, Change, Object, ObjectId, Options, Stage, Statement, Work

Row = Mapping[str, Any]
Part = str | sql.Composable
Address = tuple[int, int, int]

ACCESS_EXCLUSIVE = "ACCESS EXCLUSIVE"
SHARE_ROW_EXCLUSIVE = "SHARE ROW EXCLUSIVE"
SHARE_UPDATE_EXCLUSIVE = "SHARE UPDATE EXCLUSIVE"

# Columns of a catalog query that are not attributes of the object.
IDENTITY = frozenset({"schema", "name", "parent", "target", "oid", "subid", "owner", "acl"})


def name(id: ObjectId) -> sql.Identifier:
    """The quoted, schema-qualified name of an object that stands on its own."""
    return sql.Identifier(id.schema, id.name) if id.schema else sql.Identifier(id.name)


def relation(id: ObjectId) -> sql.Identifier:
    """The quoted, schema-qualified name of the relation that owns an object."""
    return sql.Identifier(id.schema, id.parent)


def ident(*parts: str) -> sql.Identifier:
    """A quoted identifier."""
    return sql.Identifier(*parts)


def raw(text: str) -> sql.SQL:
    """Text that PostgreSQL itself printed (a definition, a type, an expression)."""
    return sql.SQL(text)


def literal(value: str | float | None) -> sql.Literal:
    """A quoted literal."""
    return sql.Literal(value)


def attachment(table: ObjectId) -> ObjectId:
    """The fact that a table is a partition of another."""
    return ObjectId("partition", table.schema, table.name, "", "table")


def render(template: str, *parts: Part, **named: Part) -> str:
    """SQL text from a template; plain strings among the parts are text of PostgreSQL's own.

    Args:
        template: with ``{}`` or ``{name}`` where the parts go.
    """
    composed = sql.SQL(template).format(
        *(raw(p) if isinstance(p, str) else p for p in parts),
        **{k: raw(p) if isinstance(p, str) else p for k, p in named.items()},
    )
    return composed.as_string(None)


def comma(parts: list[str]) -> str:
    """Parts of SQL text, joined by commas."""
    return ", ".join(parts)


@dataclass(frozen=True)
class Context:
    """The two states that a change leads between, and what else changes with it.

    ``before`` is what stands, ``after`` is what is wanted. For an undo the two are exchanged, so
    that a kind never has to know which way it goes.
    """

    before: Catalog
    after: Catalog
    changes: Mapping[ObjectId, Change] = field(default_factory=dict)
    options: Options = field(default_factory=Options)
    together: bool = False
    """Whether the statements must share one transaction with those of other objects."""
    taken: frozenset[ObjectId] = frozenset()
    """What that transaction takes away and makes again."""
    beside: frozenset[ObjectId] = frozenset()
    """What changes in that transaction."""
    backward: bool = False
    """Whether this is the way back: the target is what comes after."""
    retired: Mapping[ObjectId, tuple[tuple[ObjectId, str], ...]] = field(default_factory=dict)
    """What is retired, with its new name and those of its parts."""
    whole: Mapping[ObjectId, Change] = field(default_factory=dict)
    """All changes of the run this way, where those of one step are looked at by themselves."""
    sizes: Mapping[str, int] = field(default_factory=dict)
    """Bytes of the target's tables, by path."""
    anew: frozenset[ObjectId] = frozenset()
    """Tables that are made anew, with their rows, though PostgreSQL could alter what they are."""
    origin: Catalog | None = None
    """On the way back from a step: what was wanted."""

    @property
    def target(self) -> Catalog:
        """The target as it stood before the run."""
        return self.after if self.backward else self.before

    def private(self, relation_id: ObjectId) -> bool:
        """Whether the relation is new (or going), so that nobody else can be using it."""
        retired = self.whole.get(relation_id)
        if retired is not None and retired.aside:
            return True  # It comes back in the same step.
        return not any(
            id in self.before and id in self.after
            for id in (
                ObjectId(kind, relation_id.schema, relation_id.name)
                for kind in ("table", "materialized_view", "view", "foreign_table")
            )
        )

    def shared(self, relation_id: ObjectId) -> ObjectId | None:
        """The relation as a statement's ``table``: None where nobody else can be using it."""
        if self.private(relation_id):
            return None
        foreign = relation_id._replace(kind="foreign_table")
        return foreign if foreign in self.before else relation_id

    def size(self, relation_id: ObjectId) -> int:
        """Bytes of a table with its partitions and those that inherit it."""
        family = [relation_id, *self.heirs(relation_id, before=True)]
        own = self.sizes.get(relation_id.path, 0)
        return own + sum(self.size(heir) for heir in family[1:])

    def large(self, relation_id: ObjectId) -> bool:
        """Whether a table is too large to be rewritten under a lock."""
        return self.size(relation_id) > self.options.rewrite_limit

    def concurrently(self, relation_id: ObjectId) -> bool:
        """Whether indexes of the relation are built and dropped beside its traffic."""
        return not self.together and not self.private(relation_id)

    def inverse(self) -> Context:
        """The context of the way back."""
        return self._inverse

    @cached_property
    def _inverse(self) -> Context:
        back = {id: change.inverse() for id, change in self.changes.items()}
        return Context(
            self.after, self.before, back, self.options, self.together,
            backward=not self.backward, retired=self.retired, anew=self.anew,
        )  # fmt: skip

    def grouped(self, taken: Iterable[ObjectId] = (), beside: Iterable[ObjectId] = ()) -> Context:
        """The same, for objects that change in one transaction."""
        same = replace(self, together=True, taken=frozenset(taken), beside=frozenset(beside))
        # Worked out once: it is the same for all of them.
        vars(same).update(moves=self.moves, twins=self.twins)
        return same

    def leaving(self, standing: Catalog, changes: Mapping[ObjectId, Change]) -> Context:
        """The context in which the changes of one step are taken back.

        Args:
            standing: the state that the step leaves.
            changes: the way back.
        """
        back = Context(
            standing, self.before, changes, self.options, backward=True,
            whole=self.inverse().changes, sizes=self.sizes, anew=self.anew, retired=self.retired,
            origin=self.after,
        )  # fmt: skip
        vars(back).update(twins=self.twins)  # They are each other's, either way.
        return back

    @cached_property
    def surviving(self) -> Catalog:
        """What the state before has, with what it needs in the state after unless it changes.

        A foreign key that stays the same may go by another key of its table afterwards.
        """
        wanted, standing = self.after, self.before

        def relate() -> Mapping[ObjectId, frozenset[ObjectId]]:
            return {
                id: (wanted if id in wanted and id not in self.changes else standing).needed(id)
                for id in standing.objects
            }

        return replace(standing, relate=relate)

    def rejoining(self, table: ObjectId) -> Change | None:
        """On the way back: by what a table that left its whole is back, but by a later undo."""
        link = attachment(table)
        change = self.whole.get(link) if self.backward and link not in self.changes else None
        apart = table in self.before and link not in self.before
        return change if change is not None and change.before is None and apart else None

    def of(self, kind: str, relation_id: ObjectId, *, before: bool = False) -> list[Object]:
        """Objects of a kind that belong to a relation, in the state after (or before)."""
        members = (self.before if before else self.after).members
        return members.get((kind, relation_id.schema, relation_id.name), [])

    def staying(self, kind: str, relation_id: ObjectId) -> list[Object]:
        """The same with what only the target has of the kind, and keeps."""
        members = self.before.members.get((kind, relation_id.schema, relation_id.name), [])
        changes = self.whole or self.changes
        kept = (o for o in members if o.id not in self.after and o.id not in changes)
        return [*self.of(kind, relation_id), *(() if self.backward else kept)]

    def heirs(self, relation_id: ObjectId, *, before: bool = False) -> list[ObjectId]:
        """The partitions and inheriting tables of a table, in the state after (or before)."""
        return (self.before if before else self.after).families.get(relation_id, [])

    @cached_property
    def moves(self) -> Mapping[ObjectId, ObjectId]:
        """Tables that move to another schema: their old ids by their new ones."""
        return moves.found(self.changes, self.before, self.after)

    @cached_property
    def twins(self) -> Mapping[ObjectId, ObjectId]:
        """Parts of indexes and keys that are renamed: the one by the other, either way."""
        return twins.found(self.whole or self.changes)

    def foreign_keys(self, schema: str, table: str) -> list[Object]:
        """The foreign keys of a table or to it in either state, as they stand where they stand."""
        states = self.before, self.after
        ids = {i for state in states for i in state.references.get((schema, table), ())}
        found = (self.before.get(id) or self.after.get(id) for id in sorted(ids))
        return [obj for obj in found if obj is not None]

    def dependents(self, id: ObjectId) -> frozenset[ObjectId]:
        """Objects of the state before that need the given one directly."""
        return self.before.dependents.get(id, frozenset())


@cache
def _columns(names: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """Of a query's columns those that are attributes, and those that are only noted, renamed."""
    compared = tuple(n for n in names if n not in IDENTITY and n[0] != "_")
    return compared, tuple((n, n[1:]) for n in names if n[0] == "_")


def compared(names: tuple[str, ...]) -> tuple[str, ...]:
    """Of a query's columns those that are attributes of the object."""
    return _columns(names)[0]


class Kind:
    """One kind of object: its stage, its query, and how it is created, altered and dropped.

    A subclass names itself and answers ``create``, ``alter`` and ``drop`` with ``Work``; the
    planner does the rest (order, groups, undo, stages).
    """

    name: ClassVar[str]
    stage: ClassVar[Stage]
    label: ClassVar[str]
    """What reports count it as."""
    source: ClassVar[str] = ""
    """Name of the query in ``sql/`` that reads it; several kinds may share one."""
    classid: ClassVar[int] = 0
    """Oid of the system catalog that holds it, for addresses in pg_depend."""
    rank: ClassVar[int] = 0
    """Above zero for what would act on other changes: made after all of a lower rank."""
    leaves: ClassVar[Stage] = Stage.RETIRE
    """The stage in which it is dropped."""

    def read(self, row: Row) -> Iterator[tuple[Object, Address | None]]:
        """Objects of one row of the query, each with its address in the catalog.

        Columns named ``schema``, ``name``, ``parent``, ``oid``, ``subid``, ``owner`` and ``acl``
        are known; those with a leading underscore are noted beside the object; all others are
        attributes and compared.
        """
        id = self.identify(row)
        compared, noted = _columns(tuple(row))
        attrs = {name: row[name] for name in compared}
        info = {name: row[column] for column, name in noted}
        yield Object(id, attrs, info), (self.classid, row["oid"], row.get("subid", 0))
        yield from _access(id, row)

    def identify(self, row: Row) -> ObjectId:
        """The id of a row's object."""
        return ObjectId(self.name, row["schema"], row["name"], row.get("parent", ""))

    def create(self, obj: Object, ctx: Context) -> Work:
        """Statements that make the object."""
        raise NotImplementedError

    def alter(self, before: Object, after: Object, ctx: Context) -> Work:
        """Statements that make the one the other; by default it is replaced."""
        return Work(replace=True)

    def drop(self, obj: Object, ctx: Context) -> Work:
        """Statements that remove the object."""
        raise NotImplementedError

    def hanging(self, id: ObjectId, ctx: Context) -> frozenset[ObjectId]:
        """What has to be taken away before the object is, and put back after."""
        return ctx.dependents(id)

    def keeps(self, obj: Object, ctx: Context) -> bool:
        """Whether what the object holds survives that it is taken away and put back."""
        return False

    def inline(self, id: ObjectId, ctx: Context) -> frozenset[ObjectId]:
        """What an object that is made anew brings with it in its own statement."""
        return frozenset()

    def successors(self, obj: Object, ctx: Context) -> frozenset[ObjectId]:
        """What comes in the place of an object that goes, though under another id."""
        return frozenset()

    def absorbed(self, change: Change, ctx: Context) -> ObjectId | None:
        """The object whose own creation or removal brings this change about, if there is one."""
        return None


def _access(id: ObjectId, row: Row) -> Iterator[tuple[Object, Address | None]]:
    """Who owns an object, and who may do what with it."""
    owner = row.get("owner")
    if owner is not None:
        fact = ObjectId("owner", id.schema, id.name, id.parent, id.kind)
        # A role that is to own something in a schema needs the right to create there, and a
        # sequence belongs to whom its table belongs to.
        needs = [ObjectId("privileges", "", id.schema, "", "schema")]
        if table := row.get("_owner_table"):
            needs.append(ObjectId("owner", row["_owner_schema"], table, "", "table"))
        yield Object(fact, {"role": owner}, {"needs": tuple(needs)}), None
    if "acl" in row:
        yield privileges(ObjectId("privileges", id.schema, id.name, id.parent, id.kind), row), None


def privileges(fact: ObjectId, row: Row, *needs: ObjectId) -> Object:
    """The fact of who may do what, from the columns ``acl`` and ``owner`` of a row."""
    items = row["acl"]
    attrs, noted = _listed(fact.target, None if items is None else tuple(items), row.get("owner"))
    owned = ObjectId("owner", fact.schema, fact.name, fact.parent, fact.target)
    owners = (owned, *(n for n in needs if n.kind == "owner"))
    others = tuple(n for n in needs if n.kind != "owner")
    return Object(fact, attrs, {"needs": others, "owners": owners, **noted})


@lru_cache(maxsize=4096)
def _listed(
    target: str, items: tuple[str, ...] | None, owner: str | None
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Attributes of an access list, and what is noted beside; many objects share theirs."""
    access = acl.builtin(target) if items is None else acl.parse(items, owner)
    attrs = access.attrs
    group = acl.class_of(target)
    if group != "table":
        del attrs["maintain"]
    return attrs, {"order": access.order, "class": group}


def work(*statements: str, **more: Any) -> Work:
    """Work of plain statements that lock no existing table."""
    return Work(tuple(Statement(s) for s in statements), **more)
