"""Check that tracked tables are tracked."""

from __future__ import annotations

from typing import Any

from weedgo.management.auditing import AuditCommand


class Command(AuditCommand):
    """``manage.py audit_coverage``."""

    help = (
        "Check every trigger and function of the audit log, in each schema: missing, disabled, "
        "altered, or silenced by replica mode.\n\n"
        "Exit status: 0 no gap, 1 gaps, 2 an unsuitable server, 130 Ctrl-C."
    )
    example = """
  python manage.py audit_coverage
"""

    def handle(self, *args: Any, **options: Any) -> None:
        """Check, then tell."""
        from audit.coverage import check

        gaps = check()
        lines = [f"  {gap.where}: {gap.detail}" for gap in gaps]
        lines.append(f"{len(gaps)} gaps." if gaps else "Every tracked table is tracked.")
        self.tell(options, "\n".join(lines), 1 if gaps else 0, gaps=[vars(gap) for gap in gaps])
