#!/usr/bin/env python
"""Run a management command; a user's mistake ends with one line, not with a traceback."""

import os
import sys

SETTINGS = "weedgo.settings"
# What these compare or change may be databases that have nothing to do with the site's.
SOURCED = ("migrate_staged", "compare_schemas", "validate_migration")
UNSOURCED = ("rollback_staged", "database_stats")


def settings(arguments: list[str]) -> str:
    """Name the settings module: without the site's apps where only URLs are spoken of."""
    command, given = (arguments[1:2] or [""])[0], {}
    for place, word in enumerate(arguments):
        name, equals, value = word.partition("=")
        given[name] = value if equals else (arguments[place + 1 : place + 2] or [""])[0]
    source, target = given.get("--source", ""), given.get("--target", "")
    foreign = target.startswith(("postgresql://", "postgres://"))
    sourced = source.startswith(("postgresql://", "postgres://")) or source.endswith(".sql")
    if foreign and (command in UNSOURCED or (command in SOURCED and sourced)):
        return "weedgo.engine_settings"
    return SETTINGS


def main() -> None:
    """Run the command that the arguments name."""
    if os.environ.get("DJANGO_SETTINGS_MODULE", SETTINGS) == SETTINGS:
        os.environ["DJANGO_SETTINGS_MODULE"] = settings(sys.argv)
    try:
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import execute_from_command_line
        from django.db.utils import OperationalError

        from weedgo.embedded import EmbeddedError
        from weedgo.tenancy.backend.activation import be_platform
    except ImportError as error:
        sys.exit(f"{error}. Run `make setup` first, or use .venv/bin/python.")
    # Whoever runs commands here is an operator.
    be_platform()
    try:
        execute_from_command_line(sys.argv)
    except (EmbeddedError, ImproperlyConfigured, OperationalError) as error:
        if "--traceback" in sys.argv:
            raise
        print(" ".join(str(error).split()), file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
