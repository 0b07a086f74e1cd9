from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.sansio.fields.negotiation import UNASKED, Rank, best_rank, choose, parse_members, rank_all

RANKS = st.tuples(st.sampled_from([0.0, 0.5, 1.0]), st.tuples(st.integers(0, 2)), st.integers(-3, 0))


MEMBERS: list[tuple[str, list[tuple[str, dict[str, str], float]]]] = [
    ("", []),
    ("A , b;q=0.5", [("a", {}, 1.0), ("b", {}, 0.5)]),
    ('a;x="b,c";Q=0.2;y=z', [("a", {"x": "b,c", "y": "z"}, 0.2)]),
    ("a;q=zero, b;q, c;q=.5", [("b", {}, 1.0), ("c", {}, 0.5)]),
]


@pytest.mark.parametrize(("text", "members"), MEMBERS)
def test_members(text: str, members: list[tuple[str, dict[str, str], float]]) -> None:
    assert list(parse_members(text)) == members


@given(st.lists(RANKS))
def test_the_best_offer_is_the_first_of_all_in_order(ranks: list[Rank]) -> None:
    offers = list(range(len(ranks)))
    ordered = rank_all(offers, ranks.__getitem__)
    assert choose(offers, ranks.__getitem__) == (ordered[0] if ordered else None)
    assert sorted(ordered) == [offer for offer in offers if ranks[offer][0] > 0]
    assert [ranks[offer] for offer in ordered] == sorted([ranks[offer] for offer in ordered], reverse=True)


def test_the_most_precise_member_gives_the_rank() -> None:
    assert best_rank([((0,), 1.0, 0), ((1,), 0.2, -1), ((1,), 0.3, -2)]) == (0.3, (1,), -2)
    assert best_rank([]) == UNASKED
