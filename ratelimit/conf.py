"""Settings of rate limits, with what they are where nobody set them."""

from __future__ import annotations

from typing import Any

DEFAULTS: dict[str, Any] = {
    "RATELIMIT_ENABLED": True,
    "RATELIMIT_DATABASE_URL": "",
    "RATELIMIT_POOL_SIZE": 8,
    "RATELIMIT_STATEMENT_TIMEOUT": 50,
    "RATELIMIT_LOCK_TIMEOUT": 20,
    "RATELIMIT_FAIL_POLICY": "open",
    "RATELIMIT_KEEP_DAYS": 30,
    "RATELIMIT_API_KEY_HEADER": "X-API-Key",
}


def setting(name: str) -> Any:
    """Return a setting of the project, or its default."""
    from django.conf import settings

    return getattr(settings, name, DEFAULTS[name])
