from __future__ import annotations

from toolkit.sansio.pairs import updated


def test_keys_made_equal() -> None:
    assert updated([("a", 1)], [("A", 2)]) == [("a", 1), ("A", 2)]
    assert updated([("a", 1)], [("A", 2)], fold=str.lower) == [("A", 2)]
    assert updated([("a", 1), ("A", 2)], [], ["A"], fold=str.lower) == []
