"""What the whole suite shares: hypothesis profiles, which tests are enough once, and no proxy.

The gate runs the same examples each time (`ci`), so that what lands does not depend on luck, and fewer of
them (`quick`) on the versions of CPython that come last; everybody else looks for new ones, and
`HYPOTHESIS_PROFILE=thorough` looks for many.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", parent=settings.get_profile("default"), derandomize=True)
settings.register_profile("quick", parent=settings.get_profile("ci"), max_examples=25)
settings.register_profile("thorough", parent=settings.get_profile("default"), max_examples=5000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "default"))

# All servers of the tests are on this machine.
os.environ.update(NO_PROXY="*", no_proxy="*")

# What these tests show depends on no version of CPython, so the gate runs them on one (`-m "not once"` leaves
# them out): programs of others, as peers of a real server; our sources and pages; how time and memory grow;
# a hundred thousand cuts, the same each time.
ONCE = (
    "tests/demo/test_page",
    "tests/demo/test_production",
    "tests/producers/",
    "tests/sansio/http11/test_differential",
    "tests/servers/",
    "tests/test_architecture.py",
    "tests/test_object_storage.py",
    "::test_memory_for",
    "::test_memory_is",
    "::test_random_cuts",
    "::test_separators_are_not_kept",  # how memory grows
    "::test_time_",
    "_is_linear",
    "_cost_linear_time",
    "_in_linear_time",
)
# But for the server that is ours, and for what our modules load, as that is up to the standard library.
NOT_ONCE = ("[toolkit-", "_loads_", "_does_not_load_")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is enough once."""
    for item in items:
        is_one = any(part in item.nodeid for part in ONCE)
        if is_one and not any(part in item.nodeid for part in NOT_ONCE):
            item.add_marker(pytest.mark.once)
