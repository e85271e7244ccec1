"""A project with one table for each way to audit it."""

import os

from psycopg.conninfo import conninfo_to_dict

_url = conninfo_to_dict(os.environ["BENCH_URL"])
SECRET_KEY = "bench"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": str(_url["dbname"]),
        "HOST": str(_url["host"]),
        "PORT": str(_url["port"]),
        "USER": str(_url["user"]),
    }
}
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "pgtrigger",
    "pghistory",
    "auditlog",
    "tests.benchmarks.audited",
]
