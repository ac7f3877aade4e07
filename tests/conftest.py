"""Settings for all tests."""

from __future__ import annotations

import os

from hypothesis import settings

# In CI the same examples every time; elsewhere new ones, which find more.
settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("local", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "local")
