#!/usr/bin/env python
"""Run a management command; a user's mistake ends with one line, not with a traceback."""

import os
import sys


def main() -> None:
    """Run the command that the arguments name."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "weedgo.settings")
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
