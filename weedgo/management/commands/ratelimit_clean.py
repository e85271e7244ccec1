"""Tidying up what rate limits leave."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import psycopg
from django.core.management.base import CommandError, CommandParser

from ratelimit.conf import setting
from weedgo import project
from weedgo.management import arguments
from weedgo.management.command import StagedCommand


class Command(StagedCommand):
    """``manage.py ratelimit_clean``."""

    help = (
        "Delete full buckets, make the partitions of violations for the days to come, and drop "
        "those that are too old. Workers do the same once an hour.\n\n"
        "Exit status: 0 done, or another process is at it; 2 an unsuitable server."
    )
    example = """
  python manage.py ratelimit_clean
  python manage.py ratelimit_clean --keep-days 7
"""
    needs = ("ratelimit",)

    def add_arguments(self, parser: CommandParser) -> None:
        """How much to keep."""
        parser.add_argument(
            "--keep-days", type=int, default=setting("RATELIMIT_KEEP_DAYS"), metavar="N",
            help="whole days of violations (default: RATELIMIT_KEEP_DAYS)",
        )  # fmt: skip
        arguments.add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Tidy, then tell."""
        from ratelimit.cleaning import tidy
        from weedgo.databases import url_of

        if options["keep_days"] < 1:
            raise CommandError("violations are kept for at least one day", returncode=2)
        with psycopg.connect(url_of(project.owner()), autocommit=True) as connection:
            done = tidy(connection, options["keep_days"])
        if options["json"]:
            self.print_json({"version": 1, "status": "done", "exit": 0, **asdict(done)})
        elif not done.alone:
            self.say("Another process is at it.")
        else:
            self.say(
                f"{done.buckets:,} full buckets deleted, {len(done.partitions)} partitions made, "
                f"{len(done.dropped)} dropped."
            )
