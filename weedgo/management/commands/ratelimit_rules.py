"""Rate limits as a file, and from one."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from weedgo.management import arguments
from weedgo.management.command import StagedCommand


class Command(StagedCommand):
    """``manage.py ratelimit_rules``."""

    help = (
        "Write the rules of rate limits as TOML, or make them what a file says, so that they can "
        "live in a repository.\n\n"
        "An import is all or nothing; running workers have it within seconds. Exit status: 0 done, "
        "2 a file that is wrong, or an unsuitable server: nothing was changed."
    )
    example = """
  python manage.py ratelimit_rules export > rules.toml
  python manage.py ratelimit_rules import rules.toml --dry-run
  python manage.py ratelimit_rules import rules.toml --prune
"""
    needs = ("ratelimit",)

    def add_arguments(self, parser: CommandParser) -> None:
        """What to do, with which file."""
        parser.add_argument("action", choices=["export", "import"])
        parser.add_argument(
            "file",
            nargs="?",
            default="-",
            metavar="FILE",
            help="default -: standard output or input",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="import: only tell what would change"
        )
        parser.add_argument(
            "--prune", action="store_true", help="import: delete rules that the file does not name"
        )
        arguments.add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Export or import."""
        from ratelimit import exchange

        try:
            if options["action"] == "export":
                self._export(exchange.export_rules(), options)
            else:
                text = _read(options["file"])
                changes = exchange.import_rules(
                    text, prune=options["prune"], dry_run=options["dry_run"]
                )
                self._tell(asdict(changes), options)
        except exchange.RulesFileError as error:
            raise CommandError(str(error), returncode=2) from None
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{options['file']}: {error}", returncode=2) from None

    def _export(self, text: str, options: dict[str, Any]) -> None:
        if options["json"]:
            self.print_json({"version": 1, "status": "exported", "exit": 0, "toml": text})
        elif options["file"] == "-":
            self.say(text.rstrip("\n"))
        else:
            Path(options["file"]).write_text(text, encoding="utf-8")

    def _tell(self, changes: dict[str, tuple[str, ...]], options: dict[str, Any]) -> None:
        if options["json"]:
            status = "planned" if options["dry_run"] else "imported"
            self.print_json({"version": 1, "status": status, "exit": 0, **changes})
            return
        would = "would be " if options["dry_run"] else ""
        for kind in ("made", "changed", "deleted"):
            for name in changes[kind]:
                self.say(f"{name}: {would}{kind}")
        same = len(changes["same"])
        self.say(f"{same} {'rule was' if same == 1 else 'rules were'} as the file says before.")


def _read(file: str) -> str:
    return sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
