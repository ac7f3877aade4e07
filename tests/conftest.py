"""Settings for all tests."""

import os

from hypothesis import settings

# Read when NumPy is imported, so it stands here. As in the book (see kernel_environment).
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# In CI the same examples every time; elsewhere new ones, which find more.
settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("local", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "local")
