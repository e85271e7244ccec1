"""Check that what the seed's migration brought works together."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from weedgo.legacy import integration
from weedgo.management import arguments, findings
from weedgo.management.command import StagedCommand, require
from weedgo.staged.model import Finding, StagedError

# What the models are checked for; a migration from another source is checked without them.
OF_MODELS = ("django_tenants", "weedgo.tenancy", "audit", "ratelimit", "inventory")


class Command(StagedCommand):
    """``manage.py check_integration``."""

    help = (
        "Check that what the seed's migration brought works together: audit logging takes events, "
        "rate-limit rules and buckets work, tenancy holds on every tenant-owned table, the "
        "inventory columns work, and the planner uses the indexes for the queries that they were "
        "made for. With the models as source (the default), what is shared is checked, then each "
        "tenant. All that is written is rolled back. Run ANALYZE first: the planner goes by "
        "it.\n\n"
        "Exit status: 0 all checks hold, 1 some do not, 2 wrong arguments or an unsuitable server, "
        "130 Ctrl-C."
    )
    example = """
  python manage.py check_integration
  python manage.py check_integration --source postgresql://legacy@old:5432/weedgo
  python manage.py check_integration --source weedgo/legacy/legacy.sql \\
      --target postgresql://owner@db:5432/weedgo --json
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """Source, target and output."""
        arguments.add_source(parser)
        arguments.add_target(parser, what="the migrated database; what is written is rolled back")
        parser.add_argument(
            "--queries", type=Path, metavar="FILE.sql", default=integration.QUERIES,
            help="the queries that the indexes are for, each after a line «-- name: …» "
            "(default: the seed's)",
        )  # fmt: skip
        arguments.add_scope(parser)
        arguments.add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Check, then tell."""
        started = time.monotonic()
        found = _check(options)
        if options["json"]:
            self.print_json(findings.told(found, started))
        else:
            findings.tell(self, found, "integration checks", "Nothing to check.")
        self.leave(findings.exit_status(found))


def _check(options: dict[str, Any]) -> tuple[Finding, ...]:
    from weedgo.staged import db, sources, verify
    from weedgo.staged.records import new_run_id

    chosen = arguments.options(options)
    target = arguments.database(options["target"])
    try:
        queries = options["queries"].read_text(encoding="utf-8")
    except OSError as error:
        raise StagedError(f"cannot read {options['queries']}: {error.strerror}") from None
    if arguments.from_models(options):
        require(*OF_MODELS)
        from weedgo.management.models.integration import check
        from weedgo.management.models.way import wanted

        return check(target, wanted(target, chosen, arguments.scope(options)), queries)
    with closing(db.connect(target, application="weedgo check_integration")) as conn:
        db.check_writable(conn)
        sides = sources.both(options["source"], target, conn, chosen, new_run_id())
        _, changed = verify.objects_of_run(conn)
        new = integration.new_indexes(sides.source, changed)
        return integration.check(conn, sides.source, new, queries)
