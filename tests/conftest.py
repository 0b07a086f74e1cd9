"""What the whole suite shares: hypothesis profiles.

The gate runs the same examples each time (`CI`), so that what lands does not depend on luck; everybody
else looks for new ones, and `HYPOTHESIS_PROFILE=thorough` looks for many.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", parent=settings.get_profile("default"), derandomize=True)
settings.register_profile("thorough", parent=settings.get_profile("default"), max_examples=5000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "default"))
