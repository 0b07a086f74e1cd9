"""The published multipart and urlencoded vectors: whole, byte by byte, and in random pieces."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

import hashlib
import random
from base64 import b64decode
from functools import partial
from typing import TYPE_CHECKING, Any

from tests.sansio.forms.cutting import Outcome, by_bytes, general, outcome, random_cuts
from tests.support import vectors
from toolkit.sansio.fields.parameters import parse_options
from toolkit.sansio.forms.collector import decoder_for
from toolkit.sansio.forms.events import Field, FileData, FileEnd, FileStart
from toolkit.sansio.forms.multipart import MultipartDecoder
from toolkit.sansio.forms.urlencoded import UrlencodedDecoder
from toolkit.sansio.limits import FormLimits

if TYPE_CHECKING:
    from collections.abc import Callable

    from toolkit.sansio.forms.base import FormDecoder
    from toolkit.sansio.forms.events import FormEvent

MIB = 1024 * 1024
ROOMY = FormLimits(max_body=64 * MIB, max_form_memory=32 * MIB, max_part_header_size=70_000)


def _body(data: dict[str, Any], case_id: str) -> bytes:
    if "body_b64" in data:
        return b64decode(data["body_b64"])
    if "body_file" in data:
        path = vectors.ROOT / case_id.split("/", 1)[0] / data["body_file"]
        return bytes(path.read_bytes())
    return b"".join(b64decode(part["b64"]) * part.get("times", 1) for part in data["body_parts"])


def _parts(events: tuple[object, ...]) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = []
    for event in events:
        if isinstance(event, Field):
            content_type = event.headers.get("content-type")
            parts.append(
                {
                    "name": event.name,
                    "filename": None,
                    "value": event.value,
                    "content_type": content_type,
                    "text": event.text,
                }
            )
        elif isinstance(event, FileStart):
            content_type = event.content_type
            parts.append(
                {"name": event.name, "filename": event.filename, "value": b"", "content_type": content_type}
            )
        elif isinstance(event, FileData):
            parts[-1]["value"] += event.data
        else:
            assert isinstance(event, FileEnd)
            assert event.size == len(parts[-1]["value"])
    return parts


def _differs(part: dict[str, Any], expected: dict[str, Any]) -> str:
    for key in ("name", "filename"):
        if key in expected and part[key] not in (expected[key], *expected.get(f"{key}_any", [])):
            return f"{key}: {part[key]!r} is none of {[expected[key], *expected.get(f'{key}_any', [])]!r}"
    value = part["value"]
    if "value_b64" in expected and value != b64decode(expected["value_b64"]):
        return "value_b64"
    if "value" in expected and value != expected["value"].encode():
        return f"value {value[:60]!r}"
    if "size" in expected and len(value) != expected["size"]:
        return "size"
    if "sha1" in expected and hashlib.sha1(value, usedforsecurity=False).hexdigest() != expected["sha1"]:
        return "sha1"
    if expected.get("content_type") is not None and part["content_type"] != expected["content_type"]:
        return f"content type {part['content_type']!r}"
    if (
        part["filename"] is None
        and "charset" in expected
        and "decoded" in expected
        and part["text"] != expected["decoded"]
    ):
        return "text"
    return ""


def _complaint(result: Outcome, expected: dict[str, Any]) -> str:
    verdict = expected.get("result", "ok")
    if result.error:
        return "" if verdict in ("error", "either", "incomplete") else f"refused: {result.error[1]}"
    if verdict in ("error", "incomplete"):
        return "accepted"
    wanted: list[list[dict[str, Any]]] = []
    if "parts" in expected:
        wanted = [expected["parts"], *expected.get("alt_parts", [])]
    parts = _parts(result.events)
    complaints: list[str] = []
    for alternative in wanted:
        if len(alternative) != len(parts):
            complaints.append(f"{len(parts)} parts for {len(alternative)}")
            continue
        texts = [_differs(part, wish) for part, wish in zip(parts, alternative, strict=True)]
        if not any(texts):
            return ""
        complaints += texts
    return "; ".join(complaints) if verdict == "ok" else ""


FILES = [
    "busboy/cases.json",
    "formidable/cases.json",
    "formidable/multi_video.json",
    "hapi/cases.json",
    "multiparty/cases.json",
    "rack/cases.json",
    "rfc-examples/cases.json",
    "wpt/cases.json",
]


@vectors.each_of(*FILES)
def test_decoding(case: dict[str, Any]) -> None:
    body = _body(case["input"], case["id"])
    limits = FormLimits() if "limits" in case["input"] or len(body) < MIB else ROOMY
    content_type = case["input"]["content_type"] or ""
    kind, params = parse_options(content_type)
    if kind.startswith("multipart/"):  # of any kind: some are not those of forms
        make: Callable[[], FormDecoder[FormEvent]] = partial(
            MultipartDecoder, params["boundary"], limits=limits
        )
        result = outcome(make, [body])
        assert outcome(partial(general, params["boundary"], limits=limits), [body]) == result, "lanes"
    else:
        make = partial(decoder_for, content_type, limits)
        result = outcome(make, [body])
    if chunks := case["input"].get("chunks"):
        pieces = map(b64decode, chunks) if isinstance(chunks[0], str) else at_sizes(body, chunks)
        assert outcome(make, pieces) == result
    if len(body) <= 64 * 1024:
        assert outcome(make, by_bytes(body)) == result
    rng = random.Random(case["id"])  # noqa: S311  # cuts are no secret
    random_cuts(make, body, rng, times=50 if len(body) < MIB else 3, expected=result)
    assert _complaint(result, case["expected"]) == ""


def at_sizes(body: bytes, sizes: list[int]) -> list[bytes]:
    pieces: list[bytes] = []
    position = 0
    for size in sizes:
        pieces.append(body[position : position + size])
        position += size
    return [*pieces, body[position:]]


@vectors.each_of("busboy/urlencoded.json")
def test_urlencoded(case: dict[str, Any]) -> None:
    _, params = parse_options(case["input"]["content_type"])
    body = b64decode(case["input"]["body_b64"])
    make = partial(UrlencodedDecoder, charset=params.get("charset", "utf-8"))
    result = outcome(make, [body])
    assert outcome(make, by_bytes(body)) == result
    assert _pairs(result) == case["expected"]["pairs"]


@vectors.each_of("wpt/urlencoded-parser.json")
def test_urlencoded_parser(case: dict[str, Any]) -> None:
    body = case["input"]["query"].encode()
    result = outcome(UrlencodedDecoder, [body])
    assert outcome(UrlencodedDecoder, by_bytes(body)) == result
    assert _pairs(result) == case["expected"]["pairs"]


def _pairs(result: Outcome) -> list[list[str]]:
    return [[event.name, event.text] for event in result.events if isinstance(event, Field)]
