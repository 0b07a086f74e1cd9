from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.linear import assert_linear
from tests.support.vectors import each_of
from toolkit.sansio.fields.accept import Accept, AcceptCharset, AcceptEncoding, AcceptLanguage
from toolkit.sansio.fields.media_type import MediaType
from toolkit.sansio.grammar import TCHAR

WEIGHTS = st.integers(0, 1000).map(lambda number: number / 1000)
TOKENS = st.text(st.sampled_from(sorted(TCHAR)), min_size=1)
SUBTAGS = st.text(st.sampled_from("abcXYZ019"), min_size=1, max_size=8) | st.just("*")
FIRST_SUBTAGS = st.text(st.sampled_from("abcXYZ"), min_size=1, max_size=8) | st.just("*")
LANGUAGES = st.tuples(FIRST_SUBTAGS, st.lists(SUBTAGS, max_size=3)).map(
    lambda pair: "-".join([pair[0], *pair[1]])
)
RANGES = st.builds(
    MediaType,
    TOKENS,
    TOKENS,
    st.dictionaries(st.sampled_from(["level", "v"]), st.text('ab ,;"\\', max_size=3)),
)


def _parse(kind: str, header: str) -> Accept | AcceptCharset | AcceptEncoding | AcceptLanguage:
    if kind == "mediaType":
        return Accept.parse(header)
    if kind == "language":
        return AcceptLanguage.parse(header)
    return AcceptEncoding.parse(header) if kind == "encoding" else AcceptCharset.parse(header)


ABSENT = {"mediaType": "*/*", "language": "*", "charset": "*", "encoding": ""}


@each_of("jshttp/negotiator.json")
def test_negotiator(case: dict[str, Any]) -> None:
    source = case["input"]
    header = ABSENT[source["kind"]] if source["header"] is None else source["header"]
    value = _parse(source["kind"], header)
    result = case["expected"]["result"]
    if source["available"] is None:
        items = [str(item).partition(";")[0] for item in value]
        expected = result if source["all"] else [result] if result else []
        assert [item.lower() for item in (items if source["all"] else items[:1])] == [
            item.lower() for item in expected
        ]
    elif source["all"]:
        assert value.ranked(source["available"]) == result
    else:
        assert value.best_match(source["available"]) == result


@each_of("jshttp/accepts.json")
def test_accepts(case: dict[str, Any]) -> None:
    source, result = case["input"], case["expected"]["result"]
    kind = "mediaType" if source["kind"] == "types" else str(source["kind"])[:-1]
    value = _parse(kind, ABSENT[kind] if source["header"] is None else source["header"])
    if source["available"] is None:
        assert [str(item) for item in value] == result
    else:
        assert value.best_match(source["available"]) == (result or None)


@each_of("rfc-examples/accept.json")
def test_rfc_accept(case: dict[str, Any]) -> None:
    accept, expected = Accept.parse(case["input"]["header"]), case["expected"]
    if "q" in expected:
        assert accept.quality(case["input"]["type"]) == expected["q"]
    elif "order" in expected:
        assert [str(item) for item in accept] == expected["order"]
    else:
        assert accept.best_match(case["input"]["available"]) == expected["best"]


@each_of("rfc-examples/accept-language.json")
def test_rfc_language(case: dict[str, Any]) -> None:
    value = AcceptLanguage.parse(case["input"]["header"])
    assert value.best_match(case["input"]["available"]) == case["expected"]["best"]


@each_of("rfc-examples/accept-encoding.json")
def test_rfc_encoding(case: dict[str, Any]) -> None:
    header = "*" if case["input"]["header"] is None else case["input"]["header"]
    assert (case["input"]["coding"] in AcceptEncoding.parse(header)) == case["expected"]["acceptable"]


@given(st.lists(st.tuples(RANGES, WEIGHTS), max_size=4))
def test_accept_comes_back(members: list[tuple[MediaType, float]]) -> None:
    accept = Accept(tuple(members))
    assert Accept.parse(str(accept)) == accept
    assert hash(Accept.parse(str(accept))) == hash(accept)
    assert eval(repr(accept)) == accept  # noqa: S307  # that is what a repr is for


@given(st.lists(st.tuples(TOKENS, WEIGHTS), max_size=4))
def test_tokens_come_back(members: list[tuple[str, float]]) -> None:
    charset, encoding = AcceptCharset(tuple(members)), AcceptEncoding(tuple(members))
    assert AcceptCharset.parse(str(charset)) == charset
    assert AcceptEncoding.parse(str(encoding)) == encoding
    assert str(charset) == str(encoding)


@given(st.lists(st.tuples(LANGUAGES, WEIGHTS), max_size=4))
def test_languages_come_back(members: list[tuple[str, float]]) -> None:
    value = AcceptLanguage(tuple(members))
    assert AcceptLanguage.parse(str(value)) == value
    assert eval(repr(value)) == value  # noqa: S307  # that is what a repr is for


@given(st.text() | st.text(st.sampled_from('a*/;=q0.1,"-')))
def test_any_text_is_a_value(text: str) -> None:
    for value in (Accept.parse(text), AcceptCharset.parse(text), AcceptEncoding.parse(text)):
        assert type(value).parse(str(value)) == value
        best = value.best_match(["a/a", "*/*", "a"] if not isinstance(value, Accept) else ["a/a", "*/*"])
        assert best is None or best in value
    language = AcceptLanguage.parse(text)
    assert AcceptLanguage.parse(str(language)) == language


@pytest.mark.parametrize(
    ("text", "quality"),
    [
        ("a/b;q=.2", 0.2),
        ("a/b;q=1.5", 1.0),
        ("a/b;q=0.33333", 0.333),
        ("a/b; Q=0.5", 0.5),
        ('a/b;q="0.5"', 0.5),
        ("a/b;q=0.5;q=0.6", 0.5),
        ("a/b;q=x, */*;q=0.1", 0.1),
        ("a/b;q=-1, */*;q=0.1", 0.1),
        ("a/b;q=., */*;q=0.1", 0.1),
        ("a/b;q=, */*;q=0.1", 0.1),
        ("*;q=.2", 0.2),
        ("", 1.0),
        ("junk", 1.0),
        ("A/B;q=0.4", 0.4),
        ("a/b;q=0, a/b;q=0.4", 0.4),
        ("a/*;q=0.4, */*", 0.4),
        ("c/d", 0.0),
    ],
)
def test_what_clients_send(text: str, quality: float) -> None:
    assert Accept.parse(text).quality("a/b") == quality


def test_offers_may_be_media_types() -> None:
    html, plain = MediaType("text", "html"), MediaType("text", "plain", {"charset": "utf-8"})
    accept = Accept.parse("text/plain, text/html;q=0.5")
    assert accept.best_match([html, plain]) is plain
    assert accept.ranked([html, plain]) == [plain, html]
    assert accept.best_match([MediaType("a", "b")], html) is html
    assert plain in accept
    assert "image/png" not in accept


@pytest.mark.parametrize("offer", ["", "html", "a/b/c"])
def test_a_bad_offer_is_the_servers_error(offer: str) -> None:
    with pytest.raises(ValueError, match="not a media type"):
        Accept.parse("*/*").best_match([offer])


def test_what_cannot_be_sent_is_refused() -> None:
    media_type = MediaType("a", "b")
    for weight in (-0.1, 1.1, 0.0001, float("nan")):
        with pytest.raises(ValueError, match="weight"):
            Accept(((media_type, weight),))
    with pytest.raises(ValueError, match="parameter q"):
        Accept(((MediaType("a", "b", {"q": "1"}), 1),))
    with pytest.raises(ValueError, match="token"):
        AcceptCharset((("a b", 1),))
    with pytest.raises(ValueError, match="language range"):
        AcceptLanguage((("en_US", 1),))


def test_a_negative_zero_is_a_zero() -> None:
    accept = AcceptCharset((("a", -0.0),))
    assert str(accept) == "a;q=0"
    assert AcceptCharset.parse(str(accept)) == accept


def test_encodings() -> None:
    assert AcceptEncoding.parse("gzip").quality("X-GZIP") == 1
    assert AcceptEncoding.parse("x-gzip;q=0.5").quality("gzip") == 0.5
    assert AcceptEncoding.parse("gzip;q=0").best_match(["gzip"], "identity") == "identity"
    assert AcceptEncoding.parse("*;q=0.5").quality("identity") == 0.5
    assert AcceptEncoding.parse("gzip;q=0.001").best_match(["identity", "gzip"]) == "gzip"


# RFC 4647 section 3.3.2, its table of examples for the range de-*-DE, and section 3.3.1.
@pytest.mark.parametrize(
    "tag", ["de-DE", "de-de", "de-Latn-DE", "de-Latf-DE", "de-DE-x-goethe", "de-Latn-DE-1996", "de-Deva-DE"]
)
def test_extended_filtering_takes(tag: str) -> None:
    assert AcceptLanguage.parse("de-*-DE").extended_filter([tag]) == [tag]
    assert AcceptLanguage.parse("de-DE").extended_filter([tag]) == [tag]
    assert tag in AcceptLanguage.parse("de-*-DE")


@pytest.mark.parametrize("tag", ["de", "de-x-DE", "de-Deva"])
def test_extended_filtering_leaves(tag: str) -> None:
    assert AcceptLanguage.parse("de-*-DE").extended_filter([tag]) == []


def test_extended_ranges() -> None:
    assert AcceptLanguage.parse("*-CH").extended_filter(["de-CH", "fr-CH", "de-DE"]) == ["de-CH", "fr-CH"]
    assert AcceptLanguage.parse("fr").extended_filter(["de"]) == []
    assert AcceptLanguage.parse("").best_match(["de"]) == "de"


def test_basic_filtering() -> None:
    tags = ["de-DE", "de-DE-1996", "de-Deva", "de-Latn-DE", "en"]
    assert AcceptLanguage.parse("de-de").basic_filter(tags) == ["de-DE", "de-DE-1996"]
    assert AcceptLanguage.parse("en, *;q=0.5").basic_filter(tags) == ["en", *tags[:4]]
    assert AcceptLanguage.parse("en;q=0, *").basic_filter(tags) == tags[:4]


def test_lookup() -> None:
    # RFC 4647 section 3.4: zh-Hant-CN-x-private1-private2 is cut to zh-Hant-CN-x-private1, zh-Hant-CN, …
    value = AcceptLanguage.parse("zh-Hant-CN-x-private1-private2")
    assert value.lookup(["zh", "zh-Hant", "zh-Hant-CN-x"]) == "zh-Hant"
    assert AcceptLanguage.parse("fr-FR, zh-Hant").lookup(["zh", "FR"]) == "FR"
    assert AcceptLanguage.parse("en, *").lookup(["de"], "de") == "de"
    assert AcceptLanguage.parse("en").lookup(["en-GB"]) is None
    assert AcceptLanguage.parse("en").lookup(["EN", "en"]) == "EN"
    assert AcceptLanguage.parse("en-gb-x-y-z").lookup(["en-gb-x", "en-gb"]) == "en-gb"
    assert AcceptLanguage.parse("en-gb-x-y-z").lookup([]) is None


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("EN-us", "en-US"),
        ("zh-hANT-tw", "zh-Hant-TW"),
        ("en-ca-X-ca", "en-CA-x-ca"),
        ("sl-rozaj-1994", "sl-rozaj-1994"),
        ("*-ch", "*-CH"),
    ],
)
def test_ranges_are_spelled_as_usual(text: str, spelled: str) -> None:
    assert str(AcceptLanguage.parse(text)) == spelled


def test_a_thousand_members_count() -> None:
    many = [f"a{number}" for number in range(1001)]
    accept = AcceptEncoding.parse(", ".join(many))
    assert [item for item, _ in accept.members] == many[:1000]
    assert AcceptEncoding.parse(str(accept)) == accept
    with pytest.raises(ValueError, match="at most 1000 members count, not 1001"):
        AcceptEncoding(tuple((item, 1.0) for item in many))


@pytest.mark.parametrize("kind", ["mediaType", "language", "encoding", "charset"])
@pytest.mark.parametrize(
    "unit", ["a,", "*,", "a/b,", "a/b;c=d,", "a;q=0.1,", '"', "\\", ";", ",", "-", "a-", '"\\']
)
def test_time_is_linear(kind: str, unit: str) -> None:
    assert_linear(partial(_parse, kind), unit)
