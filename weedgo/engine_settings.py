"""The settings without the site: for commands that are given databases and need none of Django's.

No app is loaded, which takes half of the time to start, and no broken model stands in the way.
"""

from __future__ import annotations

from weedgo.settings import *  # noqa: F403

INSTALLED_APPS = ["weedgo.apps.EngineConfig"]
