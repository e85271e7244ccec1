"""The project's settings with one more app in each tenant, before or after a change of it."""

import os

from weedgo.settings import *  # noqa: F403
from weedgo.settings import INSTALLED_APPS, TENANT_APPS

TENANT_APPS = [*TENANT_APPS, "tests.fleet"]
INSTALLED_APPS = [*INSTALLED_APPS, "tests.fleet"]
MIGRATION_MODULES = {"fleet": f"tests.fleet.{os.environ.get('FLEET', 'after')}"}
TENANT_MULTIPROCESSING_MAX_PROCESSES = 2
