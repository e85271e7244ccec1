"""The way from what a target has to what the models declare, in legs.

Where Django has to run no migration itself, there is one leg: the end. Otherwise each leg leads to
the schema that a migration expects, the migration runs, and the next leg goes on from there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from weedgo.management.models import ahead, cache, standing, template
from weedgo.management.models.template import TOKEN, Applied, Cut, Name, Template, Templates
from weedgo.project import PUBLIC
from weedgo.staged import db, many, scratch
from weedgo.staged.db import Connection
from weedgo.staged.declared import Declared
from weedgo.staged.model import Catalog, Event, ObjectId, Options
from weedgo.staged.records import new_run_id
from weedgo.staged.seen import Sight

Listen = Callable[[Event], None]
NAME = "models"
# From so many tenants on they are looked at as one, and connections that change them.
MANY = 4


@dataclass(frozen=True)
class Scope:
    """Which schemas are asked for.

    Args:
        shared: whether `public` is.
        tenants: schemas or names of tenants; None for all of them.
    """

    shared: bool = True
    tenants: Collection[str] | None = None


@dataclass(frozen=True)
class Goal:
    """What one schema of the target is to become.

    Args:
        schema: its name.
        printed: its name as definitions print it.
        template: what the migrations make of such a schema.
        cuts: the migrations that Django has to run here, in order.
        applied: the migrations that it has.
        fills: of the template's, those whose columns come to a table that stands; named as there.
    """

    schema: str
    printed: str
    template: Template
    cuts: tuple[Cut, ...]
    applied: frozenset[Name]
    fills: frozenset[ObjectId] = frozenset()

    @property
    def stops(self) -> tuple[Stop, ...]:
        """What the schema is to be, one after the other; the last is the models' own."""
        stops = [Stop(self, self._filled(cut.catalog), cut) for cut in self.cuts]
        if self.fills:
            stops.append(Stop(self, self._filled(self.template.catalog)))
        return (*stops, Stop(self, self.template.catalog))

    @property
    def filled(self) -> Stop:
        """The end, but columns that are new to standing rows still have the default for them."""
        return Stop(self, self._filled(self.template.catalog))

    def _filled(self, made: Catalog) -> Catalog:
        new = {id: self.template.fills[id] for id in self.fills if _column(id) in made}
        return many.added(made, new) if new else made


@dataclass(frozen=True)
class Stop:
    """What a schema is to be before Django runs a migration there, or at the end."""

    goal: Goal
    template: Catalog
    then: Cut | None = None

    @property
    def catalog(self) -> Catalog:
        """What is wanted, under the schema's own name."""
        goal = self.goal
        if goal.schema == PUBLIC:
            return self.template
        return many.renamed(self.template, TOKEN, goal.schema, goal.printed)


@dataclass(frozen=True)
class Leg:
    """A part of the way: what is wanted at its end, and what Django runs then."""

    declared: Declared
    then: tuple[tuple[Goal, Cut], ...] = ()


@dataclass(frozen=True)
class Way:
    """All legs to the models; the shared schema goes first where it has more than one."""

    goals: tuple[Goal, ...]
    sight: Future[Sight] | None = field(default=None, compare=False)
    """Of the schemas, where many tenants are to be looked at, from the beginning."""

    def legs(self, broken: Collection[str] = ()) -> Iterator[Leg]:
        """The legs in order.

        Args:
            broken: schemas that are left where they are; it may grow on the way.
        """
        shared = [g.stops for g in self.goals if g.schema == PUBLIC]
        tenants = [(g.schema, g.stops) for g in self.goals if g.schema != PUBLIC]
        for stops in shared:
            yield from (_leg([stop]) for stop in stops[:-1])
        for number in range(max((len(stops) for _, stops in tenants), default=1)):
            going = [stops for schema, stops in tenants if schema not in broken]
            made = [stops[min(number, len(stops) - 1)] for stops in going]
            if made or shared:
                yield _leg([stops[-1] for stops in shared] + made)

    @property
    def end(self) -> Declared:
        """What the models declare."""
        return _leg([goal.stops[-1] for goal in self.goals]).declared

    @property
    def planned(self) -> Declared:
        """What the models declare, with the defaults that standing rows need on the way."""
        return _leg([goal.filled for goal in self.goals]).declared

    @property
    def told(self) -> tuple[str, ...]:
        """What Django runs on the way, a line for each migration."""
        places: dict[str, list[str]] = {}
        for goal in self.goals:
            for cut in goal.cuts:
                places.setdefault(str(cut), []).append(goal.schema)
        return tuple(f"{cut} in {_some(schemas)}" for cut, schemas in places.items())


def _some(schemas: list[str]) -> str:
    if len(schemas) <= 3:
        return ", ".join(schemas)
    return f"{', '.join(schemas[:2])} and {len(schemas) - 2} more schemas"


def _leg(stops: Sequence[Stop]) -> Leg:
    tenants = frozenset(s.goal.schema for s in stops if s.goal.schema != PUBLIC)
    return Leg(
        Declared(NAME, many.joined(stop.catalog for stop in stops), tenants, standing.roles()),
        tuple((stop.goal, stop.then) for stop in stops if stop.then),
    )


def _column(default: ObjectId) -> ObjectId:
    return ObjectId("column", default.schema, default.name, default.parent)


def find(
    target: str,
    scope: Scope,
    options: Options,
    listen: Listen,
    *,
    new: str = "",
    look: bool = False,
) -> Way:
    """Work out the way of a target.

    Args:
        target: its URL.
        scope: which schemas are asked for.
        options: names the server for scratch databases.
        listen: told when the migrations have to be run in a scratch database.
        new: a schema that is to be a tenant's, though nobody is registered for it.
        look: whether the way is gone at once, so that many tenants are looked at meanwhile.

    Raises:
        StagedError: the target cannot be reached, a migration fails, or no scratch database can be
            made and the models have changed since the last one.
    """
    with closing(db.connect(target, application="weedgo models", read_only=True)) as conn:
        tenants = standing.tenants(conn, scope.tenants) if _tenants_asked(scope) else {}
        if new:
            tenants[new] = new
        schemas = [*([PUBLIC] if scope.shared else []), *tenants]
        sight = ahead.begin(target, schemas) if look and len(tenants) >= MANY else None
        applied = standing.applied(conn, schemas)
        makers = _Makers(target, conn, options, listen)
        goals = []
        for schema in schemas:
            made, cuts = makers.template(schema, applied[schema])
            goals.append(Goal(schema, tenants.get(schema, schema), made, cuts, applied[schema]))
        return Way(tuple(_with_fills(conn, goals)), sight)


def _with_fills(conn: Connection, goals: Sequence[Goal]) -> Iterator[Goal]:
    """Goals with the defaults for columns that are new to a table with rows to be."""
    behind = [goal for goal in goals if set(goal.template.migrations) - goal.applied]
    columns = {(id.parent, id.name) for goal in behind for id in goal.template.fills}
    missing = standing.missing_columns(conn, [g.schema for g in behind], sorted(columns))
    for goal in goals:
        here = missing.get(goal.schema, ())
        new = (id for id in goal.template.fills if (id.parent, id.name) in here) if here else ()
        yield replace(goal, fills=frozenset(new))


def _tenants_asked(scope: Scope) -> bool:
    return scope.tenants is None or bool(scope.tenants)


class _Makers:
    """Templates for the schemas of one target, from the cache or made in a scratch database."""

    def __init__(self, target: str, conn: Connection, options: Options, listen: Listen) -> None:
        self._target, self._conn, self._options = target, conn, options
        self._listen = listen
        self._key = cache.digest(_server(conn))
        self._plain = self._made("", (), ())
        if self._plain.made != datetime.now(UTC).date() and _lacks_partitioned(conn, self._plain):
            # Its partitions are those of another day, and here they would be made.
            self._plain = self._made("", (), (), anew=True)

    def template(
        self,
        schema: str,
        applied: frozenset[Name],
    ) -> tuple[Template, tuple[Cut, ...]]:
        """The template of a schema with these migrations, and what Django has to run there."""
        shared = schema == PUBLIC
        plain = _chosen(self._plain, shared=shared)
        if not applied:
            return plain, plain.cuts
        if plain.special <= applied:
            return plain, ()
        digest = hashlib.sha256(repr((shared, sorted(applied))).encode()).hexdigest()[:8]
        first: tuple[Applied, Applied] = (applied, ()) if shared else ((), applied)
        made = self._made(f"-{digest}", *first)
        chosen = _chosen(made, shared=shared)
        return chosen, chosen.cuts

    def _made(
        self, suffix: str, shared: Applied, tenant: Applied, *, anew: bool = False
    ) -> Templates:
        key = self._key + suffix
        found = None if anew else cache.load(key)
        if found is None:
            self._listen(Event("phase", "running the models' migrations in a scratch database"))
            server = self._options.scratch_url or self._target
            with scratch.scratch_database(server, like=self._conn, run=new_run_id()) as url:
                found = template.build(url, shared, tenant)
            cache.keep(key, found)
        return found


def _chosen(made: Templates, *, shared: bool) -> Template:
    chosen = made.shared if shared else made.tenant
    assert chosen is not None, "a project without tenants has none to be asked for"
    return chosen


def _server(conn: Connection) -> str:
    row = conn.execute(
        "SELECT pg_catalog.version(), to_jsonb(d) - 'datname' - 'oid' FROM pg_catalog.pg_database d"
        " WHERE datname = pg_catalog.current_database()"
    ).fetchone()
    assert row is not None
    version, facts = row
    return repr((version, sorted((k, v) for k, v in facts.items() if _of_locale(k))))


def _of_locale(column: str) -> bool:
    return "coll" in column or "ctype" in column or "locale" in column or column == "encoding"


def _lacks_partitioned(conn: Connection, made: Templates) -> bool:
    """Whether partitioned tables of the shared schema are still to be made in the target."""
    names = [o.id.name for o in made.shared.catalog if o.id.kind == "table" and o["partition_key"]]
    row = conn.execute(
        "SELECT count(*) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n"
        " ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND c.relkind = 'p'"
        " AND c.relname = ANY(%s)",
        [names],
    ).fetchone()
    return row is not None and int(row[0]) < len(names)


def wanted(
    target: str, options: Options, scope: Scope | None = None, listen: Listen = lambda _: None
) -> Declared:
    """What the models declare for a target, for those who only compare.

    Raises:
        StagedError: as `find` does.
    """
    return find(target, scope or Scope(), options, listen).end
