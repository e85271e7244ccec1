"""The project's settings with an app in each tenant that has a trigger."""

from weedgo.settings import *  # noqa: F403
from weedgo.settings import INSTALLED_APPS, TENANT_APPS

TENANT_APPS = [*TENANT_APPS, "tests.testapp"]
INSTALLED_APPS = [*INSTALLED_APPS, "tests.testapp"]
TENANT_MULTIPROCESSING_MAX_PROCESSES = 4
TENANT_MULTIPROCESSING_CHUNKS = 1
