"""Settings, all by environment; nothing set is a working development project.

`DATABASE_URL` is the application's role and `MIGRATION_DATABASE_URL` the owner's, who migrates;
without the latter one role does both, and does not keep tenants apart (docs/concepts/isolation.md).
Unset, they mean the embedded PostgreSQL 18 with a role for each, and `LEGACY_DATABASE_URL` the
embedded 16; see `weedgo.embedded`. A file `.env` beside `manage.py` is
read first, where there is one.
"""

from __future__ import annotations

import os
import warnings
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key

from weedgo import databases

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = BASE_DIR / "var"

env = environ.Env()
env.read_env(BASE_DIR / ".env")


def _persistent_secret_key(path: Path) -> str:
    """Return the key kept in a private file, made on first use, or one for this process only."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return path.read_text() or get_random_secret_key()
        key = get_random_secret_key()
        with os.fdopen(descriptor, "w") as file:
            file.write(key)
        return key
    except OSError:
        return get_random_secret_key()


# --- security ---------------------------------------------------------------

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="") or _persistent_secret_key(VAR / "secret_key")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", ".localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# Behind TLS, which a development server has not.
HTTPS = env.bool("HTTPS", default=False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=3600 if HTTPS else 0)
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

AUTH_USER_MODEL = "tenancy.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

# --- databases --------------------------------------------------------------

LEGACY_DATABASE_URL = env.str("LEGACY_DATABASE_URL", default="")
_application = env.str("DATABASE_URL", default="")
_owner = env.str("MIGRATION_DATABASE_URL", default="")
try:
    DATABASES = {
        "default": databases.from_url(_application, "DATABASE_URL"),
        "owner": databases.from_url(_owner or _application, "MIGRATION_DATABASE_URL", owner=True),
    }
except databases.DatabaseUrlError as error:
    raise ImproperlyConfigured(str(error)) from None
# Tests have one database, whichever alias they use.
DATABASES["owner"]["TEST"] = {"MIRROR": "default"}
# With one role there is no reason to migrate on a second connection.
MIGRATION_ALIAS = "owner" if _owner or not _application else "default"
# Whether new tenants get a node of their own where the database is on a Citus cluster.
WEEDGO_CITUS = env.bool("WEEDGO_CITUS", default=True)
# Connections that outlive requests: a pool of so many, each reset before the next request.
if _pool := env.int("DATABASE_POOL", default=0):
    DATABASES["default"].setdefault("OPTIONS", {})["pool"] = {"min_size": 1, "max_size": _pool}
# DATABASE_URL is pgbouncer's, or another's, that gives each transaction any session.
if env.bool("TRANSACTION_POOLER", default=False):
    DATABASES["default"] |= {"TRANSACTION_POOLER": True, "DISABLE_SERVER_SIDE_CURSORS": True}
# Events go by a connection of their own, so that they outlive a transaction that is rolled back.
DATABASES["audit"] = {**DATABASES["default"], "TEST": {"MIRROR": "default"}}
# Each tenant's requests have a session of its own log-in, which cannot become another's.
if env.bool("TENANT_LOGINS", default=False):
    DATABASES["default"] |= {"TENANT_LOGINS": True, "CONN_MAX_AGE": env.int("CONN_MAX_AGE", 60)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- tenants ----------------------------------------------------------------

TENANT_MODEL = "tenancy.Tenant"
TENANT_DOMAIN_MODEL = "tenancy.Domain"
TENANT_SYNC_ROUTER = "weedgo.tenancy.routers.TenancyRouter"
DATABASE_ROUTERS = [TENANT_SYNC_ROUTER]
# A developer without registered domains still sees the platform's admin.
SHOW_PUBLIC_IF_NO_TENANT_FOUND = DEBUG

# In `public`, for all tenants. The order matters:
# - unfold before all that has admin templates, or its sidebar breaks;
# - pgtrigger before weedgo, whose ready() takes over what pgtrigger patched;
# - tenancy before django_tenants, whose commands it refines.
SHARED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "pgtrigger",
    "weedgo",
    "weedgo.tenancy",
    "audit",
    "weedgo.tracked",
    "ratelimit",
    "weedgo.console",
    "django_tenants",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "django.contrib.admin",
]
# In each tenant's schema.
TENANT_APPS = ["pgtrigger", "weedgo.store", "inventory", "payments", "weedgo.checkout"]
INSTALLED_APPS = [*SHARED_APPS, *(app for app in TENANT_APPS if app not in SHARED_APPS)]

# --- inventory ---------------------------------------------------------------

# Whether a month is closed only if each place that holds stock was counted in it (AGCO).
INVENTORY_MONTHLY_COUNT = env.bool("INVENTORY_MONTHLY_COUNT", default=False)

# --- rate limits --------------------------------------------------------------

RATELIMIT_ENABLED = env.bool("RATELIMIT_ENABLED", default=True)
# Limits have a pool of their own; behind a transaction pooler, give them the server itself.
RATELIMIT_DATABASE_URL = env.str("RATELIMIT_DATABASE_URL", default="")
RATELIMIT_POOL_SIZE = env.int("RATELIMIT_POOL_SIZE", default=8)
# Milliseconds that a call may wait for an answer, and for others who want the same bucket.
RATELIMIT_STATEMENT_TIMEOUT = env.int("RATELIMIT_STATEMENT_TIMEOUT", default=50)
RATELIMIT_LOCK_TIMEOUT = env.int("RATELIMIT_LOCK_TIMEOUT", default=20)
# Whether calls pass (open) or not (closed) before a process could read any rule.
RATELIMIT_FAIL_POLICY = env.str("RATELIMIT_FAIL_POLICY", default="open")
# Days that violations are kept.
RATELIMIT_KEEP_DAYS = env.int("RATELIMIT_KEEP_DAYS", default=30)
RATELIMIT_API_KEY_HEADER = env.str("RATELIMIT_API_KEY_HEADER", default="X-API-Key")

# --- audit -------------------------------------------------------------------

# The alias of events that outlive the transaction at hand.
AUDIT_DATABASE = "audit"
# Which requests are recorded beside those that fail or are denied: writes, all or none.
AUDIT_REQUESTS = env.str("AUDIT_REQUESTS", default="writes")
# Proxies whose X-Forwarded-For is believed, as addresses or networks.
AUDIT_TRUSTED_PROXIES = env.list("AUDIT_TRUSTED_PROXIES", default=[])
# Where seals are published, out of the database's reach; empty: to the log `audit.seals` only.
AUDIT_SEAL_FILE = env.str("AUDIT_SEAL_FILE", default=str(VAR / "audit" / "seals.jsonl"))
# Months of the log that are kept; 0: all.
AUDIT_KEEP_MONTHS = env.int("AUDIT_KEEP_MONTHS", default=0)
# Who is told of alerts.
AUDIT_ALERT_EMAILS = env.list("AUDIT_ALERT_EMAILS", default=[])
AUDIT_ALERT_WEBHOOKS = env.list("AUDIT_ALERT_WEBHOOKS", default=[])
AUDIT_WEBHOOK_SECRET = env.str("AUDIT_WEBHOOK_SECRET", default="")

# --- the operators' console ---------------------------------------------------

# Whether the site starts what operators ask for (comparisons, retries of migrations) by itself;
# without, a machine that has MIGRATION_DATABASE_URL runs `run_jobs` now and then.
CONSOLE_START_JOBS = env.bool("CONSOLE_START_JOBS", default=True)

# --- requests ---------------------------------------------------------------

MIDDLEWARE = [
    "weedgo.probes.ProbeMiddleware",
    "weedgo.tenancy.middleware.TenantMiddleware",
    "audit.middleware.AuditMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "ratelimit.middleware.RateLimitMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "weedgo.urls"
WSGI_APPLICATION = "weedgo.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_TZ = True
# Days and times the same on all pages, and as in logs and files.
FORMAT_MODULE_PATH = ["weedgo.formats"]

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
# Files are served from where the apps keep them; collectstatic is a choice, so its folder may lack.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
warnings.filterwarnings("ignore", message="No directory at", category=UserWarning)


def _icon(_: object) -> str:
    from django.templatetags.static import static

    return static("weedgo/icon.svg")


def _styles(_: object) -> str:
    from django.templatetags.static import static

    return static("weedgo/admin.css")


UNFOLD = {
    "SITE_TITLE": "WeedGo",
    "SITE_ICON": _icon,
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": _icon}],
    "SITE_HEADER": "WeedGo",
    "SITE_SUBHEADER": "Cannabis retail platform",
    "SHOW_HISTORY": True,
    "STYLES": [_styles],
    "DASHBOARD_CALLBACK": "weedgo.console.home.dashboard",
}

# --- logging ----------------------------------------------------------------

LOG_LEVEL = env.str("LOG_LEVEL", default="WARNING")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    # Django's own handler would print each record a second time.
    "loggers": {"django": {"handlers": [], "level": LOG_LEVEL}},
}
