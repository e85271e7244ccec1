"""What `migrate_staged` has to be asked for to do again what a run left."""

from __future__ import annotations

import re
from typing import Any

from weedgo.console.models import Run, Step

# Names that a pattern of objects means as they stand.
_PLAIN = re.compile(r"[\w.$]+")
_TIMES = ("lock_timeout", "statement_timeout", "wait_timeout")


class NotRetriedError(Exception):
    """A run cannot be carried on from the admin; the message says why, and what helps."""


def command_of_run(run: Run) -> list[str]:
    """Return the command that does all that a run left.

    Raises:
        NotRetriedError: the journal does not hold all that it was asked for.
    """
    options: dict[str, Any] = run.options
    _refuse(run, options)
    return ["migrate_staged", "--source", run.source, *_scope(options), *_manner(options)]


def command_of_step(step: Step) -> list[str]:
    """Return the command that does one step again, as narrow as it can be asked for.

    Raises:
        NotRetriedError: the step is not one to be done again, or as for a run.
    """
    run = step.run
    options: dict[str, Any] = run.options
    _refuse(run, options)
    if step.status not in Step.OPEN:
        raise NotRetriedError(
            f"this step is {step.status}; only steps that failed, were refused, wait or were "
            "interrupted are retried"
        )
    made = ["migrate_staged", "--source", run.source, "--stage", str(step.stage)]
    relation = f"{step.schema}.{step.parent or step.name}"
    if step.schema and _PLAIN.fullmatch(relation):
        made += ["--schema", relation]
    return made + _manner(options)


def _refuse(run: Run, options: dict[str, Any]) -> None:
    if run.status == Run.Status.RUNNING:
        raise NotRetriedError("this run is still going on; wait for its end")
    for name, meaning in (("backfills", "--backfill"), ("renames", "--rename")):
        if options.get(name):
            raise NotRetriedError(
                f"this run had {meaning} FILE, which the journal does not hold; run "
                "migrate_staged again from the terminal, with the same file"
            )


def _scope(options: dict[str, Any]) -> list[str]:
    made: list[str] = []
    for pattern in options.get("schemas", ()):
        made += ["--schema", pattern]
    stages = sorted(options.get("stages", ()))
    if stages and len(stages) <= stages[-1] - stages[0] + 1 < 11:
        made += ["--stage", f"{stages[0]}-{stages[-1]}"]
    return made


def _manner(options: dict[str, Any]) -> list[str]:
    made: list[str] = []
    for pattern in options.get("excludes", ()):
        made += ["--exclude", pattern]
    if options.get("drop", "keep") != "keep":
        made += ["--drop", options["drop"]]
    for name, flag in (("owners", "--no-owner"), ("privileges", "--no-privileges")):
        if options.get(name) is False:
            made.append(flag)
    for theirs, ours in options.get("role_map", {}).items():
        made += ["--role-map", f"{theirs}={ours}"]
    if options.get("allow_rewrite"):
        made.append("--allow-rewrite")
    for name in _TIMES:
        if options.get(name):
            made += [f"--{name.replace('_', '-')}", f"{round(options[name] * 1000)}ms"]
    return made
