"""What the commands of the migration engine share: one line for a mistake, JSON, exit statuses.

Exit statuses: 0 done, 1 something asked for is not done, 2 wrong arguments or an unsuitable
server, 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import shlex
import sys
from typing import Any, NoReturn

from django.core.management.base import (
    BaseCommand,
    CommandError,
    CommandParser,
    DjangoHelpFormatter,
    handle_default_options,
)

from weedgo import embedded
from weedgo.databases import DatabaseUrlError
from weedgo.embedded import EmbeddedError
from weedgo.staged.model import StagedError
from weedgo.staged.report import words
from weedgo.tenancy.citus import CitusError

INTERRUPTED = 130
# Packages that not every installation has, and the extra that brings them.
EXTRAS = {"factory": "factories", "stripe": "stripe", "rest_framework": "drf"}


class HelpFormatter(DjangoHelpFormatter):
    """Django's, but it keeps paragraphs apart and leaves the lines of examples as they are."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        if "\n  " in text:
            return text
        paragraphs = text.split("\n\n")
        return "\n\n".join(
            super(HelpFormatter, self)._fill_text(p, width, indent) for p in paragraphs
        )


class StagedCommand(BaseCommand):
    """A command whose every end has its exit status, its line, and with --json its document.

    A subclass sets ``help`` and ``example`` and writes ``handle``, which ends with ``leave``.
    What it is about may not be installed in every project: it names those apps in ``needs``.
    """

    # Two URLs must do without Django's databases, and a broken model must not stop a migration.
    requires_system_checks = ()
    example = ""
    typed: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """The command's parser, which tells a mistake in one line and shows the examples."""
        epilog = f"examples:\n{self.example.strip(chr(10))}" if self.example else None
        parser = super().create_parser(
            prog_name, subcommand, formatter_class=HelpFormatter, epilog=epilog, **kwargs
        )
        parser.error = _mistake  # type: ignore[method-assign]
        return parser

    def run_from_argv(self, argv: list[str]) -> None:
        """Run as from the shell and end the process with the exit status."""
        self._called_from_command_line = True
        self.typed = tuple(argv[1:])
        for stream in (sys.stdout, sys.stderr):
            # A name that the terminal's encoding lacks must not end a migration.
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="replace")
        try:
            self._run(argv)
        except CommandError as error:
            if "--traceback" in argv:
                raise
            self._fail(str(error), error.returncode)
        except KeyboardInterrupt:
            self._fail(self.interrupted(), INTERRUPTED)
        except BrokenPipeError:
            _nobody_reads()
            sys.exit(1)

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run, with what a user can mend told as such.

        Raises:
            CommandError: wrong arguments, or a server that cannot be used.
        """
        import psycopg
        from django.db.utils import DatabaseError

        require(*self.needs)
        try:
            for side in ("source", "target"):
                if options.get(side):
                    embedded.wake(options[side])
            return super().execute(*args, **options)
        except (StagedError, EmbeddedError, CitusError, DatabaseUrlError) as error:
            raise CommandError(str(error), returncode=2) from error
        except ModuleNotFoundError as error:
            raise _missing(error) from error
        except (psycopg.Error, DatabaseError) as error:
            raise CommandError(_server_error(error.__cause__ or error), returncode=2) from error

    def leave(self, status: int) -> None:
        """End with a status; nothing happens for 0."""
        if status:
            sys.exit(status)

    def print_json(self, document: dict[str, Any]) -> None:
        """Print the one document that --json promises."""
        unicode = (getattr(sys.stdout, "encoding", "") or "").lower().startswith("utf")
        self.say(json.dumps(document, indent=2, ensure_ascii=not unicode, default=str))

    def say(self, text: str) -> None:
        """Print, whether anybody still reads it or not: the exit status tells how it went."""
        try:
            self.stdout.write(text)
            self.stdout.flush()
        except BrokenPipeError:
            _nobody_reads()

    def failure(self, message: str, status: int) -> dict[str, Any]:
        """The document of a command that could not do its work."""
        return {"version": 1, "status": "error", "exit": status, "message": message}

    def interrupted(self) -> str:
        """What to say after Ctrl-C."""
        return "stopped by Ctrl-C"

    def _run(self, argv: list[str]) -> None:
        from django.db import connections

        options = vars(self.create_parser(argv[0], argv[1]).parse_args(argv[2:]))
        # argparse keeps no room for --settings and --pythonpath until Django has acted on them.
        handle_default_options(argparse.Namespace(**options))
        try:
            self.execute(*options.pop("args", ()), **options)
        finally:
            connections.close_all()

    def _fail(self, message: str, status: int) -> NoReturn:
        message = words.line(words.redact(message))
        if "--json" in self.typed:
            self.print_json(self.failure(message, status))
        self.stderr.write(f"{self.typed[0]}: {message}")
        sys.exit(status)

    def again(self, *without: str) -> str:
        """The command as it was typed, without passwords and without some of its arguments."""
        kept = [words.redact(word) for word in self.typed if word not in without]
        return shlex.join(["python", "manage.py", *kept]) if kept else ""


def require(*names: str) -> None:
    """See that apps are installed.

    Raises:
        CommandError: some are not; they are named.
    """
    from django.apps import apps

    lacking = [name for name in names if not apps.is_installed(name)]
    if lacking:
        raise CommandError(
            f"{' and '.join(lacking)} {'is' if len(lacking) == 1 else 'are'} not in INSTALLED_APPS;"
            " docs/how-to/use-in-your-project.md says how",
            returncode=2,
        )


def _nobody_reads() -> None:
    """The reader went away (`| head`); Python would complain once more while it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _mistake(message: str) -> NoReturn:
    raise CommandError(f"{message}; see --help", returncode=2)


def _missing(error: ModuleNotFoundError) -> Exception:
    extra = EXTRAS.get((error.name or "").partition(".")[0])
    if extra is None:
        return error
    return CommandError(
        f"{error.name} is not installed: pip install 'weedgo[{extra}]'", returncode=2
    )


def _server_error(error: BaseException) -> str:
    state = getattr(error, "sqlstate", None)
    said = str(error) or type(error).__name__
    told = f"{said} (SQLSTATE {state})" if state else said
    return f"{told}; grant what is missing, or run as the owner" if state == "42501" else told
