"""What a status looks like."""

STATUS = {
    "paid": "success", "succeeded": "success", "won": "success", "matched": "success",
    "closed": "success", "pending": "warning", "sent": "warning", "unknown": "danger",
    "late": "danger", "declined": "info", "not_sent": "info", "refunded": "info", "open": "warning",
    "submitted": "info", "lost": "danger", "exception": "danger", "unmatched": "warning",
    "half_open": "warning",
}  # fmt: skip
