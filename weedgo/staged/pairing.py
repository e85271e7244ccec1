"""What renames are about: found in both catalogs, what is done already left out, the rest in order.

Renames that hand a name on (a to b, b to c; a to b, b to a) are one unit: they are done together.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from weedgo.staged import renames as files
from weedgo.staged.model import Catalog, ObjectId, Rename, StagedError

KINDS_OF: Mapping[str, tuple[str, ...]] = {
    "schemas": ("schema",),
    "types": ("enum", "domain", "composite_type", "range_type"),
    "tables": ("table", "foreign_table"),
    "views": ("view", "materialized_view"),
    "sequences": ("sequence",),
    "functions": ("function", "aggregate"),
    "indexes": ("index",),
    "columns": ("column",),
    "constraints": ("constraint", "domain_constraint"),
    "triggers": ("trigger",),
    "policies": ("policy",),
    "enum_values": ("enum",),
}
_PARENTS = ("table", "foreign_table", "view", "materialized_view", "domain", "enum")
_LEVELS: tuple[tuple[str, ...], ...] = (
    ("schemas",),
    ("types", "tables", "views", "sequences", "functions", "indexes"),
    ("columns", "constraints", "triggers", "policies", "enum_values"),
)
_ONE_NAMESPACE = frozenset({"types", "tables", "views", "sequences", "indexes"})

Path = tuple[str, ...]


@dataclass
class Pending:
    """A rename that is to be done.

    Args:
        rename: as the file has it.
        id: the object as the target has it; of an enum's value the enum.
        parent: the relation or type that it is in, if it is in one.
        now: path in the target.
        then: path in the target once all is renamed.
        called: its name of the moment.
    """

    rename: Rename
    id: ObjectId
    parent: ObjectId | None
    now: Path
    then: Path
    called: str


@dataclass
class Unit:
    """Renames that are done together, in this order; in a cycle the first begins and ends it."""

    step: str
    entries: list[Pending]
    cycle: bool = False
    schemas: list[str] = field(default_factory=list)


def units(
    renames: Sequence[Rename],
    standing: Catalog,
    wanted: Catalog,
    done_before: Callable[[str], bool],
) -> list[Unit]:
    """What is still to be renamed, outermost first.

    Args:
        renames: of the file.
        standing, wanted: the catalogs of target and source.
        done_before: whether a step of that name is done by the journal; it decides where both
            names are there.

    Raises:
        StagedError: a rename matches nothing, or its new name is taken or not the source's.
    """
    return _Pairing(standing, wanted, done_before).of(renames)


class _Pairing:
    def __init__(
        self, standing: Catalog, wanted: Catalog, done_before: Callable[[str], bool]
    ) -> None:
        self.standing = standing
        self.wanted = wanted
        self.done_before = done_before
        # By the paths of the file: where it is in the target now, and where it will be.
        self._now: dict[Path, Path] = {}
        self._then: dict[Path, Path] = {}
        self._found: list[Unit] = []
        self._made: set[str] = set()

    def of(self, renames: Sequence[Rename]) -> list[Unit]:
        """All units; see `units`."""
        for level in _LEVELS:
            entries = [self._placed(r) for r in renames if r.section in level]
            for chain, cycle in _chains(entries):
                self._settle(chain, cycle=cycle)
        return self._found

    def _placed(self, rename: Rename) -> Pending:
        """Where the object is looked for, by what the levels above have become."""
        above = rename.old[:-1]
        now, then = self._place(above, self._now), self._place(above, self._then)
        target = rename.new if len(rename.new) == len(rename.old) else (*then, rename.new[-1])
        if len(target) == 3 and target[:-1] != then:
            raise StagedError(
                f"{rename}: it stays in {'.'.join(then)}; only what is no part of a table or type "
                "can go to another place"
            )
        name = rename.old[-1]
        called = name.partition("(")[0] if rename.section == "functions" else name
        nothing = ObjectId("", "", "")
        return Pending(rename, nothing, None, (*now, name), target, called)

    def _place(self, path: Path, known: Mapping[Path, Path]) -> Path:
        if path in known:
            return known[path]
        return (*self._place(path[:-1], known), path[-1]) if path else ()

    def _settle(self, chain: list[Pending], *, cycle: bool) -> None:
        """Done already, or to be done, or an error."""
        step = _step(chain)
        head, tail = chain[0], chain[-1]
        old = self._find(head, head.now)
        new = cycle or self._taken(tail, exactly=old is not None)
        if not old and not new:
            raise self._unmatched(head)
        done = (not old and new) or (old and new and self.done_before(step))
        if old and new and not done and not cycle:
            raise StagedError(
                f"{tail.rename}: the target has {'.'.join(tail.then)} already; rename or drop it "
                "first"
            )
        for entry in chain:
            self._now[entry.rename.old] = self._back(entry.then) if done else entry.now
            self._then[entry.rename.old] = entry.then
        if not done:
            self._found.append(self._unit(step, chain, cycle=cycle))

    def _unit(self, step: str, chain: list[Pending], *, cycle: bool) -> Unit:
        unit = Unit(step, [chain[0], *chain[:0:-1]] if cycle else chain[::-1], cycle)
        for entry in chain:
            found = self._find(entry, entry.now)
            if found is None:
                raise self._unmatched(entry)
            entry.id, entry.parent = found
            if not _has(self.wanted, entry.rename.section, entry.then):
                raise StagedError(
                    f"{entry.rename}: the source has no {_word(entry)} {'.'.join(entry.then)}"
                )
            schema = entry.then[0]
            made = schema in self._made or ObjectId("schema", "", schema) in self.standing
            if len(entry.then) == 2 and not made and (schema,) not in self._then.values():
                self._made.add(schema)
                unit.schemas.append(schema)
        return unit

    def _back(self, then: Path) -> Path:
        """A path of the end by the schema's name of now."""
        schemas = {t[0]: n[0] for o, t in self._then.items() if len(o) == 1 for n in [self._now[o]]}
        return (schemas.get(then[0], then[0]), *then[1:]) if len(then) > 1 else then

    def _find(self, entry: Pending, path: Path) -> tuple[ObjectId, ObjectId | None] | None:
        found = _found(self.standing, entry.rename.section, path)
        if found is None and entry.rename.section == "functions":
            # Its arguments may be of types that are renamed already.
            same = _functions(self.standing, path[0], entry.called, entry.rename.old[-1])
            return (same[0], None) if len(same) == 1 else None
        return found

    def _taken(self, entry: Pending, *, exactly: bool) -> bool:
        path = self._back(entry.then)
        if len(path) == 3:
            path = (*entry.now[:-1], path[-1])
        section = entry.rename.section
        if section == "functions":
            name, called = entry.rename.old[-1], path[1]
            if not exactly:
                return bool(_functions(self.standing, path[0], called, name))
            path = (path[0], f"{called}({name.partition('(')[2]}")
        sections = _ONE_NAMESPACE if section in _ONE_NAMESPACE else (section,)
        return any(_found(self.standing, s, path) for s in sections)

    def _unmatched(self, entry: Pending) -> StagedError:
        kinds = KINDS_OF[entry.rename.section]
        there = [i.path for i in self.standing.objects if i.kind in kinds]
        near = difflib.get_close_matches(".".join(entry.now), there, 1)
        hint = f"; did you mean {near[0]}?" if near else ""
        return StagedError(
            f"{entry.rename}: the target has no {_word(entry)} {'.'.join(entry.now)}{hint}"
        )


def _word(entry: Pending) -> str:
    words = {"policies": "policy", "indexes": "index", "enum_values": "value"}
    section = entry.rename.section
    return words.get(section, section.removesuffix("s"))


def _step(chain: Iterable[Pending]) -> str:
    """What the step is called: by the file's words, the same in each run."""
    return "rename " + " and ".join(
        f"{_word(e)} {files.dotted(e.rename.old)} to {files.dotted(e.rename.new)}" for e in chain
    )


def _found(catalog: Catalog, section: str, path: Path) -> tuple[ObjectId, ObjectId | None] | None:
    """The object of a path, and what it is in."""
    if len(path) == 3:
        schema, holder, name = path
        parents = (ObjectId(kind, schema, holder) for kind in _PARENTS)
        parent = next((p for p in parents if p in catalog), None)
        if section == "enum_values":
            enum = catalog.get(ObjectId("enum", schema, holder))
            return (enum.id, enum.id) if enum and name in enum["values"] else None
        ids = (ObjectId(kind, schema, name, holder) for kind in KINDS_OF[section])
        return next(((i, parent) for i in ids if i in catalog), None)
    schema = path[0] if len(path) == 2 else ""
    ids = (ObjectId(kind, schema, path[-1]) for kind in KINDS_OF[section])
    found = next((i for i in ids if i in catalog), None)
    if found is None and section == "sequences" and _behind_identity(catalog, path):
        found = ObjectId("sequence", *path)
    return (found, None) if found else None


def _functions(catalog: Catalog, schema: str, called: str, like: str) -> list[ObjectId]:
    """Functions of a name with as many arguments as another has."""
    return sorted(
        i
        for i in catalog.objects
        if i.kind in KINDS_OF["functions"]
        and (i.schema, i.name.partition("(")[0]) == (schema, called)
        and (i.name.count(","), i.name.endswith("()")) == (like.count(","), like.endswith("()"))
    )


def _behind_identity(catalog: Catalog, path: Path) -> bool:
    columns = (o for o in catalog if o.id.kind == "column" and o["identity"])
    return any(tuple(c["identity_sequence"][:2]) == path for c in columns)


def _has(catalog: Catalog, section: str, path: Path) -> bool:
    """Whether the source has what a rename leads to; of functions any of that name."""
    if section != "functions":
        return _found(catalog, section, path) is not None
    return any(
        i.kind in KINDS_OF[section] and i.schema == path[0] and i.name.partition("(")[0] == path[1]
        for i in catalog.objects
    )


def _chains(entries: Sequence[Pending]) -> list[tuple[list[Pending], bool]]:
    """Entries that hand names on to one another, from who gives up a name nobody takes."""

    def key(entry: Pending, path: Path) -> tuple[str, Path]:
        section = entry.rename.section
        space = "relations" if section in _ONE_NAMESPACE else section
        return space, (*entry.now[:2], path[-1]) if len(path) == 3 else path

    by_old = {key(e, e.now): e for e in entries}
    follows = {id(e): by_old.get(key(e, e.then)) for e in entries}
    taken = {id(n) for n in follows.values() if n is not None}
    found: list[tuple[list[Pending], bool]] = []
    seen: set[int] = set()
    for head in [e for e in entries if id(e) not in taken] + list(entries):
        chain: list[Pending] = []
        entry: Pending | None = head
        while entry is not None and id(entry) not in seen:
            seen.add(id(entry))
            chain.append(entry)
            entry = follows[id(entry)]
        if chain:
            found.append((chain, id(head) in taken))
    return found
