"""The page of the demo in headless Chromium, on every server: what a person does with it."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from typing import TYPE_CHECKING, cast

import pytest

from tests.demo.page import ENTER, ESCAPE, SLOW, TAB, Page
from tests.demo.serving import SERVERS, Served, each, served
from tests.support.chromium import chromium
from tests.support.waiting import until
from toolkit.demo.receiving import LIMITS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from selenium.webdriver import Chrome

CONTENT = bytes(range(256)) * 4096 * 8
STATE = """
const [sent, received, text, parts] =
    ["sent", "received", "received-text", "parts"].map(id => document.getElementById(id));
return [sent.value, received.value, text.textContent, parts.textContent];
"""
RESUME = """
const [path, cut] = arguments;
const first = await fetch(path, {headers: {Range: `bytes=0-${cut - 1}`}});
const rest = await fetch(path, {headers: {Range: `bytes=${cut}-`, "If-Range": first.headers.get("ETag")}});
const whole = await new Blob([await first.blob(), await rest.blob()]).arrayBuffer();
const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", whole));
return [first.status, rest.status, [...digest].map(octet => octet.toString(16).padStart(2, "0")).join("")];
"""
ANSWER = """
const [method, status] = arguments;
const ask = window.fetch;
window.fetch = async (path, options) => {
  if ((options?.method ?? "GET") !== method) return ask(path, options);
  return new Response(null, {status, statusText: "Sorry"});
};
"""
PATIENT = """
const wait = window.setTimeout;
window.setTimeout = (call, time) => (time < 1000 ? wait(call, time) : 0);
"""
LOST = """
const listen = XMLHttpRequest.prototype.addEventListener;
XMLHttpRequest.prototype.addEventListener = function (type, handle) {
  if (type !== "load") listen.call(this, type === "error" ? "load" : type, handle);
};
"""
TOO_LATE = """
const listen = XMLHttpRequest.prototype.addEventListener;
XMLHttpRequest.prototype.addEventListener = function (type, handle) {
  if (type !== "load") listen.call(this, type, handle);
};
XMLHttpRequest.prototype.abort = function () {
  this.dispatchEvent(new ProgressEvent("abort"));
};
"""
HELD = """
const ask = window.fetch;
window.held = [];
window.fetch = async (path, options) => {
  if (options?.method === "DELETE") await new Promise(release => window.held.push(release));
  return ask(path, options);
};
"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    with chromium(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.fixture(scope="module", params=each(SERVERS))
def server(
    request: pytest.FixtureRequest, browser: Chrome, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    with served(request.param, tmp_path_factory.mktemp("demo") / "files") as running:
        yield running
        browser.get("about:blank")  # it keeps its connections as long as it shows the page


@pytest.fixture
def page(server: Served, browser: Chrome) -> Iterator[Page]:
    for path in server.directory.iterdir():
        path.unlink()
    page = Page(browser, server.url)
    yield page
    page.throttle()


def test_three_files_and_two_fields(page: Page, server: Served, tmp_path: Path) -> None:
    (tmp_path / "film.bin").write_bytes(CONTENT)
    page.element("#files").send_keys(str(tmp_path / "film.bin"))
    page.drop(("Zürich <b>.txt", 300_000, 65), ("empty", 0, 0))
    page.element("#title").send_keys("Holidays")
    page.element("#note").send_keys("by the <lake>")
    page.throttle(SLOW)
    page.click("#send")
    states: list[tuple[float, float]] = []

    def is_seen() -> bool:
        """Whether both bars have moved under way, and have said how fast and what."""
        sent, received, text, parts = cast("tuple[float, float, str, str]", page.run(STATE))
        if 0 < sent < 1 and 0 < received < 1 and "MB/s" in text and "left" in text and "film.bin" in parts:
            states.append((sent, received))
        return min(len({state[bar] for state in states}) for bar in (0, 1)) > 2

    until(is_seen, "the upload is seen under way")
    page.throttle()
    page.says("Stored 3 files · Title: Holidays · Note: by the <lake>")
    assert page.focused() == "message"
    contents = {"film.bin": CONTENT, "Zürich _b_.txt": b"A" * 300_000, "empty": b""}
    assert {path.name: path.read_bytes() for path in server.directory.iterdir()} == contents
    hashes = "return [...document.querySelectorAll('#stored .hash')].map(hash => hash.textContent)"
    page.wait("they are listed", "document.querySelectorAll('#stored li').length === 3")
    assert sorted(page.listed()) == sorted(contents)
    assert sorted(cast("list[str]", page.run(hashes))) == sorted(
        f"SHA-256 {hashlib.sha256(content).hexdigest()}" for content in contents.values()
    )
    assert page.complaints() == []


def test_download_and_resume(page: Page, server: Served, tmp_path: Path) -> None:
    (server.directory / "a film.bin").write_bytes(CONTENT)
    page.browser.refresh()
    page.devtools("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
    page.click("#stored a")
    target = tmp_path / "a film.bin"
    until(lambda: target.exists() and target.stat().st_size == len(CONTENT), "the download is complete")
    assert target.read_bytes() == CONTENT
    digest = hashlib.sha256(CONTENT).hexdigest()
    assert page.run(RESUME, "files/a%20film.bin", 3_000_000) == [206, 206, digest]
    assert page.text("#curl").endswith("/files/a%20film.bin")


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_command_that_resumes_is_one_for_a_shell(page: Page, server: Served, tmp_path: Path) -> None:
    (server.directory / "it's (1) *~!.bin").write_bytes(CONTENT)
    page.browser.refresh()
    page.element("[aria-label*='Delete it']")
    command = page.text("#curl").replace("curl", "curl -sS --fail")
    subprocess.run(["sh", "-c", command], cwd=tmp_path, check=True)
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [CONTENT]


def test_cancel_leaves_nothing(page: Page, server: Served) -> None:
    page.drop(("large.bin", 20_000_000, 1))
    page.throttle(SLOW)
    page.click("#send")
    page.wait("some of it has come", "document.getElementById('received').value > 0")
    assert page.focused() == "cancel"
    page.click("#cancel")
    page.says("Cancelled. Nothing was kept.")
    assert server.files() == []
    assert page.listed() == []
    page.throttle()
    assert page.text("#chosen .name") == "large.bin"  # another try is one click
    page.click("#send")
    page.says("Stored large.bin")
    assert server.files() == ["large.bin"]


def test_an_answer_that_is_lost(page: Page, server: Served) -> None:
    """What the server has stored is told all the same."""
    page.run(PATIENT)
    page.run(LOST)
    page.drop(("a", 1, 65))
    page.click("#send")
    page.says("Stored a")
    assert server.files() == ["a"]


def test_a_file_that_changes_after_it_was_chosen(page: Page, server: Served, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"hello")
    page.element("#files").send_keys(str(tmp_path / "a.txt"))
    (tmp_path / "a.txt").unlink()
    page.click("#send")
    page.says("a.txt has changed or is gone: remove it, or choose it again. Nothing was kept.")
    assert page.text("#chosen .name") == "a.txt"
    assert server.files() == []


def test_more_files_than_one_upload_may_hold(page: Page, server: Served) -> None:
    page.drop(*((f"{number}", 1, 65) for number in range(LIMITS.max_files + 1)))
    page.click("#send")
    page.says("These are 101 files: remove all but 100.")
    page.click("[aria-label='Remove 0']")
    page.click("#send")
    page.says("Stored 100 files")
    assert len(server.files()) == 100


def test_what_the_server_refuses_is_a_sentence(page: Page) -> None:
    page.run("document.getElementById('title').value = 'x'.repeat(2_000_000)")
    page.drop(("a", 1, 65))
    page.click("#send")
    page.says("(part 1, field 'title', at byte 0). Nothing was kept.")


def test_cancel_when_it_is_too_late(page: Page, server: Served) -> None:
    """All has been sent, and only the answer has not come yet: it is not said that nothing was kept."""
    page.run(PATIENT)
    page.run(TOO_LATE)
    page.drop(("a", 1, 65))
    page.click("#send")
    until(lambda: server.files() == ["a"], "it is stored")
    page.wait("all has been sent", "document.getElementById('sent').value === 1")
    page.click("#cancel")
    page.says("Stored a")


def test_leaving_in_mid_upload_is_asked_about(page: Page) -> None:
    leave = """
    const leaving = new Event("beforeunload", {cancelable: true});
    return window.dispatchEvent(leaving);
    """
    assert page.run(leave) is True
    page.drop(("large.bin", 20_000_000, 1))
    page.throttle(SLOW)
    page.click("#send")
    assert page.run(leave) is False
    page.click("#cancel")
    page.says("Cancelled. Nothing was kept.")
    assert page.run(leave) is True


def test_a_server_that_is_gone(page: Page, server: Served) -> None:
    (server.directory / "a").write_bytes(b"1")
    page.browser.refresh()
    button = page.element("[aria-label='Delete a']")
    page.complaints()
    page.throttle(offline=True)
    button.click()
    page.click("#confirm .danger")
    page.says("a could not be deleted: the server does not answer.")
    assert button.is_enabled()
    assert page.focused() == "Delete a"
    page.drop(("b", 1, 65))
    page.click("#send")
    page.says("The connection broke. Nothing was kept.")
    assert page.listed() == ["a"]
    assert all("ERR_INTERNET_DISCONNECTED" in complaint for complaint in page.complaints())


def test_a_list_that_fails(page: Page, server: Served) -> None:
    hidden = server.directory.with_name("elsewhere")
    server.directory.rename(hidden)
    try:
        page.browser.refresh()
        page.says("What is stored cannot be listed: the server does not answer as it should.")
    finally:
        hidden.rename(server.directory)
    assert all("500" in complaint for complaint in page.complaints())


def test_folders_are_left_out_aloud(page: Page, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "a.txt").write_bytes(b"hello")
    page.drop_from_disk(tmp_path / "a.txt", tmp_path / "folder")
    page.says("Folders are left out: drop the files that are in them.")
    assert page.text("#chosen").startswith("a.txt")


def test_choosing_and_removing(page: Page) -> None:
    page.click("#send")
    page.says("Choose a file first.")
    assert page.focused() == "files"
    page.drop(("a", 1, 65), ("b", 1, 65), ("c", 1, 65))
    page.click("[aria-label='Remove b']")
    assert page.focused() == "Remove c"
    page.click("[aria-label='Remove c']")
    page.click("[aria-label='Remove a']")
    assert page.focused() == "files"
    assert page.run("return document.getElementById('chosen').hidden") is True


def test_delete(page: Page, server: Served) -> None:
    (server.directory / "a").write_bytes(b"1")
    (server.directory / "b").write_bytes(b"1")
    page.browser.refresh()
    page.click("[aria-label='Delete a']")
    assert page.text("#confirm-title") == "Delete a?"
    page.click("#confirm button:not(.danger)")
    page.click("[aria-label='Delete a']")
    page.click("#confirm .danger")
    page.says("Deleted a.")
    assert page.listed() == ["b"]
    assert server.files() == ["b"]
    assert page.focused() == "stored-title"


def test_a_delete_that_is_refused(page: Page, server: Served) -> None:
    """The next try is one click, whether the list can be had or not."""
    (server.directory / "a").write_bytes(b"1")
    page.browser.refresh()
    button = page.element("[aria-label='Delete a']")
    page.run(ANSWER, "DELETE", 403)
    page.run(ANSWER, "GET", 500)
    button.click()
    page.click("#confirm .danger")
    page.says("a could not be deleted: the server answered 403 Sorry.")
    assert button.is_enabled()
    assert page.focused() == "Delete a"
    assert server.files() == ["a"]


def test_a_delete_after_which_the_list_fails(page: Page, server: Served) -> None:
    (server.directory / "a").write_bytes(b"1")
    page.browser.refresh()
    button = page.element("[aria-label='Delete a']")
    page.run(ANSWER, "GET", 500)
    button.click()
    page.click("#confirm .danger")
    page.says("What is stored cannot be listed")
    assert not button.is_enabled()
    assert server.files() == []


def test_what_other_pages_do_is_listed_when_one_comes_back(page: Page, server: Served) -> None:
    (server.directory / "a").write_bytes(b"1")
    page.browser.refresh()
    button = page.element("[aria-label='Delete a']")
    page.run("arguments[0].focus(); document.dispatchEvent(new Event('visibilitychange'))", button)
    assert page.focused() == "Delete a"
    (server.directory / "b").write_bytes(b"1")
    page.run("document.dispatchEvent(new Event('visibilitychange'))")
    page.wait("the other is listed", "document.querySelectorAll('#stored li').length === 2")


def test_what_is_being_deleted_cannot_be_deleted_again(page: Page, server: Served) -> None:
    (server.directory / "a").write_bytes(b"1")
    page.browser.refresh()
    button = page.element("[aria-label='Delete a']")
    page.run(HELD)
    button.click()
    page.click("#confirm .danger")
    page.wait("it is asked for", "window.held.length")
    assert not button.is_enabled()
    page.run("document.querySelector('#stored button').click()")
    assert page.run("return document.getElementById('confirm').open") is False
    page.run("window.held.forEach(release => release())")
    page.says("Deleted a.")
    assert page.run("return window.held.length") == 1
    assert server.files() == []


def test_with_the_keyboard_alone(page: Page, server: Served, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"hello")
    page.press(TAB)
    assert page.focused() == "files"
    page.element("#files").send_keys(str(tmp_path / "a.txt"))  # what the system's dialog does
    page.press(TAB)
    assert page.focused() == "Remove a.txt"
    page.press(TAB, "Holidays", TAB)
    assert page.focused() == "note"
    page.press(TAB)
    assert page.focused() == "send"
    page.press(ENTER)
    page.says("Stored a.txt · Title: Holidays")
    page.wait("it is listed", "document.querySelector('#stored li')")
    page.run("document.getElementById('stored-title').focus()")
    page.press(TAB)
    assert page.focused() == "a.txt"
    page.press(TAB)
    assert page.focused() == "Delete a.txt"
    page.press(ENTER)
    assert page.focused() == "Keep it"
    page.press(ESCAPE)
    assert page.focused() == "Delete a.txt"
    page.press(ENTER, TAB)
    assert page.focused() == "Delete"
    page.press(ENTER)
    page.says("Deleted a.txt.")
    assert server.files() == []
