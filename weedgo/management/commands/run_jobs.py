"""Do what operators asked for in the admin."""

from __future__ import annotations

import io
import json
import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.core.management import call_command
from django.core.management.base import CommandError, CommandParser

from weedgo.management import arguments
from weedgo.management.command import StagedCommand
from weedgo.staged import db
from weedgo.staged.report import words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from weedgo.console.models import Job


class Command(StagedCommand):
    """``manage.py run_jobs``."""

    help = (
        "Do what operators asked for in the admin and what waits: comparisons of all schemas with "
        "the models, and retries of migrations. The site starts this by itself; where it may not "
        "migrate (CONSOLE_START_JOBS=0), run it every minute where MIGRATION_DATABASE_URL is "
        "known. Of two at once, each job is done by one.\n\n"
        "Exit status: 0 all that waited is done, 1 a job failed, 2 wrong arguments or an "
        "unsuitable server, 130 Ctrl-C."
    )
    example = """
  python manage.py run_jobs
  python manage.py run_jobs --json
"""
    needs = ("django_tenants", "weedgo.console")

    def add_arguments(self, parser: CommandParser) -> None:
        """Output."""
        arguments.add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Take jobs until none waits."""
        from django.db import connection

        from weedgo.console import jobs

        started = time.monotonic()
        connection.set_schema_to_public()  # type: ignore[attr-defined]
        jobs.settle()
        ended = []
        while (job := jobs.waiting()) is not None:
            if not jobs.take(job):
                break
            ended.append(_done(job))
            if not options["json"]:
                one = ended[-1]
                self.say(f"{one['command']}: exit status {one['exit']} {one['message']}".rstrip())
        failed = [one for one in ended if one["exit"] not in (0, 1)]
        if options["json"]:
            document = {"version": 1, "status": "failed" if failed else "done", "jobs": ended}
            seconds = round(time.monotonic() - started, 3)
            self.print_json(document | {"exit": int(bool(failed)), "seconds": seconds})
        elif not ended:
            self.say("No job waits.")
        self.leave(int(bool(failed)))


def _done(job: Job) -> dict[str, Any]:
    """Do a job and keep what came of it, whatever that is."""
    from weedgo.console import jobs

    printed, message = io.StringIO(), ""
    exit_status = 0
    try:
        with _in_the_name_of(job):
            call_command(*_with_secrets(job.command), "--json", stdout=printed)
    except SystemExit as ended:
        exit_status = int(ended.code or 0)
    except CommandError as error:
        exit_status, message = error.returncode, words.line(words.redact(str(error)))
    except Exception as error:  # noqa: BLE001 - the operator is told, and the next job waits
        exit_status, message = 2, words.line(words.redact(f"{type(error).__name__}: {error}"))
    jobs.finish(job, exit_status, _document(printed.getvalue()), message)
    return {"command": " ".join(job.command), "exit": exit_status, "message": message}


@contextmanager
def _in_the_name_of(job: Job) -> Iterator[None]:
    """The journal says who asked."""
    who = job.requested_by.get_username() if job.requested_by else "somebody"
    before = os.environ.get("RUN_BY")
    os.environ["RUN_BY"] = f"{who} (admin)"
    try:
        yield
    finally:
        if before is None:
            del os.environ["RUN_BY"]
        else:
            os.environ["RUN_BY"] = before


def _with_secrets(command: list[str]) -> list[str]:
    """The legacy database's own URL for what the journal holds of it, which is no password."""
    from django.conf import settings

    legacy = settings.LEGACY_DATABASE_URL
    known = db.describe(legacy) if legacy else ""
    return [legacy if known and word == known else word for word in command]


def _document(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
