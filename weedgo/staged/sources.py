"""Where schemas are read from: a database, an SQL file, or worked out before; both sides alike."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from weedgo.staged import catalog as catalogs
from weedgo.staged import db, diff, planning, relocating, retiring, scratch, sharding, sqlfile
from weedgo.staged.db import Connection
from weedgo.staged.declared import Declared, governed, minding, settled
from weedgo.staged.kinds.acl import ROLE_FACTS
from weedgo.staged.materialize import materialize
from weedgo.staged.model import (
    Action,
    Catalog,
    Difference,
    DropMode,
    Object,
    ObjectId,
    Options,
    Plan,
    StagedError,
    Step,
)
from weedgo.staged.uncollected import uncollected
from weedgo.staged.wanted import adapted, check, everything

Source = str | Declared
"""URL of a database, path of an SQL file, or a schema that was worked out beforehand."""
NAMED = 18
"""The major version since which NOT NULL is a constraint with a name."""


@dataclass(frozen=True)
class Sides:
    """Both catalogs, ready to be compared.

    ``target`` is the target once it is renamed, ``standing`` the target as it is where the two
    differ, and ``renames`` leads from the one to the other. ``unverified`` are the source's objects
    whose definitions another server version printed and that could not be read back on the
    target's; ``declared`` is the source that was worked out beforehand, if it was.
    """

    source: Catalog
    target: Catalog
    unverified: tuple[ObjectId, ...] = ()
    declared: Declared | None = None
    standing: Catalog | None = None
    renames: tuple[Step, ...] = ()


def is_file(source: str) -> bool:
    """Whether a source names an SQL file rather than a database."""
    return "://" not in source and "=" not in source


def both(source: Source, target: str, conn: Connection, options: Options, run: str) -> Sides:
    """Read source and target, side by side.

    Args:
        source: URL, path of an SQL file, or a schema that was worked out.
        target: URL of the target.
        conn: a connection to the target.
        options: names the scratch server.
        run: names scratch databases.

    Raises:
        StagedError: a side cannot be read, or both are one database.
    """
    with uncollected():
        return _both(source, target, conn, options, run)


def unlike(source: Source, target: str, conn: Connection, options: Options, run: str) -> Difference:
    """The difference between source and target; of what is alike no more is read than that it is.

    Args:
        source, target, conn, options, run: as for `both`.

    Raises:
        StagedError: as `both`.
    """
    with uncollected():
        if isinstance(source, Declared):
            return minding(compared(_both(source, target, conn, options, run), options), source)
        if _selective(options):
            return compared(_both(source, target, conn, options, run), options)
        with _opened(source, target, conn, options, run) as origin:
            if origin.info.server_version // 10000 != conn.info.server_version // 10000:
                return compared(_pair(source, origin, target, conn, options, run), options)
            _apart(source, origin, target, conn)
            wanted, standing, equal = catalogs.read_unlike(origin, conn)
            if _perhaps_moved(wanted, standing):
                return compared(_pair(source, origin, target, conn, options, run), options)
        found = diff.compare(adapted(wanted, standing, options), standing, options)
        return replace(found, equal=found.equal + equal)


def _perhaps_moved(wanted: Catalog, standing: Catalog) -> bool:
    """Whether a table that only the source has may be one of the target's, in another schema."""
    new = {o.id.name for o in wanted if o.id.kind == "table" and o.id not in standing}
    gone = (o.id for o in standing if o.id.kind == "table" and o.id not in wanted)
    return any(id.name in new for id in gone)


def _selective(options: Options) -> bool:
    """Whether the options compare anything but all of it by its own names."""
    return bool(options.role_map or options.renames) or not everything(options)


def _both(source: Source, target: str, conn: Connection, options: Options, run: str) -> Sides:
    if isinstance(source, Declared):
        # What is shared is read too: others' tables need it, and a proof on a clone all the more.
        read = _standing(conn, options, source.schemas | {"public"})
        found = relocating.carried_out(read, source.catalog, target, conn, options, run)
        standing = found.catalog or read
        wanted = adapted(settled(source, standing), standing, options)
        sides = aligned(wanted, standing, target, conn, options, run)
        return replace(sides, declared=source, standing=read, renames=found.steps)
    with _opened(source, target, conn, options, run) as origin:
        return _pair(source, origin, target, conn, options, run)


def _pair(
    source: str, origin: Connection, target: str, conn: Connection, options: Options, run: str
) -> Sides:
    _apart(source, origin, target, conn)
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(catalogs.read, origin)
        read = _standing(conn, options)
        wanted = reading.result()
    check(options, wanted, read)
    found = relocating.carried_out(read, wanted, target, conn, options, run)
    standing = found.catalog or read
    sides = aligned(adapted(wanted, standing, options), standing, target, conn, options, run)
    return replace(sides, standing=read, renames=found.steps)


def _apart(source: str, origin: Connection, target: str, conn: Connection) -> None:
    if not is_file(source) and db.same_database(origin, conn):
        raise StagedError(f"source and target are the same database: {db.redact(target)}")


def _standing(
    conn: Connection, options: Options, schemas: Collection[str] | None = None
) -> Catalog:
    """The target's catalog, with the names that are taken where something is to be retired."""
    standing = catalogs.read(conn, schemas)
    return retiring.known(conn, standing) if options.drop is DropMode.RETIRE else standing


@contextmanager
def _opened(
    source: str, target: str, conn: Connection, options: Options, run: str
) -> Iterator[Connection]:
    if not is_file(source):
        origin = db.connect(source, application=f"weedgo {run} source", read_only=True)
        try:
            yield origin
        finally:
            origin.close()
        return
    path = Path(source)
    if not path.is_file():
        raise StagedError(
            f"there is no source {source!r}: give a PostgreSQL URL or the path of an SQL file"
        )
    sqlfile.check(path)
    with scratch.scratch_database(options.scratch_url or target, like=conn, run=run) as url:
        psql = scratch.find_tool("psql", db.OLDEST, folders=options.tool_folders)
        scratch.load_sql(url, path, psql=psql)
        origin = db.connect(url, application=f"weedgo {run} source", read_only=True)
        try:
            yield origin
        finally:
            origin.close()


def aligned(
    source: Catalog, target: Catalog, url: str, conn: Connection, options: Options, run: str
) -> Sides:
    """The source as the target's own server prints it, where the versions differ and texts do.

    The source's schema is made in a scratch database of the target's server and read from there:
    the target's own parser decides what is the same.
    """
    if source.major == target.major:
        return Sides(source, target)
    doubtful = [
        c for c in diff.compare(source, target, options).changes if c.action is Action.ALTER
    ]
    if not doubtful:
        return Sides(source, target)
    if not options.scratch_url and not scratch.possible(conn):
        return Sides(_completed(source, source, target), target, tuple(c.id for c in doubtful))
    with scratch.scratch_database(options.scratch_url or url, like=conn, run=run) as address:
        made = db.connect(address, application=f"weedgo {run} scratch")
        try:
            materialize(source, made)
            printed = catalogs.read(made)
        finally:
            made.close()
    # Only the doubtful: PostgreSQL does not print all that it reads back as it printed it first.
    settled = {c.id for c in doubtful if c.id.kind not in ROLE_FACTS}
    objects = {
        id: printed.objects.get(id, obj) if id in settled else obj
        for id, obj in source.objects.items()
    }
    objects |= {id: obj for id, obj in source.objects.items() if id.target == "sequence"}
    missing = tuple(c.id for c in doubtful if c.id.kind not in ROLE_FACTS and c.id not in printed)
    told = _completed(replace(source, objects=objects), source, target)
    return Sides(told, target, missing)


def _completed(found: Catalog, source: Catalog, target: Catalog) -> Catalog:
    """A catalog whose columns are mandatory by the target's constraints, of which it says nothing.

    Args:
        found: the source's, as the target's server prints it.
        source: as its own server does, which may know no NOT NULL constraints (before 18).
        target: the catalog that stands.
    """
    if source.major >= NAMED or target.major < NAMED:
        return found
    keyed = _newly_keyed(found, target)
    bound = (o for o in found if o.id.kind == "column" and o["not_null"])
    known = {o.id: _bound(o, found, target, own=o.id in keyed) for o in bound}
    return replace(found, objects={**found.objects, **known})


def _bound(column: Object, found: Catalog, target: Catalog, *, own: bool) -> Object:
    """A mandatory column with the constraint that it has, or gets from its table's parent."""
    standing, name = target.get(column.id), _inherited(column.id, found)
    attrs, info = dict(column.attrs), dict(column.info)
    if standing is not None and standing["not_null"] and _alike(column.id, found, target):
        attrs |= {k: v for k, v in standing.attrs.items() if k.startswith("not_null_")}
        info |= {k: v for k, v in standing.info.items() if k.startswith("not_null_")}
    elif name and "not_null_name" in attrs:
        # One that a key makes the table's own would outlast it under the parent's name.
        mine = f"{column.id.parent}_{column.id.name}_not_null"
        apart = own and standing is not None
        attrs["not_null_name"] = None if apart else name
        info["not_null_constraint"] = mine if apart else name
    else:
        return column
    if own:
        attrs["not_null_local"], info["not_null_own"] = True, True
    return replace(column, attrs=attrs, info=info)


def _alike(column: ObjectId, found: Catalog, target: Catalog) -> bool:
    """Whether a column's table inherits the same on both sides, or is a partition there."""
    table = ObjectId("table", column.schema, column.parent)
    sides = [state.get(table) for state in (found, target)]
    one, other = ([side["parents"], bool(side.get("bound"))] if side else [] for side in sides)
    return one == other


def _inherited(id: ObjectId, found: Catalog) -> str:
    """The name of the constraint by which a column is mandatory in a parent; empty for none."""
    table = found.get(ObjectId("table", id.schema, id.parent))
    for schema, parent in (table.get("ancestors") or ()) if table is not None else ():
        above = found.get(id._replace(schema=schema, parent=parent))
        if above is not None and above["not_null"]:
            own = above.get("not_null_constraint") or f"{parent}_{id.name}_not_null"
            return _inherited(above.id, found) or str(own)
    return ""


def _newly_keyed(found: Catalog, target: Catalog) -> set[ObjectId]:
    """The columns of new primary keys, which make an inherited NOT NULL the table's own."""
    keys = (o for o in found if o.id.kind == "constraint" and o["type"] == "p")
    return {
        ObjectId("column", key.id.schema, column, key.id.parent)
        for key in keys
        if key.id not in target
        for column in key.get("columns")
    }


def again(sides: Sides, standing: Catalog, options: Options) -> Sides:
    """The sides with the target as it stands by now; what a declared source leaves open with it.

    Args:
        sides: as they were.
        standing: the target's catalog after something was done.
        options: those that the sides were read with.
    """
    sides = replace(sides, standing=standing, renames=())
    if sides.declared is None:
        return replace(sides, target=standing)
    wanted = adapted(settled(sides.declared, standing), standing, options)
    return replace(sides, source=wanted, target=standing)


def compared(sides: Sides, options: Options) -> Difference:
    """The difference between both sides, with what could not be verified named."""
    found = replace(diff.compare(sides.source, sides.target, options), unverified=sides.unverified)
    renames = tuple(change for step in sides.renames for change in step.changes)
    found = replace(found, changes=(*renames, *found.changes))
    if sides.declared is None or options.drop is DropMode.KEEP:
        return found
    kept = diff.compare(sides.source, sides.target, replace(options, drop=DropMode.KEEP))
    return governed(found, sides.declared, frozenset(c.id for c in kept.changes))


def planned(
    sides: Sides, difference: Difference, options: Options, sizes: Mapping[str, int] | None = None
) -> Plan:
    """The plan that leads from the target to the source: renames first, by new names the rest.

    Args:
        sizes: bytes of the target's tables, by path.
    """
    done = {id(change) for step in sides.renames for change in step.changes}
    changes = tuple(c for c in difference.changes if id(c) not in done)
    found = replace(difference, changes=changes)
    known = _by_new_names(sizes or {}, sides.renames)
    rest = planning.make(sides.source, sides.target, found, options, known)
    if not sides.renames:
        return rest
    catalogs_ = (sides.source, sides.target)
    steps = tuple(_after_renames(step, sides.renames, catalogs_) for step in rest.steps)
    renames = sharding.known(sides.renames, sides.source, sides.target)
    return replace(rest, steps=(*renames, *steps))


def _by_new_names(sizes: Mapping[str, int], renames: Sequence[Step]) -> dict[str, int]:
    """The sizes of tables by the paths that they have after renames."""
    known = dict(sizes)
    for step in renames:
        pairs = [(c.before.id, c.after.id) for c in step.changes if c.before and c.after]
        came: dict[str, int] = {}
        for old, new in pairs:
            start = f"{old.name}." if old.kind == "schema" else ""
            for path in [p for p in known if p == old.path or (start and p.startswith(start))]:
                came[new.path + path[len(old.path) :]] = known[path]
        gone = {old.path for old, _ in pairs}
        schemas = {f"{old.name}." for old, _ in pairs if old.kind == "schema"}
        known = {
            path: size
            for path, size in known.items()
            if path not in gone and not path.startswith(tuple(schemas))
        }
        known |= came
    return known


def _after_renames(step: Step, renames: Sequence[Step], both: Sequence[Catalog]) -> Step:
    """The step, after the renames of what it names."""
    ids = {c.id for c in step.changes} | set(step.rebuilt)
    named = ids.union(*(catalog.needed(id) for id in ids for catalog in both))
    needs = [
        r.id for r in renames if any(_names(new.after, id) for new in r.changes for id in named)
    ]
    return replace(step, needs=(*step.needs, *needs)) if needs else step


def _names(renamed: Object | None, id: ObjectId) -> bool:
    """Whether an object is a renamed one, or in it, or in a schema that it went to."""
    if renamed is None:
        return False
    new = renamed.id
    if new.kind == "schema":
        return new.name in (id.schema, id.name)
    return id.of == new or (id.schema, id.parent) == (new.schema, new.name)
