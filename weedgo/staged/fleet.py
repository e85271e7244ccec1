"""Many schemas that are to be alike: planned once for each shape, each changed by one message.

What a schema looked like when it was last found as wanted is kept in the target. Where its catalog
rows are the same ones still, it is not read again. All others are grouped by a digest of their
definitions that the server works out; one of each group is read and planned for.

What one message cannot do safely (a lock held for long on a large table, a question to rows, what
cannot run in a transaction) is left to an ordinary run, and so is a schema whose message fails.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from queue import SimpleQueue

import psycopg
from psycopg import sql

from weedgo.staged import catalog as catalogs
from weedgo.staged import diff, many, planning, seen
from weedgo.staged.db import Connection, on_cluster
from weedgo.staged.declared import Declared, settled
from weedgo.staged.foresee import undoable
from weedgo.staged.journal import Journal
from weedgo.staged.lease import Target
from weedgo.staged.model import Catalog, Event, Options, Plan, Result, Stage, Status, Step
from weedgo.staged.queries import text
from weedgo.staged.seen import Sight
from weedgo.staged.transact import milliseconds
from weedgo.staged.wanted import adapted

# What one message may scan, rewrite or index under a lock.
SMALL = 1 << 20
# Bytes of a row of a table that nobody has measured.
ROW = 100
_CONCURRENTLY = re.compile(r"^(CREATE (?:UNIQUE )?INDEX) CONCURRENTLY ")


@dataclass(frozen=True)
class Wish:
    """What all of the schemas are to be.

    Args:
        token: the name under which the catalogs have the schema.
        stops: what is wanted, one after the other; the last is the end.
        declared: makes of a catalog what is declared.
        digest: tells the end from any other.
        kept: gives the catalog that had a digest, if it is still known.
    """

    token: str
    stops: tuple[Catalog, ...]
    declared: Callable[[Catalog], Declared]
    digest: str
    kept: Callable[[str], Catalog | None]


@dataclass(frozen=True)
class Shape:
    """Schemas that are alike, and what is to be done in each."""

    schemas: tuple[str, ...]
    steps: tuple[Step, ...]
    easy: bool

    @property
    def tables(self) -> set[str]:
        """Names of all relations that the steps are about."""
        return {
            name
            for step in self.steps
            for change in step.changes
            for obj in (change.before, change.after)
            if obj is not None
            for name in (obj.id.parent, obj.id.name, *map(obj.attrs.get, _RELATIONS))
            if name
        }

    @property
    def makes_relations(self) -> bool:
        """Whether there is something new that rights are given to."""
        return any(step.home in _WITH_RIGHTS for step in self.steps)


_RELATIONS = ("table", "references_table")
_WITH_RIGHTS = (Stage.PREREQUISITES, Stage.SEQUENCES, Stage.TABLES, Stage.VIEWS, Stage.FUNCTIONS)


@dataclass
class Outcome:
    """What became of the schemas.

    ``left`` are those that an ordinary run has to see to.
    """

    shapes: list[Shape] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    equal: list[str] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


def shapes(conn: Connection, schemas: Collection[str]) -> dict[str, str]:
    """For each schema a digest of its definitions: the same for schemas that are alike."""
    with conn.transaction():
        conn.execute("SELECT pg_catalog.set_config('search_path', '', true)")
        rows = conn.execute(text("schema_shape").encode(), [list(schemas)]).fetchall()
    return {str(schema): str(shape) for schema, shape in rows}


def sort(
    conn: Connection, schemas: Sequence[str], sight: Sight, wish: Wish, options: Options
) -> Outcome:
    """Find out what is to be done; nothing is changed.

    Args:
        conn: to the target.
        schemas: all of them.
        sight: of them.
        wish: what they are to be.
        options: as for a run.
    """
    known = {s: sight.wanted[s] for s in schemas if s in sight.wanted}
    found = Outcome(equal=[s for s in schemas if known.get(s) == wish.digest])
    unknown = [s for s in schemas if s in sight.states and s not in known]
    kinds = shapes(conn, unknown) if unknown else {}
    groups: dict[tuple[str, str], list[str]] = {}
    for schema in schemas:
        if known.get(schema) == wish.digest:
            continue
        if schema not in sight.states:
            found.left.append(schema)
        else:
            key = (known.get(schema, ""), kinds.get(schema, ""))
            groups.setdefault(key, []).append(schema)
    sharded = catalogs.sharded(conn) if groups and on_cluster(conn) else frozenset()
    for (digest, _), group in sorted(groups.items(), key=lambda pair: len(pair[1]), reverse=True):
        standing = (digest and wish.kept(digest)) or _read(conn, group, wish)
        if standing is None:
            found.left += group
            continue
        if sharded.intersection(group):
            standing = replace(standing, sharded=frozenset({wish.token}))
        shape = _planned(group, standing, wish, options)
        if shape.steps:
            found.shapes.append(shape)
        else:
            found.equal += group
    return found


def _read(conn: Connection, group: Sequence[str], wish: Wish) -> Catalog | None:
    """One schema of a group under the template's name; None where no name can be taken out."""
    for schema in islice(group, 3):
        read = many.sliced(catalogs.read(conn, {schema}), {schema})
        if not _names_itself(read, schema):
            break
    else:
        return None
    printed = sql.Identifier(schema).as_string(None)
    named = schema if re.fullmatch(r"[a-z_][a-z0-9_$]*", schema) else printed
    standing = many.renamed(read, named, wish.token, wish.token)
    if named != schema:
        standing = many.renamed(standing, schema, wish.token, wish.token)
    return standing


def _planned(group: Sequence[str], standing: Catalog, wish: Wish, options: Options) -> Shape:
    """What is to be done in each schema of a group."""
    steps: list[Step] = []
    for stop in wish.stops:
        wanted = adapted(settled(wish.declared(stop), standing), standing, options)
        difference = diff.compare(wanted, standing, options)
        steps += planning.make(wanted, standing, difference, options).steps
        standing = replace(wanted, sharded=standing.sharded)
    return Shape(tuple(group), tuple(steps), all(_easy(step) for step in steps))


def _names_itself(catalog: Catalog, schema: str) -> bool:
    """Whether something in a schema bears the schema's own name, as a table or a column may."""
    return any(
        schema in (o.id.name, o.id.parent, o.attrs.get("table"))
        for o in catalog
        if "schema" not in (o.id.kind, o.id.target)
    )


def _easy(step: Step) -> bool:
    """Whether a step may be part of one message, where its tables are small."""
    if step.refusal or step.guards:
        return False
    return all(
        (s.transactional or _CONCURRENTLY.match(s.sent)) and not s.sent.startswith(_ABOUT_ROLES)
        for s in step.statements
    )


# Roles may be a schema's own.
_ABOUT_ROLES = ("GRANT", "REVOKE", "ALTER DEFAULT")


def _large(conn: Connection, shape: Shape) -> set[str]:
    """The schemas of a shape in which a table is too large for one message."""
    rows = conn.execute(
        "SELECT DISTINCT n.nspname FROM pg_catalog.pg_class c"
        " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = ANY(%s) AND c.relname = ANY(%s) AND c.relkind IN ('r', 'p', 'm')"
        # pg_relation_size would wait behind whoever has one of the tables locked.
        " AND greatest(c.relpages::bigint * 8192,"
        " pg_catalog.pg_stat_get_live_tuples(c.oid) * %s) > %s",
        [list(shape.schemas), sorted(shape.tables), ROW, SMALL],
    ).fetchall()
    return {str(row[0]) for row in rows}


@dataclass(frozen=True)
class Message:
    """All that one schema gets at once."""

    schema: str
    steps: tuple[Step, ...]
    lines: tuple[str, ...]


class Fleet:
    """Brings what was sorted to its end over several connections.

    Args:
        target: held for the run.
        wish: what the schemas are to be.
        options: timeouts.
        jobs: connections.
        listen: told when a step has ended.
        then: SQL that a schema gets in the same transaction at the end; empty for none.
    """

    def __init__(
        self,
        target: Target,
        wish: Wish,
        options: Options,
        jobs: int,
        listen: Callable[[Event], None],
        then: Callable[[str], str],
    ) -> None:
        self._target, self._wish, self._options = target, wish, options
        self._jobs, self._listen, self._then = jobs, listen, then

    def go(self, found: Outcome, sight: Sight, run: str, beside: Connection) -> Callable[[], None]:
        """Send each schema its message; what came of it is added to the outcome.

        Args:
            found: what is to be done.
            sight: of the schemas.
            run: the run's id.
            beside: a connection to read by.

        Returns:
            Keeps what the schemas are by now, while the target is held.
        """
        control = self._target.control
        names = {name for shape in found.shapes for name in shape.tables}
        moving = [s for shape in found.shapes for s in shape.schemas]
        before = seen.touched(control, moving, names, sight, beside)
        self._send(found, run)
        still = [s for s in found.equal if sight.wanted.get(s) != self._wish.digest]
        done, digest = found.done, self._wish.digest
        return partial(seen.reached, control, sight, before, done, still, digest, beside)

    def _send(self, found: Outcome, run: str) -> None:
        messages = self._messages(found)
        if not messages:
            return
        journal = self._journal(messages, run)
        connections: SimpleQueue[Connection] = SimpleQueue()
        for _ in range(min(self._jobs, len(messages))):
            connections.put(self._target.connect())
        apart = on_cluster(self._target.control)

        def send(message: Message) -> tuple[Message, float, psycopg.Error | None]:
            conn = connections.get()
            started = time.monotonic()
            try:
                _sent(conn, (*message.lines, *_recorded(journal, message)), apart=apart)
            except psycopg.Error as error:
                return message, time.monotonic() - started, error
            finally:
                connections.put(conn)
            return message, time.monotonic() - started, None

        with ThreadPoolExecutor(self._jobs) as pool:
            for message, elapsed, error in pool.map(send, messages):
                self._ended(found, message, elapsed, error)
        journal.finish("incomplete" if found.left else "equal")

    def _messages(self, found: Outcome) -> list[Message]:
        """What each schema gets; those whose tables are large are left."""
        messages = []
        for shape in found.shapes:
            large = _large(self._target.control, shape) if shape.easy else set(shape.schemas)
            found.left += large
            copies = many.Copies(shape.steps, self._wish.token)
            messages += [self._message(s, copies) for s in shape.schemas if s not in large]
        nothing = many.Copies((), self._wish.token)
        messages += [self._message(s, nothing) for s in found.equal if self._then(s)]
        return messages

    def _journal(self, messages: Sequence[Message], run: str) -> Journal:
        """The journal, in which all steps of a run stand as planned."""
        plan = Plan("", "", tuple(step for message in messages for step in message.steps))
        journal = Journal(self._target.control)
        journal.ensure()
        self._listen(Event("planned", plan=plan))
        journal.start(
            run, source="models", target=self._target.url, plan=plan, options=self._options,
            continues=journal.continued(self._options.follows),
        )  # fmt: skip
        return journal

    def _ended(
        self, found: Outcome, message: Message, elapsed: float, error: psycopg.Error | None
    ) -> None:
        if error is not None:
            # An ordinary run names each object, waits for locks, and does what can be done.
            found.left.append(message.schema)
            if not message.steps:
                found.equal.remove(message.schema)
            return
        if message.steps:
            found.done.append(message.schema)
        for step in message.steps:
            result = Result(step, Status.DONE, 1, elapsed / max(1, len(message.steps)))
            found.results.append(result)
            self._listen(Event("result", step=step, result=result))

    def _message(self, schema: str, copies: many.Copies) -> Message:
        plain = re.fullmatch(r"[a-z_][a-z0-9_]*", schema)
        steps = copies.under(schema, schema if plain else sql.Identifier(schema).as_string(None))
        # What rows would not let be undone differs from schema to schema.
        steps = undoable(Plan("", "", steps), self._target.control, self._options).steps
        limits = (
            f"SELECT pg_catalog.set_config('lock_timeout',"
            f" '{milliseconds(max(self._options.lock_timeout, 0.001))}', true)"
        )
        lines = [_CONCURRENTLY.sub(r"\1 ", s.sent) for step in steps for s in step.statements]
        last = [line for line in (self._then(schema),) if line]
        return Message(schema, steps, (limits, *lines, *last))


def _sent(conn: Connection, lines: Sequence[str], *, apart: bool) -> None:
    """Run statements as one transaction: by one message, or each apart where it has to be."""
    if not apart:
        conn.execute(";\n".join(lines).encode())
        return
    with conn.transaction():
        for line in lines:
            conn.execute(line.encode())


def _recorded(journal: Journal, message: Message) -> tuple[str, ...]:
    if not message.steps:
        return ()
    run = journal.place(message.steps[0])[0]
    numbers = [journal.place(step)[1] for step in message.steps]
    done = (
        sql.SQL(
            "UPDATE weedgo_migration.step SET status = 'done', attempts = 1, started = now(),"
            " finished = clock_timestamp() WHERE run = {} AND seq = ANY({})"
        )
        .format(run, numbers)
        .as_string(None)
    )
    return (done,)


def drifted(found: Outcome) -> Iterable[Shape]:
    """Shapes that are not what most schemas are."""
    return found.shapes[1:] if found.shapes else ()
