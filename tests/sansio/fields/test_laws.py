"""What holds for every type of field value: true equality, hashes, copies, reprs that can be pasted."""

from __future__ import annotations

import copy
import datetime as dt
import pickle
from dataclasses import replace

import pytest

from toolkit.sansio.fields.accept import Accept, AcceptCharset, AcceptEncoding, AcceptLanguage
from toolkit.sansio.fields.content_disposition import ContentDisposition
from toolkit.sansio.fields.cookies import SetCookie
from toolkit.sansio.fields.link import Link, LinkValue
from toolkit.sansio.fields.media_type import MediaType
from toolkit.sansio.fields.parameters import Parameters
from toolkit.sansio.fields.security import ContentSecurityPolicy
from toolkit.sansio.headers import HeaderField, Headers

FIELDS: list[HeaderField] = [
    Accept.parse("text/html;level=1, */*;q=0.3"),
    AcceptCharset.parse("utf-8, *;q=0.1"),
    AcceptEncoding.parse("gzip, br;q=0.5"),
    AcceptLanguage.parse("en-GB, de;q=0.5"),
    ContentDisposition.parse("attachment; filename=a.txt; size=5"),
    ContentSecurityPolicy.parse("default-src 'self'; img-src *"),
    Link.parse('</a>; rel=next; title="b c", </>'),
    MediaType.parse("text/html;charset=utf-8"),
    SetCookie.parse("a=b; Expires=Wed, 09 Jun 2021 10:18:14 GMT; Path=/; Secure; Priority=High"),
]


def name_of(value: object) -> str:
    return type(value).__name__


@pytest.mark.parametrize(
    "value", [*FIELDS, Parameters({"a": "b"}), LinkValue("/a", (("rel", "b"),))], ids=name_of
)
def test_a_copy_is_an_equal_value(value: object) -> None:
    pasted: object = eval(repr(value), {**globals(), "datetime": dt})  # noqa: S307  # that is what a repr is for
    pickled: object = pickle.loads(pickle.dumps(value))  # noqa: S301  # our own bytes
    for twin in (copy.copy(value), copy.deepcopy(value), pickled, pasted):
        assert type(twin) is type(value)
        assert twin == value
        assert hash(twin) == hash(value)
        assert str(twin) == str(value)
    assert value != str(value)


@pytest.mark.parametrize("value", FIELDS, ids=name_of)
def test_a_value_cannot_be_changed(value: HeaderField) -> None:
    for name in [name for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ())]:
        with pytest.raises((AttributeError, TypeError)):
            setattr(value, name, None)


@pytest.mark.parametrize("value", FIELDS, ids=name_of)
def test_headers_read_what_they_write(value: HeaderField) -> None:
    headers = Headers()
    headers.write(value)
    assert headers.readlist(type(value)) == [value]


def test_a_pickled_or_replaced_accept_still_chooses() -> None:
    accept = Accept.parse("text/html, */*;q=0.3")
    pickled: Accept = pickle.loads(pickle.dumps(accept))  # noqa: S301  # our own bytes
    assert pickled.best_match(["a/b", "text/html"]) == "text/html"
    assert replace(accept, members=accept.members[1:]).best_match(["a/b", "text/html"]) == "a/b"
