"""Settings of the audit log, with what they are where nobody set them."""

from __future__ import annotations

from typing import Any

from weedgo import project

DEFAULTS: dict[str, Any] = {
    "AUDIT_REQUESTS": "writes",
    "AUDIT_TRUSTED_PROXIES": (),
    "AUDIT_KEEP_MONTHS": 0,
    "AUDIT_ALERT_EMAILS": (),
    "AUDIT_ALERT_WEBHOOKS": (),
    "AUDIT_WEBHOOK_SECRET": "",
}


def setting(name: str) -> Any:
    """Return a setting of the project, or its default."""
    from django.conf import settings

    if name == "AUDIT_SEAL_FILE":
        return getattr(settings, name, str(project.folder() / "audit" / "seals.jsonl"))
    return getattr(settings, name, DEFAULTS[name])
