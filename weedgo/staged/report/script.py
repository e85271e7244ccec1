"""A plan as SQL files that psql runs without the command: one for every stage, and all in one.

The same plan gives the same bytes, so nothing here knows the time, the run or the machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from psycopg import sql

from weedgo.staged.model import Guard, Options, Plan, Stage, Statement, Step
from weedgo.staged.report import words

CREATED_BY = "-- WeedGo staged migration"
RULE = "-- " + "-" * 76


def stage_file(plan: Plan, stage: Stage, options: Options) -> str:
    """The SQL of one stage; a stage without steps has a file that says so."""
    steps = plan.stage(stage)
    lines = [f"{CREATED_BY}: {words.stage(stage)}", *_origin(plan), *_contents(steps), ""]
    if steps:
        lines += [*_session(options), "", *_steps(steps, options)]
    return _text(lines)


def whole_file(plan: Plan, options: Options) -> str:
    """The SQL of all stages in one file."""
    lines = [f"{CREATED_BY}: all stages", *_origin(plan), *_contents(plan.steps), ""]
    lines += [*_session(options), ""]
    for stage in Stage:
        steps = plan.stage(stage)
        if steps:
            lines += [
                RULE,
                f"-- {words.stage(stage).capitalize()}",
                RULE,
                "",
                *_steps(steps, options),
            ]
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
        *_session(options),
        "",
    ]
    for step in steps:
        lines += [f"-- Takes back {_name(step)}"]
        if step.no_undo:
            lines += [*_comment("No undo", step.no_undo)]
        lines += [*_statements(step.undo, options), ""]
    return _text(lines)


def _text(lines: Iterable[str]) -> str:
    return "\n".join(lines).rstrip("\n") + "\n"


def _origin(plan: Plan) -> list[str]:
    return [
        f"-- Source {plan.source_fingerprint or 'unknown'}",
        f"-- Target {plan.target_fingerprint or 'unknown'}",
    ]


def _contents(steps: tuple[Step, ...]) -> list[str]:
    if not steps:
        return ["-- Nothing to do: no step belongs to this stage."]
    objects = sum(step.own for step in steps)
    lines = [f"-- {words.count(len(steps), 'step')}, {words.count(objects, 'object')}"]
    outside = sum(not s.transactional for step in steps for s in step.statements)
    if outside:
        lines += [
            f"-- {words.count(outside, 'statement')} refuse a transaction: do not use psql -1"
        ]
    return lines


def _session(options: Options) -> list[str]:
    # The search_path stays as it is: statements are qualified, but the functions that defaults
    # and indexes call may rely on it.
    return [
        "\\set ON_ERROR_STOP on",
        "SET client_encoding = 'UTF8';",
        "SET standard_conforming_strings = on;",
        "SET client_min_messages = warning;",
        "SET check_function_bodies = off;",
        f"SET statement_timeout = {_setting(options.statement_timeout)};",
        f"SET lock_timeout = {_setting(options.lock_timeout)};",
    ]


def _setting(seconds: float) -> str:
    return f"'{round(seconds * 1000)}ms'"


def _steps(steps: tuple[Step, ...], options: Options) -> Iterator[str]:
    for step in steps:
        yield from _step(step, options)
        yield ""


def _step(step: Step, options: Options) -> Iterator[str]:
    yield f"-- {_name(step)}"
    for change in step.changes[1:]:
        yield f"--   with {change.action} {words.line(str(change.id))}"
    for id in step.rebuilt:
        yield f"--   takes away and puts back {words.line(str(id))}"
    yield from _comment("Waits", step.because)
    for table, lock in step.locks:
        yield from _comment("Locks", f"{table}, {lock}")
    for hazard in step.hazards:
        yield from _comment("Hazard", hazard)
    yield from _comment("No undo", step.no_undo)
    if step.refusal:
        yield from _comment("Refused", step.refusal)
        return
    for guard in step.guards:
        yield _guard(guard)
    yield from _statements(step.statements, options)


def _name(step: Step) -> str:
    return f"{step.main.action} {words.line(str(step.main.id))}"


def _comment(label: str, text: str) -> Iterator[str]:
    if text:
        yield f"-- {label}: {words.line(text)}"


def _statements(statements: Iterable[Statement], options: Options) -> Iterator[str]:
    """Statements of one phase in one transaction; those that refuse one, between."""
    for (_, transactional), group in groupby(statements, lambda s: (s.phase, s.transactional)):
        found = list(group)
        if not transactional:
            # A timeout would cancel a concurrent build and leave an invalid index behind, while
            # its own waiting blocks no reader or writer.
            yield "SET lock_timeout = 0;"
            yield from (_ended(s.sql) for s in found)
            yield f"SET lock_timeout = {_setting(options.lock_timeout)};"
        elif len(found) == 1:
            yield _ended(found[0].sql)
        else:
            yield "BEGIN;"
            yield from (_ended(s.sql) for s in found)
            yield "COMMIT;"


def _ended(statement: str) -> str:
    text = statement.strip().rstrip(";").rstrip()
    last = text.rsplit("\n", 1)[-1]
    return f"{text}\n;" if "--" in last else f"{text};"


def _guard(guard: Guard) -> str:
    """The guard as a statement that fails where the command would refuse the step."""
    body = (
        f"BEGIN IF ({guard.query.strip().rstrip(';')}) > 0 THEN RAISE EXCEPTION USING"
        f" MESSAGE = {_literal(guard.message)}, HINT = {_literal(guard.remedy)}; END IF; END"
    )
    tag = "$guard$"
    while tag in body:
        tag = f"{tag[:-1]}_$"
    return f"DO {tag}{body}{tag};"


def _literal(text: str) -> str:
    return sql.Literal(text).as_string(None)
