from __future__ import annotations

import pytest

from tests.support.timing import assert_linear_in


def test_quadratic_time_is_told_from_linear() -> None:
    assert_linear_in(100, lambda size: lambda: [sum(range(100)) for _ in range(size)])
    with pytest.raises(AssertionError, match="is more than 64"):
        assert_linear_in(100, lambda size: lambda: [sum(range(size)) for _ in range(size)])
