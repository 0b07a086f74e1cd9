"""Every route of the demo, on both protocols, in memory."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, cast
from urllib.parse import quote

import pytest

from toolkit.demo.app import Demo, wsgi_app
from toolkit.demo.progress import KEPT
from toolkit.sansio.exchange.events import EventDecoder
from toolkit.testing import Body, Client, Disconnect, ResponseLost

if TYPE_CHECKING:
    from toolkit.testing import Response

TOKEN = "0123456789abcdef"
CONTENT = bytes(range(256)) * 4096
ISOLATED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def upload(client: Client, *files: tuple[str, bytes], token: str = TOKEN, **fields: str) -> Response:
    parts = [("file", (name, content, "text/plain")) for name, content in files]
    return client.post(f"/uploads/{token}", files=parts, form=fields)


def stored(client: Client) -> list[str]:
    return [file["name"] for file in cast("list[dict[str, str]]", client.get("/files").json())]


def events(client: Client, token: str = TOKEN, **headers: str) -> list[tuple[str, object, str | None]]:
    response = client.get(f"/uploads/{token}/events", headers=headers)
    assert response.headers["Content-Type"] == "text/event-stream"
    return [
        (event.event, json.loads(event.data or ""), event.id)
        for event in EventDecoder().feed(response.content)
    ]


def test_the_page_and_all_that_it_names(client: Client) -> None:
    page = client.get("/")
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    named = re.findall(r'(?:src|href)="(static/[^"]+)"', page.text)
    assert len(named) == 3
    for name in named:
        asset = client.get(f"/{name}")
        assert asset.status == 200
        assert client.get(f"/{name}", headers={"If-None-Match": asset.headers["ETag"]}).status == 304
    assert "style=" not in page.text  # the policy would not let it work
    assert not re.search(r"<script[^>]*>[^<]", page.text)


def test_what_is_stored(client: Client, directory: Path) -> None:
    response = upload(
        client, ("a.txt", b"aaa"), ("b.bin", CONTENT), ("a.txt", b"other"), title="Zürich", note=""
    )
    digests = [hashlib.sha256(content).hexdigest() for content in (b"aaa", CONTENT, b"other")]
    files = [
        {"name": name, "size": size, "sha256": digest}
        for name, size, digest in zip(
            ("a.txt", "b.bin", "a-2.txt"), (3, len(CONTENT), 5), digests, strict=True
        )
    ]
    assert response.status == 201
    fields = [{"name": "title", "value": "Zürich"}, {"name": "note", "value": ""}]
    assert response.json() == {"fields": fields, "files": files}
    assert (directory / "b.bin").read_bytes() == CONTENT
    listed = cast("list[dict[str, str]]", client.get("/files").json())
    assert {file["name"]: file["sha256"] for file in listed} == {
        cast("str", file["name"]): file["sha256"] for file in files
    }


def test_nothing_is_overwritten(client: Client, directory: Path) -> None:
    for number, name in enumerate(["cat.png", "cat-2.png", "cat-3.png"]):
        files = cast(
            "dict[str, list[dict[str, str]]]",
            upload(client, ("cat.png", b"%d" % number), token=f"{TOKEN}{number}").json(),
        )
        assert files["files"][0]["name"] == name
        assert (directory / name).read_bytes() == b"%d" % number


def test_long_names_have_room_for_a_number(client: Client) -> None:
    for number in range(3):
        assert upload(client, ("é" * 300 + ".bin", b"1"), token=f"{TOKEN}{number}").status == 201
    assert [len(name) for name in sorted(stored(client), key=len)] == [92, 94, 94]
    for name in stored(client):
        assert client.get(f"/files/{name}").content == b"1"


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("../../evil", "evil"),
        (".hidden", "hidden"),
        ("C:\\a\\b.txt", "b.txt"),
        ("/etc/passwd", "passwd"),
        ("..", "file"),
    ],
)
def test_names_lead_nowhere_else(client: Client, directory: Path, sent: str, name: str) -> None:
    assert upload(client, (sent, b"1")).status == 201
    assert os.listdir(directory) == [name]  # noqa: PTH208  # the names are all that is wanted
    assert stored(client) == [name]


def test_an_empty_file_and_an_empty_file_input(client: Client) -> None:
    assert upload(client, ("", b""), ("empty", b"")).status == 201
    assert stored(client) == ["empty"]


def test_events_tell_what_came(client: Client) -> None:
    upload(client, ("a.txt", b"aaa"), ("b.bin", CONTENT), title="t")
    told = events(client)
    assert [event for event, _, _ in told] == ["file", "file", "received", "received", "stored"]
    assert [id_ for _, _, id_ in told] == ["1", "2", "3", "4", "5"]
    assert told[1][1] == {"number": 2, "name": "b.bin", "field": "file"}
    digest = hashlib.sha256(CONTENT).hexdigest()
    assert told[3][1] == {"number": 2, "size": len(CONTENT), "sha256": digest}
    last = cast("dict[str, object]", told[4][1])
    assert last["fields"] == [{"name": "title", "value": "t"}]
    assert cast("int", last["bytes"]) > len(CONTENT) + 3


def test_events_go_on_after_the_last_one_seen(client: Client) -> None:
    upload(client, ("a.txt", b"aaa"))
    assert [id_ for _, _, id_ in events(client, **{"Last-Event-ID": "2"})] == ["3"]
    assert [id_ for _, _, id_ in events(client, **{"Last-Event-ID": "nonsense"})] == ["1", "2", "3"]


def test_a_token_is_used_once(client: Client) -> None:
    assert upload(client, ("a", b"1")).status == 201
    assert upload(client, ("b", b"1")).status == 409
    assert upload(client, ("b", b"1"), token="short").status == 400
    assert upload(client, ("b", b"1"), token="a%2Fb-a%2Fb-a%2Fb").status == 400
    assert stored(client) == ["a"]


def test_what_is_over_is_forgotten_some_day(client: Client, demo: Demo) -> None:
    for number in range(KEPT + 5):
        assert client.post(f"/uploads/{TOKEN}{number}", form={"a": "1"}).status == 201
    assert client.post(f"/uploads/{TOKEN}0", form={"a": "1"}).status == 201
    assert len(vars(demo.transfers)["_transfers"]) <= KEPT + 1


def test_downloads(client: Client) -> None:
    upload(client, ("é.bin", CONTENT))
    whole = client.get("/files/%C3%A9.bin")
    assert whole.content == CONTENT
    assert whole.headers["Content-Disposition"].startswith("attachment")
    assert whole.headers["Content-Type"] == "application/octet-stream"
    first = client.get("/files/%C3%A9.bin", headers={"Range": "bytes=0-99999"})
    rest = client.get(
        "/files/%C3%A9.bin", headers={"Range": "bytes=100000-", "If-Range": first.headers["ETag"]}
    )
    assert (first.status, rest.status) == (206, 206)
    assert first.content + rest.content == CONTENT
    assert client.get("/files/%C3%A9.bin", headers={"Range": "bytes=9999999-"}).status == 416
    assert client.get("/files/%C3%A9.bin", headers={"If-None-Match": whole.headers["ETag"]}).status == 304
    assert client.get("/files/%C3%A9.bin", headers={"If-Match": '"x"'}).status == 412
    several = client.get("/files/%C3%A9.bin", headers={"Range": "bytes=0-1, 1000-2000"})
    assert several.headers["Content-Type"].startswith("multipart/byteranges")
    assert client.head("/files/%C3%A9.bin").headers["Content-Length"] == str(len(CONTENT))


def test_deleting(client: Client, directory: Path) -> None:
    upload(client, ("a b.txt", b"1"))
    assert client.delete("/files/a%20b.txt").status == 204
    assert client.delete("/files/a%20b.txt").status == 404
    assert list(directory.iterdir()) == []


@pytest.mark.parametrize("name", ['a "b" *?<c>|.txt', "it's (1)~!.bin", "CON.txt", "a:b", "%2F", "\\"])
def test_files_that_others_have_put_there(client: Client, directory: Path, name: str) -> None:
    (directory / name).write_bytes(b"1")
    assert stored(client) == [name]
    assert client.get(f"/files/{quote(name, safe='')}").content == b"1"
    assert client.delete(f"/files/{quote(name, safe='')}").status == 204
    assert stored(client) == []


def test_a_name_that_is_no_text(client: Client, directory: Path) -> None:
    try:
        Path(os.fsdecode(os.fsencode(directory) + b"/\xff")).write_bytes(b"1")
    except OSError:
        pytest.skip("this file system has no such names")
    assert stored(client) == []
    assert client.get("/files/%FF").status == 404


@pytest.mark.parametrize(
    "name", ["link", "directory", ".hidden", "..%2Fsecret", "%2e%2e%2fsecret", "missing", "%00"]
)
def test_only_what_is_listed_can_be_had(client: Client, directory: Path, name: str) -> None:
    (directory.parent / "secret").write_text("secret")
    (directory / ".hidden").write_text("secret")
    (directory / "link").symlink_to(directory.parent / "secret")
    (directory / "directory").mkdir()
    assert stored(client) == []
    assert client.get(f"/files/{name}").status == 404
    assert client.delete(f"/files/{name}").status == 404
    assert (directory.parent / "secret").exists()
    assert (directory / "link").is_symlink()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/static/app.py", 404),
        ("GET", "/static/..%2Fapp.py", 404),
        ("POST", "/", 405),
        ("PUT", "/files/a", 405),
        ("GET", f"/uploads/{TOKEN}", 405),
        ("POST", f"/uploads/{TOKEN}", 415),
    ],
)
def test_what_is_not_offered(client: Client, method: str, path: str, status: int) -> None:
    response = client.request(method, path, headers={"Accept": "application/json"}, content=b"{}")
    assert response.status == status
    assert response.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "path", ["/", "/static/page.js", "/files", "/nothing", "/files/a.txt", f"/uploads/{TOKEN}/events"]
)
def test_browsers_run_our_files_only(client: Client, path: str) -> None:
    upload(client, ("a.txt", b"<script>alert(1)</script>"))
    headers = client.get(path).headers
    assert headers["Content-Security-Policy"].startswith(
        "default-src 'none'; script-src 'self'; style-src 'self'"
    )
    assert {name: headers[name] for name in ISOLATED} == ISOLATED


def test_other_sites_are_refused(client: Client, directory: Path) -> None:
    upload(client, ("a", b"1"))
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://evil.example"}, {"Origin": "null"}):
        assert client.delete("/files/a", headers=headers).status == 403
        assert client.post("/uploads/0123456789", form={"a": "1"}, headers=headers).status == 403
    assert (directory / "a").exists()


def test_other_names_for_this_machine_are_refused(client: Client, directory: Path) -> None:
    assert client.get("/", headers={"Host": "rebound.evil.example"}).status == 421
    for host in ("localhost", "127.0.0.1:8000", "[::1]:8000"):
        assert client.get("/", headers={"Host": host}).status == 200
    assert Client(wsgi_app(Demo(directory, hosts=()))).get("/", headers={"Host": "any.example"}).status == 200


FORM = (
    b'--B\r\nContent-Disposition: form-data; name="f"; filename="a.bin"\r\n\r\n' + CONTENT + b"\r\n--B--\r\n"
)
KIND = {"Content-Type": "multipart/form-data; boundary=B"}


def failure(client: Client) -> dict[str, object]:
    told = events(client)
    assert [event for event, _, _ in told][-1] == "failed"
    return cast("dict[str, object]", told[-1][1])


def test_a_form_that_is_cut_short_leaves_nothing(client: Client, directory: Path) -> None:
    response = client.post(f"/uploads/{TOKEN}", content=FORM[:-9], headers=KIND)
    assert response.status == 400
    assert list(directory.iterdir()) == []
    assert failure(client)["status"] == 400


def test_a_client_that_goes_away_leaves_nothing(client: Client, directory: Path) -> None:
    chunks = [FORM[at : at + 65536] for at in range(0, len(FORM) // 2, 65536)]
    headers = {**KIND, "Content-Length": str(len(FORM))}
    gone = Body(chunks, then=Disconnect(reads_answer=False))
    with pytest.raises(ResponseLost):
        client.post(f"/uploads/{TOKEN}", content=gone, headers=headers)
    assert list(directory.iterdir()) == []
    assert failure(client)["status"] == 400


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_is_507_and_leaves_nothing(
    client: Client, directory: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def full(*_arguments: object) -> int:
        raise OSError(number, "the disk is full")

    monkeypatch.setattr(os, "writev", full)
    response = client.post(f"/uploads/{TOKEN}", content=FORM, headers={**KIND, "Accept": "application/json"})
    assert response.status == 507
    assert cast("dict[str, str]", response.json())["detail"] == "The disk is full."
    assert list(directory.iterdir()) == []
    assert failure(client)["status"] == 507
    monkeypatch.undo()
    assert upload(client, ("a.bin", b"1"), token="another-token").json() == {  # its name is free again
        "fields": [],
        "files": [{"name": "a.bin", "size": 1, "sha256": hashlib.sha256(b"1").hexdigest()}],
    }


def test_a_name_that_others_take_meanwhile_is_409(
    client: Client, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lexists(_path: object) -> bool:
        return False

    monkeypatch.setattr(os.path, "lexists", lexists)
    (directory / "a.bin").write_bytes(b"theirs")
    assert client.post(f"/uploads/{TOKEN}", content=FORM, headers=KIND).status == 409
    assert (directory / "a.bin").read_bytes() == b"theirs"
    assert failure(client)["status"] == 409


def test_other_errors_are_told_without_detail(
    client: Client, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: object) -> int:
        raise OSError(errno.EIO, "/secret/path is broken")

    monkeypatch.setattr(os, "writev", broken)
    with pytest.raises(OSError, match="broken"):
        client.post(f"/uploads/{TOKEN}", content=FORM, headers=KIND)
    assert failure(client)["reason"] == "The upload was broken off."
    assert list(directory.iterdir()) == []


def test_more_than_64_gib_is_refused(client: Client) -> None:
    headers = {**KIND, "Content-Length": str(64 * 1024**3 + 1)}
    assert client.post(f"/uploads/{TOKEN}", content=FORM, headers=headers).status == 413


def test_streams_are_limited(client: Client, demo: Demo) -> None:
    upload(client, ("a.txt", b"1"))
    streams = vars(demo.transfers)["_streams"]
    streams.acquire()
    refused = client.get(f"/uploads/{TOKEN}/events")
    assert (refused.status, refused.headers["Retry-After"]) == (503, "5")
    streams.release()
    assert events(client)
    assert events(client)
