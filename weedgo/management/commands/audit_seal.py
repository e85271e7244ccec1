"""Seal the audit log."""

from __future__ import annotations

from typing import Any

from weedgo.management.auditing import AuditCommand


class Command(AuditCommand):
    """``manage.py audit_seal``."""

    help = (
        "Seal what was recorded since the last seal: its Merkle root is chained to that seal and "
        "published to AUDIT_SEAL_FILE. Run it each minute (`audit_worker` does).\n\n"
        "Exit status: 0 sealed, 1 another process is at it, 2 an unsuitable server or file, "
        "130 Ctrl-C."
    )
    example = """
  python manage.py audit_seal
"""

    def handle(self, *args: Any, **options: Any) -> None:
        """Seal, then tell."""
        from audit.seals import seal

        done = seal()
        text = f"Seal {done.last}: {done.rows:,} entries, root {done.root}."
        self.tell(options, text, seal=done.last, seals=done.seals, rows=done.rows, root=done.root)
