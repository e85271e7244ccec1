"""The project's settings with one more app in each tenant, at some stage of its life.

`FLEET` names the folder of its migrations, `TENANT_APPS` the apps beside it (all by default).
"""

import os

from weedgo.settings import *  # noqa: F403
from weedgo.settings import DATABASES, INSTALLED_APPS, SHARED_APPS, TENANT_APPS

if "FLEET_APPS" in os.environ:
    TENANT_APPS = os.environ["FLEET_APPS"].split()
    ROOT_URLCONF = "tests.fleet.urls"
    MIDDLEWARE = ["weedgo.tenancy.middleware.TenantMiddleware"]
    # Nobody visits the admin.
    SILENCED_SYSTEM_CHECKS = ["admin.E408", "admin.E409", "admin.E410"]
    DATABASES["default"]["CONN_MAX_AGE"] = int(os.environ.get("FLEET_CONN_MAX_AGE", "0"))
    INSTALLED_APPS = [*SHARED_APPS, *(app for app in TENANT_APPS if app not in SHARED_APPS)]
TENANT_APPS = [*TENANT_APPS, "tests.fleet"]
INSTALLED_APPS = [*INSTALLED_APPS, "tests.fleet"]
MIGRATION_MODULES = {"fleet": f"tests.fleet.{os.environ.get('FLEET', 'after')}"}
TENANT_MULTIPROCESSING_MAX_PROCESSES = 2
