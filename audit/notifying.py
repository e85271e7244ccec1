"""Telling people of alerts, by e-mail and by webhook."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import urllib.request
from collections.abc import Callable
from functools import partial
from smtplib import SMTPException
from typing import Any

from django.core.mail import send_mail
from django.utils import timezone

from audit import jobs
from audit.conf import setting
from audit.models import AuditAlert

TIMEOUT = 10
logger = logging.getLogger(__name__)


def notify() -> int:
    """Tell of open alerts that nobody was told of yet, each once; return of how many.

    What cannot be sent is logged and tried again by the next run.
    """
    using = jobs.connection().alias
    told = 0
    alerts = AuditAlert.objects.using(using).filter(state="open", notified_at=None)
    for alert in alerts.order_by("id"):
        if False not in [_tried(send, alert) for send in _ways()]:
            AuditAlert.objects.using(using).filter(pk=alert.pk).update(notified_at=timezone.now())
            told += 1
    return told


def _ways() -> list[Callable[[AuditAlert], None]]:
    ways: list[Callable[[AuditAlert], None]] = []
    if setting("AUDIT_ALERT_EMAILS"):
        ways.append(_mail)
    return ways + [partial(_post, url) for url in setting("AUDIT_ALERT_WEBHOOKS")]


def _tried(send: Callable[[AuditAlert], None], alert: AuditAlert) -> bool:
    try:
        send(alert)
    except (OSError, SMTPException, ValueError) as error:
        logger.warning("alert %s could not be sent: %s", alert.pk, type(error).__name__)
        return False
    return True


def _mail(alert: AuditAlert) -> None:
    subject = f"[{alert.get_severity_display()}] {alert.rule_key}"
    lines = [f"{name}: {value}" for name, value in document(alert).items()]
    send_mail(subject, "\n".join(lines), None, setting("AUDIT_ALERT_EMAILS"))


def _post(url: str, alert: AuditAlert) -> None:
    if not url.startswith(("https://", "http://")):
        raise ValueError("a webhook's address begins with https://")
    body = json.dumps(document(alert)).encode()
    headers = {"Content-Type": "application/json", "User-Agent": "weedgo-audit"}
    if setting("AUDIT_WEBHOOK_SECRET"):
        key = setting("AUDIT_WEBHOOK_SECRET").encode()
        headers["X-WeedGo-Signature"] = "sha256=" + hmac.new(key, body, hashlib.sha256).hexdigest()
    request = urllib.request.Request(url, data=body, headers=headers)  # noqa: S310 - see above
    with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310
        answer.read(1)


def document(alert: AuditAlert) -> dict[str, Any]:
    """Return what is told of an alert: no names and no addresses beyond its dedup key."""
    return {
        "id": alert.pk,
        "rule": alert.rule_key,
        "key": alert.dedup_key,
        "severity": alert.severity,
        "tenant": alert.tenant,
        "first_seen": alert.first_seen_at.isoformat(),
        "last_seen": alert.last_seen_at.isoformat(),
        "occurrences": alert.occurrences,
        "entries": alert.sample_ids,
    }
