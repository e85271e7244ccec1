"""Look for what deserves an alert."""

from __future__ import annotations

from typing import Any

from weedgo.management.auditing import AuditCommand


class Command(AuditCommand):
    """``manage.py audit_alerts``."""

    help = (
        "Look at the audit log by the rules of alerts, raise what is found, and tell by e-mail and "
        "webhook of alerts that nobody was told of yet.\n\n"
        "Exit status: 0 done, 1 another process is at it, 2 an unsuitable server, 130 Ctrl-C."
    )
    example = """
  python manage.py audit_alerts
"""

    def handle(self, *args: Any, **options: Any) -> None:
        """Look, tell people, then tell the caller."""
        from audit.alerts import evaluate
        from audit.notifying import notify

        found = evaluate()
        told = notify()
        lines = [f"  {a.get_severity_display()}: {a} ({a.occurrences:,} times)" for a in found]
        lines.append(f"{len(found)} alerts raised or gone on; {told} told.")
        alerts = [{"id": a.pk, "rule": a.rule_key, "key": a.dedup_key} for a in found]
        self.tell(options, "\n".join(lines), alerts=alerts, told=told)
