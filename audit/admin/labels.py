"""Colours of words in the audit log's admin."""

from audit.models import AuditAlert, Outcome, Severity

SEVERITY_LABELS = {
    Severity.DEBUG.label: "default",
    Severity.INFO.label: "info",
    Severity.NOTICE.label: "info",
    Severity.WARNING.label: "warning",
    Severity.ERROR.label: "danger",
    Severity.CRITICAL.label: "danger",
}
OUTCOME_LABELS = {
    Outcome.SUCCESS.label: "success",
    Outcome.FAILURE.label: "danger",
    Outcome.DENIED.label: "warning",
}
STATE_LABELS = {
    AuditAlert.State.OPEN.label: "danger",
    AuditAlert.State.ACKNOWLEDGED.label: "warning",
    AuditAlert.State.SNOOZED.label: "info",
    AuditAlert.State.RESOLVED.label: "success",
}
