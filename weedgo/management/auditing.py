"""What the commands of the audit log share."""

from __future__ import annotations

import datetime as dt
from argparse import ArgumentTypeError
from typing import Any

from django.core.management.base import CommandError, CommandParser

from weedgo.management import arguments
from weedgo.management.command import StagedCommand

BUSY = 1


class AuditCommand(StagedCommand):
    """A command on the audit log, as the owner of its tables."""

    needs = ("audit",)

    def add_arguments(self, parser: CommandParser) -> None:
        """Output only."""
        arguments.add_json(parser)

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run, with a job that another process does told as such.

        Raises:
            CommandError: also if a file cannot be written.
        """
        from audit.jobs import BusyError

        try:
            return super().execute(*args, **options)
        except BusyError as error:
            raise CommandError(str(error), returncode=BUSY) from error
        except OSError as error:
            if isinstance(error, BrokenPipeError):
                raise
            raise CommandError(f"{error.strerror}: {error.filename}", returncode=2) from error

    def tell(self, options: dict[str, Any], text: str, status: int = 0, **document: Any) -> None:
        """Print a line, or with --json the document, and end with the status."""
        if options["json"]:
            state = "done" if status == 0 else "failed"
            self.print_json({"version": 1, "status": state, "exit": status, **document})
        else:
            self.say(text)
        self.leave(status)


def moment(text: str) -> dt.datetime:
    """A day or a time as ISO 8601 writes it; without a zone, the site's.

    Raises:
        ArgumentTypeError: it is none.
    """
    from django.utils import timezone

    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(
            f"{text!r} is no time; write for example 2026-01-31 or 2026-01-31T12:00"
        ) from None
    return found if found.tzinfo else timezone.make_aware(found)
