"""Make a tenant of tables that stand already."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import CommandError, CommandParser

from weedgo.management import arguments, screen
from weedgo.management.command import StagedCommand
from weedgo.management.commands.create_tenant import domain, schema
from weedgo.staged.model import Report, Status

if TYPE_CHECKING:
    from weedgo.management.models.adoption import Adoption

DONE = (Status.DONE, Status.SKIPPED)


class Command(StagedCommand):
    """``manage.py adopt_tenant``."""

    help = (
        "Make the first tenant of a database that knew none: the tables of a schema, but for the "
        "shared ones, move into the tenant's own (ALTER TABLE … SET SCHEMA, which rewrites "
        "nothing) and are then brought to the models, object by object. Rows are kept; their "
        "tenant_id becomes the tenant's, and where a column must not be NULL they get its default "
        "or what --backfill says. Functions and types stay where they are.\n\n"
        "Registration and move are one transaction. What the migration after it cannot do is "
        "named; mend it and run migrate_staged --tenants NAME.\n\n"
        "Exit status: 0 the tenant is as the models want it, 1 it stands but something is not "
        "done, 2 wrong arguments or nothing to adopt; nothing was changed, 130 Ctrl-C."
    )
    example = """
  # what would move and what would stay; changes nothing
  python manage.py adopt_tenant green_leaf --from public --domain greenleaf.example.org --dry-run

  python manage.py adopt_tenant green_leaf --from public --domain greenleaf.example.org
"""
    needs = ("django_tenants", "weedgo.tenancy")

    def add_arguments(self, parser: CommandParser) -> None:
        """Name, source, domain and output."""
        parser.add_argument("name", type=schema, metavar="NAME", help="name of its schema to be")
        parser.add_argument(
            "--from", dest="source", required=True, metavar="SCHEMA", help="where its tables are"
        )
        parser.add_argument(
            "--domain", required=True, type=domain, metavar="HOST", help="host name of its site"
        )
        parser.add_argument(
            "--title", default="", metavar="TEXT", help="what people call it (default: from NAME)"
        )
        parser.add_argument(
            "--merge",
            action="store_true",
            help="make one tenant of rows that name several in tenant_id; refused without it",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="show the statements, change nothing"
        )
        parser.add_argument(
            "--backfill",
            type=Path,
            metavar="FILE",
            help="TOML file of the values that rows get where a column must not be NULL and has "
            "no default, as for migrate_staged",
        )
        arguments.add_rewriting(parser)
        arguments.add_online(parser)
        arguments.add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Look, and unless it is a dry run, adopt."""
        from weedgo.management.models import adoption
        from weedgo.management.models.tenants import NewTenant

        title = options["title"].strip() or options["name"].replace("_", " ").title()
        new = NewTenant(options["name"], title, options["domain"])
        if options["source"] == options["name"]:
            raise CommandError("--from and NAME are one schema; choose another NAME", returncode=2)
        chosen = arguments.options(options)
        self._schema = new.schema
        report: Report | None = None
        with screen.progress(self, options) as listen:
            found = adoption.look(new, options["source"], chosen, listen)
            if len(found.ids) > 1 and not options["merge"]:
                raise CommandError(
                    f"rows of {options['source']} name {len(found.ids)} tenants in tenant_id "
                    f"({', '.join(map(str, found.ids[:5]))}…); --merge makes one of them",
                    returncode=2,
                )
            if not options["dry_run"]:
                _, report = adoption.adopt(new, found, chosen, listen)
        if options["json"]:
            self._document(new.schema, found, report)
        elif report is None:
            self._show(found)
        else:
            tables = sum(kind in "rp" for _, kind in found.moving)
            self.say(f"{title} has {tables} tables of {options['source']} in schema {new.schema}.")
            screen.tell(self, report, chosen, {**options, "target": ""})
        self.leave(report.exit if report else 0)

    def again(self, *without: str) -> str:
        """What does the rest: the tables have moved."""
        words = ["python", "manage.py", "migrate_staged", "--tenants", self._schema]
        return " ".join(words)

    def _show(self, found: Adoption) -> None:
        for statement in found.statements:
            self.say(f"{statement};")
        self.say(
            f"Would move {len(found.moving)} relations; {len(found.staying)} shared ones stay. "
            f"tenant_id is set in {len(found.owned) + len(found.lacking)} tables. "
            "Nothing was changed."
        )

    def _document(self, name: str, found: Adoption, report: Report | None) -> None:
        left = [r for r in report.results if r.status not in DONE] if report else []
        status = "planned" if report is None else "incomplete" if report.exit else "adopted"
        self.print_json({
            "version": 1, "status": status, "exit": report.exit if report else 0, "schema": name,
            "moving": [relation for relation, _ in found.moving], "staying": found.staying,
            "tenant_ids": found.ids, "statements": found.statements,
            "not_done": [
                {"object": str(r.step.main.id), "status": r.status.value, "message": r.message,
                 "remedy": r.remedy}
                for r in left
            ],
        })  # fmt: skip
