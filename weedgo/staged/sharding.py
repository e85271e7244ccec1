"""Schemas of a Citus cluster whose tables are on other nodes: what it refuses there, ways around.

Such a schema's tables are declared on the first node, which hands on what it knows to hand on. What
it refuses is known here before anything runs. Without the extension nothing of this is asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace

from weedgo.staged.kinds.base import ACCESS_EXCLUSIVE, SHARE_UPDATE_EXCLUSIVE, ident, render
from weedgo.staged.kinds.keys import KEYS
from weedgo.staged.model import Catalog, Object, ObjectId, Statement, Step

_IDENT = r'(?:"(?:[^"]|"")*"|[\w$]+)'
_PATH = rf"{_IDENT}(?:\.{_IDENT})*"
_LITERAL = re.compile(r"'(?:[^']|'')*'")
_RENAME = re.compile(rf"ALTER TABLE ({_PATH}) RENAME CONSTRAINT ({_IDENT}) TO ({_IDENT})")
_DEFER = re.compile(rf"ALTER TABLE ({_PATH}) ALTER CONSTRAINT ({_IDENT}) .*")
_SEQUENCE = re.compile(rf"ALTER SEQUENCE ({_PATH}) (?!RENAME |SET SCHEMA |OWNER )", re.DOTALL)
_REFERENCES = re.compile(rf"ALTER TABLE .* FOREIGN KEY .* REFERENCES ({_PATH})", re.DOTALL)
_RETYPED = re.compile(rf"ALTER TABLE .* ALTER COLUMN ({_IDENT}) TYPE ", re.DOTALL)
_ELSEWHERE = "give up the change, or make it with the tenant on one server"


def _column(action: str) -> str:
    return rf"ALTER TABLE .*\bALTER COLUMN {_IDENT} {action}"


# What Citus 13 refuses of a distributed table, as the engine writes it, and what to do instead.
_REFUSED = tuple(
    (re.compile(pattern, re.DOTALL), what, way)
    for pattern, what, way in (
        (
            r"ALTER TABLE .*\bADD COLUMN .*\bGENERATED (?:ALWAYS|BY DEFAULT) AS IDENTITY",
            "adds no identity column to a distributed table",
            "give the column a default from a sequence, or put it in a table of its own",
        ),
        (
            _column(
                r"(?:ADD GENERATED|SET GENERATED|DROP IDENTITY|RESTART"
                r"|SET (?:INCREMENT|MINVALUE|MAXVALUE|START|CACHE|CYCLE|NO )\b)"
            ),
            "changes no identity column of a distributed table",
            _ELSEWHERE,
        ),
        (_column("(?:DROP|SET) EXPRESSION"), "leaves generated columns as they are", _ELSEWHERE),
        (
            _column(r"(?:SET STATISTICS|SET STORAGE|SET \(|RESET \()"),
            "sets no statistics, storage or options of a distributed table's column",
            _ELSEWHERE,
        ),
        (
            r"ALTER TABLE .* (?:CLUSTER ON|SET WITHOUT CLUSTER|(?:ENABLE|DISABLE)(?: \w+)? RULE) ?",
            "knows neither CLUSTER ON nor states of rules of a distributed table",
            _ELSEWHERE,
        ),
        (
            rf"ALTER TABLE {_PATH} .*\b(?:NO )?INHERIT {_PATH}|CREATE TABLE .* INHERITS \(",
            "has no inheritance in a distributed schema",
            "use a partitioned table",
        ),
        (
            rf"ALTER TABLE {_PATH} SET SCHEMA ",
            "moves no table out of a distributed schema that others reference",
            "use --drop drop, or leave it where it is",
        ),
        (
            rf"ALTER VIEW .* ALTER COLUMN {_IDENT} (?:SET|DROP) DEFAULT",
            "sets no defaults of a view's columns",
            _ELSEWHERE,
        ),
        (
            r"(?:CREATE|ALTER) POLICY .*\(\s*SELECT\b",
            "takes no policy with a query in it",
            "put the query into a function that the policy calls",
        ),
    )
)  # fmt: skip


def known(steps: Iterable[Step], wanted: Catalog, standing: Catalog) -> tuple[Step, ...]:
    """The steps as the cluster can do them, or with the reason why it cannot.

    Args:
        steps: of a plan.
        wanted, standing: the two catalogs that it leads between; the latter says what is
            distributed.
    """
    sharded = standing.sharded
    if not sharded:
        return tuple(steps)
    return tuple(
        _known(step, sharded, wanted, standing)
        if any((c.id.schema or c.id.name) in sharded for c in step.changes)
        else step
        for step in steps
    )


def _known(step: Step, sharded: Collection[str], wanted: Catalog, standing: Catalog) -> Step:
    if step.refusal:
        return step
    there = _around(step.statements, _constraints(c.after for c in step.changes))
    back = _around(step.undo, _constraints(c.before for c in step.changes))
    if refusal := _refusal(there, sharded, wanted, standing):
        return replace(step, refusal=refusal, statements=there, undo=(), undo_guards=())
    if step.no_undo or not (refusal := _refusal(back, sharded, standing, wanted)):
        return replace(step, statements=there, undo=back)
    return replace(step, statements=there, no_undo=refusal, undo=(), undo_guards=())


Constraints = dict[tuple[str, ...], Object]


def _constraints(objects: Iterable[Object | None]) -> Constraints:
    """Constraints by schema, table and name."""
    return {
        (o.id.schema, o.id.parent, o.id.name): o
        for o in objects
        if o is not None and o.id.kind == "constraint"
    }


# --- ways around ------------------------------------------------------------------


def _around(statements: Iterable[Statement], known: Constraints) -> tuple[Statement, ...]:
    """The same, without renaming or deferring constraints, of which Citus does neither."""
    found: list[Statement] = []
    later: list[Statement] = []
    for statement in statements:
        if match := _RENAME.fullmatch(statement.sql):
            table, old, new = match.groups()
            after, looked_at = _renamed(statement, table, old, new, known)
        elif match := _DEFER.fullmatch(statement.sql):
            table, name = match.groups()
            after, looked_at = _remade(statement, table, name, name, known)
        else:
            after, looked_at = (statement,), ()
        found += after
        later += looked_at
    last = max((s.phase for s in found), default=0)
    return (*found, *(replace(s, phase=last + 1) for s in later))


Parts = tuple[tuple[Statement, ...], tuple[Statement, ...]]


def _renamed(statement: Statement, table: str, old: str, new: str, known: Constraints) -> Parts:
    obj = known.get((*_names(table), *_names(new)))
    if obj is None or obj["type"] not in (*KEYS, "x"):
        return _remade(statement, table, old, new, known)
    # With the index of a key goes the key.
    text = render("ALTER INDEX {} RENAME TO {}", ident(obj.id.schema, *_names(old)), new)
    return (replace(statement, sql=text),), ()


def _remade(statement: Statement, table: str, old: str, new: str, known: Constraints) -> Parts:
    """The constraint binds new rows in the same moment; those that stand are looked at after."""
    obj = known.get((*_names(table), *_names(new)))
    if obj is None or obj["type"] not in ("c", "f"):
        return (statement,), ()
    first = f"ALTER TABLE {table} DROP CONSTRAINT {old}"
    then = f"ALTER TABLE {table} ADD CONSTRAINT {new} {obj['definition']}"
    lock = statement.lock or ACCESS_EXCLUSIVE
    made = (
        replace(statement, sql=first, lock=lock),
        replace(statement, sql=f"{then} NOT VALID", lock=lock),
    )
    if not obj["validated"]:
        return made, ()
    text = f"ALTER TABLE {table} VALIDATE CONSTRAINT {new}"
    look = Statement(text, SHARE_UPDATE_EXCLUSIVE, statement.table, scans=True)
    return made, (look,)


# --- what is refused --------------------------------------------------------------


def _refusal(
    statements: Iterable[Statement], sharded: Collection[str], after: Catalog, before: Catalog
) -> str:
    """Why the cluster would refuse one of the statements, and what to do; empty if it would not."""
    both = (after, before)
    asked: tuple[Callable[[str], Iterator[str]], ...] = (
        _by_form,
        _of_constraints,
        lambda text: _of_sequences(text, sharded, both),
        lambda text: _of_references(text, sharded),
        lambda text: _of_types(text, both),
    )
    for statement in statements:
        text = _LITERAL.sub("''", statement.sql)
        for ask in asked:
            for reason in ask(text):
                return f"Citus {reason}"
    return ""


def _by_form(text: str) -> Iterator[str]:
    for pattern, what, way in _REFUSED:
        if pattern.match(text):
            yield f"{what}: {way}"


def _of_constraints(text: str) -> Iterator[str]:
    if _RENAME.fullmatch(text) or _DEFER.fullmatch(text):
        yield f"neither renames nor defers this constraint: {_ELSEWHERE}"


def _of_sequences(text: str, sharded: Collection[str], both: Iterable[Catalog]) -> Iterator[str]:
    match = _SEQUENCE.match(text)
    if not match:
        return
    schema, name = _names(match[1])
    id = ObjectId("sequence", schema, name)
    if schema in sharded and any(catalog.dependents.get(id) for catalog in both):
        yield f"alters no sequence that a distributed table takes values from: {_ELSEWHERE}"


def _of_references(text: str, sharded: Collection[str]) -> Iterator[str]:
    match = _REFERENCES.match(text)
    if match and (names := _names(match[1]))[0] not in sharded:
        path = ".".join(names)
        yield (
            f"has no foreign keys from a distributed schema to a table that is not on each node:"
            f" run SELECT create_reference_table('{path}') first, then run again"
        )


def _of_types(text: str, both: Iterable[Catalog]) -> Iterator[str]:
    match = _RETYPED.match(text)
    if not match:
        return
    table = re.match(rf"ALTER TABLE (?:ONLY )?({_PATH})", text)
    assert table is not None
    schema, name = _names(table[1])
    column = ObjectId("column", schema, _names(match[1])[0], name)
    for catalog in both:
        if any(need.kind == "sequence" for id in _about(column) for need in catalog.needed(id)):
            yield f"changes no type of a column that takes values from a sequence: {_ELSEWHERE}"


def _about(column: ObjectId) -> tuple[ObjectId, ...]:
    return column, ObjectId("default", column.schema, column.name, column.parent, "column")


def _names(path: str) -> list[str]:
    found = re.findall(_IDENT, path)
    return [n[1:-1].replace('""', '"') if n.startswith('"') else n for n in found]
