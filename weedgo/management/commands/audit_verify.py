"""Verify the audit log."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from weedgo.management import values
from weedgo.management.auditing import AuditCommand


class Command(AuditCommand):
    """``manage.py audit_verify``."""

    help = (
        "Compare each entry of the audit log with its seal, each seal with the one before and with "
        "what was published, and say which row, seal or partition was changed, removed or added."
        "\n\nExit status: 0 all is as it was written, 1 something is not, 2 wrong arguments or an "
        "unsuitable server, 130 Ctrl-C."
    )
    example = """
  python manage.py audit_verify
  python manage.py audit_verify --published /mnt/elsewhere/seals.jsonl
  python manage.py audit_verify --last 60
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """What to compare with, and how much."""
        parser.add_argument(
            "--published", type=Path, metavar="FILE",
            help="the file that seals were published to (default: AUDIT_SEAL_FILE)",
        )  # fmt: skip
        parser.add_argument(
            "--last", type=values.number, metavar="N",
            help="look only at the rows of the latest N seals, and at those not sealed yet",
        )  # fmt: skip
        parser.add_argument(
            "--database",
            metavar="ALIAS",
            help="another of Django's databases (default: the owner's)",
        )
        super().add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Verify, then tell."""
        from django.db import connections

        from audit import jobs
        from audit.verification import verify

        using = options["database"] or jobs.connection().alias
        if using not in connections:
            known = ", ".join(connections)
            raise CommandError(f"there is no database {using!r}; there are {known}", returncode=2)
        verdict = verify(using, _published(options["published"]), options["last"])
        document = {
            "seals": verdict.seals, "rows": verdict.rows, "unsealed": verdict.unsealed,
            "published": verdict.published, "erased": verdict.erased,
            "findings": [vars(finding) for finding in verdict.findings],
        }  # fmt: skip
        lines = [f"  {f.kind}: {f.where}: {f.detail}" for f in verdict.findings]
        lines.append(
            f"{verdict.rows:,} entries, {verdict.seals:,} seals, {verdict.published:,} of them "
            f"compared with what was published, {verdict.unsealed:,} entries not sealed yet, "
            f"{verdict.erased:,} with erased fields: "
            + ("all is as it was written." if verdict.holds else "NOT as it was written.")
        )
        self.tell(options, "\n".join(lines), 0 if verdict.holds else 1, **document)


def _published(named: Path | None) -> Path | None:
    from audit.conf import setting

    if named is not None:
        if not named.is_file():
            raise CommandError(f"there is no file {named}", returncode=2)
        return named
    published = setting("AUDIT_SEAL_FILE")
    path = Path(published) if published else None
    return path if path and path.is_file() else None
