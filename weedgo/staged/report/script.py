"""A plan as SQL files that psql runs without the command: one for every stage, and all in one.

The same plan gives the same bytes, so nothing here knows the time, the run or the machine. A file
can be run again: what a step makes and what stands already is left as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from importlib.resources import files
from itertools import groupby

from psycopg import sql

from weedgo.staged.model import Action, Guard, ObjectId, Options, Plan, Stage, Statement, Step
from weedgo.staged.report import words

CREATED_BY = "-- WeedGo staged migration"
RULE = "-- " + "-" * 76
# Objects that pg_get_object_address finds, by the name that it has for them.
ADDRESSES = {
    "schema": "schema",
    "enum": "type",
    "sequence": "sequence",
    "table": "table",
    "column": "table column",
    "view": "view",
    "materialized_view": "materialized view",
    "trigger": "trigger",
    "index": "index",
    "constraint": "table constraint",
    "rule": "rule",
    "policy": "policy",
    "statistics": "statistics object",
    "domain": "type",
    "composite_type": "type",
    "range_type": "type",
    "collation": "collation",
    "extension": "extension",
    "foreign_table": "foreign table",
    "publication": "publication",
    "subscription": "subscription",
    "event_trigger": "event trigger",
}


def stage_file(plan: Plan, stage: Stage, options: Options) -> str:
    """The SQL of one stage; a stage without steps has a file that says so."""
    steps = plan.stage(stage)
    lines = [f"{CREATED_BY}: {words.stage(stage)}", *_origin(plan), *_contents(steps), ""]
    if steps:
        lines += Writer(steps, options).lines()
    return _text(lines)


def whole_file(plan: Plan, options: Options) -> str:
    """The SQL of all stages in one file."""
    lines = [f"{CREATED_BY}: all stages", *_origin(plan), *_contents(plan.steps), ""]
    lines += Writer(plan.steps, options).lines()
    return _text(lines)


def run_all_file(plan: Plan) -> str:
    """A file that has psql run the files of all stages in their order."""
    lines = [
        f"{CREATED_BY}: all stages, one after the other",
        *_origin(plan),
        '-- Run: psql "$TARGET" -f run_all.sql',
        "",
        "\\set ON_ERROR_STOP on",
        *(f"\\ir {stage.file}" for stage in Stage),
    ]
    return _text(lines)


def undo_file(plan: Plan, options: Options) -> str:
    """The way back of the whole plan, last step first."""
    steps = [step for step in reversed(plan.steps) if not step.refusal]
    lines = [
        f"{CREATED_BY}: the way back, last step first",
        *_origin(plan),
        "-- For a target on which every step has run. After a partial run use rollback_staged,",
        "-- which knows from the journal what was done.",
        "",
        *UndoWriter(steps, options).lines(),
    ]
    return _text(lines)


def _text(lines: Iterable[str]) -> str:
    return "\n".join(lines).rstrip("\n") + "\n"


def _origin(plan: Plan) -> list[str]:
    return [
        f"-- Source {plan.source_fingerprint or 'unknown'}",
        f"-- Target {plan.target_fingerprint or 'unknown'}",
    ]


def _contents(steps: Sequence[Step]) -> list[str]:
    if not steps:
        return ["-- Nothing to do: no step belongs to this stage."]
    objects = sum(len(step.counted) for step in steps)
    lines = [f"-- {words.count(len(steps), 'step')}, {words.count(objects, 'object')}"]
    outside = sum(not s.transactional for step in steps for s in step.statements)
    if outside:
        refusing = words.count(outside, "statement")
        lines += [f"-- {refusing} refuse a transaction: do not use psql -1"]
    return lines


class Writer:
    """The lines of a script, which know in what state the session then is."""

    def __init__(self, steps: Sequence[Step], options: Options) -> None:
        self._steps = steps
        self._timeout = f"'{round(options.lock_timeout * 1000)}ms'"
        self._statement_timeout = f"'{round(options.timeout('scan') * 1000)}ms'"
        self._waits_for_ever: bool | None = False

    def lines(self) -> Iterator[str]:
        """All of it."""
        yield from self.session()
        stage = None
        for step in self._steps:
            if step.stage != stage:
                stage = step.stage
                yield from ("", RULE, f"-- {words.stage(stage).capitalize()}", RULE)
            yield ""
            yield from self.step(step)

    def session(self) -> Iterator[str]:
        """What the session has to be like."""
        yield "\\set ON_ERROR_STOP on"
        yield "SET client_encoding = 'UTF8';"
        yield "SET standard_conforming_strings = on;"
        yield "SET client_min_messages = warning;"
        # The search_path stays as it is: statements are qualified, but the functions that
        # defaults and indexes call may rely on it.
        yield "SET check_function_bodies = off;"
        yield f"SET statement_timeout = {self._statement_timeout};"
        yield f"SET lock_timeout = {self._timeout};"
        if any(_question(step) for step in self._steps):
            yield ""
            yield files("weedgo.staged.report").joinpath("again.sql").read_text().rstrip()

    def step(self, step: Step) -> Iterator[str]:
        """One step: what is to be known of it, its guards, its statements."""
        yield from introduction(step)
        if step.refusal:
            return
        yield from self._waiting(for_ever=_refuses_transaction(step.statements[:1]))
        before = self._waits_for_ever
        question = _question(step)
        if question:
            yield f"SELECT {question} AS todo \\gset"
            yield "\\if :todo"
        for guard in step.guards:
            yield _guard(guard)
        yield from self.statements(step.statements)
        if question:
            yield "\\endif"
            # What the step sets in between is skipped with it.
            self._waits_for_ever = before if before == self._waits_for_ever else None

    def statements(self, statements: Sequence[Statement]) -> Iterator[str]:
        """Statements of one phase in one transaction; those that refuse one, between."""
        for (_, transactional), group in groupby(statements, lambda s: (s.phase, s.transactional)):
            found = list(group)
            yield from self._waiting(for_ever=not transactional)
            if transactional and len(found) > 1:
                yield "BEGIN;"
                yield from (_ended(s.sql) for s in found)
                yield "COMMIT;"
            else:
                yield from (_ended(s.sql) for s in found)

    def _waiting(self, *, for_ever: bool) -> Iterator[str]:
        """A timeout would cancel a concurrent build and leave an invalid index behind.

        Its own waiting blocks no reader or writer.
        """
        if for_ever != self._waits_for_ever:
            self._waits_for_ever = for_ever
            yield f"SET lock_timeout = {0 if for_ever else self._timeout};"


class UndoWriter(Writer):
    """The lines that take steps back."""

    def lines(self) -> Iterator[str]:
        """All of it."""
        yield from self.session()
        for step in self._steps:
            yield ""
            yield f"-- Takes back: {_name(step)}"
            yield from _comment("No undo", step.no_undo)
            yield from self.statements(step.undo)


def introduction(step: Step) -> Iterator[str]:
    """What is to be known of a step, as comments."""
    yield f"-- {_name(step)}"
    for change in step.changes[1:]:
        if change in step.changes[: step.own] or change.action != Action.CREATE:
            yield f"--   with {change.action} {words.line(str(change.id))}"
    for id in step.rebuilt:
        yield f"--   takes away and puts back {words.line(str(id))}"
    if step.because:
        yield f"-- {words.sentence(step.because)}"
    for table, lock in step.locks:
        yield from _comment("Locks", f"{table}, {lock}")
    for hazard in step.hazards:
        yield from _comment("Hazard", hazard)
    yield from _comment("No undo", step.no_undo)
    yield from _comment("Refused", step.refusal)
    yield from _comment("Waits for your leave", step.consent)


def _name(step: Step) -> str:
    return f"{step.main.action} {words.line(str(step.main.id))}"


def _comment(label: str, text: str) -> Iterator[str]:
    if text:
        yield f"-- {label}: {words.line(text)}"


def _question(step: Step) -> str:
    """SQL that tells whether a step that cannot be done twice is still to be done, if it is one."""
    id = step.main.id
    if step.refusal or id.target or id.kind not in ADDRESSES:
        return ""
    whole = len({s.phase for s in step.statements}) > 1 or _refuses_transaction(step.statements)
    if step.main.action == Action.CREATE:
        kind, name = _literal(ADDRESSES[id.kind]), _literal(_parts(id))
        return f"pg_temp.missing({kind}, {name}, {'true' if whole else 'false'})"
    if id.kind == "column" and "type" in step.main.attributes and step.main.after and not whole:
        name, wanted = _literal(_parts(id)), _literal(str(step.main.after["type"]))
        return f"pg_temp.of_another_type({name}, {wanted})"
    return ""


def _parts(id: ObjectId) -> list[str]:
    parts = [part for part in (id.schema, id.parent, id.name) if part]
    # A type is given as it is written in SQL.
    return [sql.Identifier(*parts).as_string(None)] if ADDRESSES[id.kind] == "type" else parts


def _refuses_transaction(statements: Iterable[Statement]) -> bool:
    return any(not s.transactional for s in statements)


def _ended(statement: str) -> str:
    text = statement.strip().rstrip(";").rstrip()
    last = text.rsplit("\n", 1)[-1]
    return f"{text}\n;" if "--" in last else f"{text};"


def _guard(guard: Guard) -> str:
    """The guard as a statement that fails where the command would refuse the step."""
    message = f"replace({_literal(guard.message)}, '{{count}}', found::text)"
    body = (
        f"DECLARE found bigint := ({guard.query.strip().rstrip(';')}); BEGIN IF found > 0 THEN"
        f" RAISE EXCEPTION USING MESSAGE = {message}, HINT = {_literal(guard.remedy)};"
        " END IF; END"
    )
    tag = "$guard$"
    while tag in body:
        tag = f"{tag[:-1]}_$"
    return f"DO {tag}{body}{tag};"


def _literal(value: str | list[str]) -> str:
    return sql.Literal(value).as_string(None).strip()
