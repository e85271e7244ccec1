"""The app of rate limits."""

from django.apps import AppConfig


class RateLimitConfig(AppConfig):
    """Rules, buckets and violations; all shared, in the schema `public`."""

    name = "ratelimit"
    verbose_name = "Rate limits"
    default_auto_field = "django.db.models.BigAutoField"
