"""Export entries of the audit log."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from weedgo.management.auditing import AuditCommand, moment


class Command(AuditCommand):
    """``manage.py audit_export``."""

    help = (
        "Write entries of the audit log, oldest first, as CSV or lines of JSON. The export is "
        "itself recorded.\n\n"
        "Exit status: 0 written, 2 wrong arguments, an unsuitable server or file, 130 Ctrl-C."
    )
    example = """
  python manage.py audit_export --since 2026-01-01 --until 2026-02-01 january.jsonl.gz
  python manage.py audit_export --tenant green_leaf --format csv - | head
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to, which, and how."""
        parser.add_argument("file", metavar="FILE", help="- for standard output; .gz is compressed")
        parser.add_argument(
            "--format", choices=("csv", "jsonl"), help="default: by the file's name"
        )
        parser.add_argument("--since", type=moment, metavar="TIME", help="from this time on")
        parser.add_argument("--until", type=moment, metavar="TIME", help="before this time")
        parser.add_argument("--tenant", metavar="SCHEMA")
        parser.add_argument(
            "--type", dest="event_type", metavar="TYPE", help="such as login.denied"
        )
        parser.add_argument("--actor", dest="actor_id", metavar="ID", help="of a user")
        parser.add_argument("--table", dest="target_table", metavar="NAME")
        super().add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Write, then tell."""
        from audit import exporting, jobs

        names = ("since", "until", "tenant", "event_type", "actor_id", "target_table")
        selection = exporting.Selection(**{name: options[name] for name in names})
        path = Path(options["file"])
        form: exporting.Form = options["format"] or ("csv" if ".csv" in path.suffixes else "jsonl")
        if options["file"] == "-":
            for piece in exporting.stream(selection, form, jobs.connection().alias):
                sys.stdout.buffer.write(piece)
            sys.stdout.flush()
            return
        size = exporting.to_file(path, selection, form)
        self.tell(options, f"{path}: {size:,} bytes.", file=str(path), bytes=size)
