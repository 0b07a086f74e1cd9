"""The page of the demo where the server does not matter: looks, names, what it says of faults."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from tests.demo.page import SLOW, Page
from tests.demo.serving import Served, fill_disk, needs_prlimit, served
from tests.support.chromium import chromium

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from selenium.webdriver import Chrome

pytestmark = pytest.mark.xdist_group("demo page")

WIDTHS = (320, 390, 768, 1280)
SCHEMES = ("light", "dark")

# Every visible text with its colour and the colour behind it, as [text, [r, g, b], [r, g, b]].
COLOURS = """
const rgba = text => text.match(/[\\d.]+/g).map(Number);
const behind = element => {
    for (; element; element = element.parentElement) {
        const colour = rgba(getComputedStyle(element).backgroundColor);
        if (colour.length === 3 || colour[3] === 1) return colour.slice(0, 3);
    }
    return [255, 255, 255];
};
return [...document.querySelectorAll("body *")]
    .filter(element => element.checkVisibility() && !element.closest(".unseen"))
    .filter(element => [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim()))
    .map(element => [element.innerText, rgba(getComputedStyle(element).color).slice(0, 3), behind(element)]);
"""

# All that a screen reader reads aloud when it changes.
LIVE = """
const live = ["output", "[aria-live]", "[role=status]", "[role=alert]", "[role=log]", "[role=timer]"];
return [...document.querySelectorAll(live)].map(element => element.id);
"""

# What a screen reader hears; and the browser telling the page that so many percent were sent.
LISTEN = """
window.heard = [];
const spoken = document.getElementById("spoken");
new MutationObserver(() => heard.push(spoken.textContent)).observe(spoken, {childList: true});
const send = XMLHttpRequest.prototype.send;
XMLHttpRequest.prototype.send = function (body) {
    window.upload = this.upload;
    send.call(this, body);
};
"""
PROGRESS = """
const loaded = arguments[0];
window.upload.dispatchEvent(new ProgressEvent("progress", {lengthComputable: true, loaded, total: 100}));
"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    with chromium(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.fixture
def server(browser: Chrome, tmp_path: Path) -> Iterator[Served]:
    with served("built-in-asgi", tmp_path / "files") as running:
        yield running
        browser.get("about:blank")


def luminance(colour: list[float]) -> float:
    """WCAG 2.2, relative luminance."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (octet / 255 for octet in colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: list[float], other: list[float]) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def check_looks(page: Page) -> None:
    """No text is faint, and nothing is wider than the page, at any width, in any scheme."""
    for width in WIDTHS:
        for scheme in SCHEMES:
            page.devtools(
                "Emulation.setDeviceMetricsOverride",
                width=width,
                height=800,
                deviceScaleFactor=1,
                mobile=False,
            )
            media = [
                {"name": "prefers-color-scheme", "value": scheme},
                {"name": "prefers-reduced-motion", "value": "reduce"},
            ]
            page.devtools("Emulation.setEmulatedMedia", features=media)
            assert cast("int", page.run("return document.documentElement.scrollWidth")) <= width
            texts = cast("list[tuple[str, list[float], list[float]]]", page.run(COLOURS))
            assert len(texts) > 5
            faint = [(text, front, back) for text, front, back in texts if contrast(front, back) < 4.5]
            assert not faint, f"{scheme}, {width}"


def test_it_can_be_read_in_every_state(browser: Chrome, server: Served) -> None:
    name = "a-rather-long-name-without-any-place-to-break-it-" * 3
    page = Page(browser, server.url)
    check_looks(page)
    page.click("#send")  # without a file: an error
    page.drop((f"{name}.bin", 4_000_000, 1), ("b.txt", 5, 1))
    check_looks(page)
    page.throttle(SLOW)
    page.click("#send")
    page.wait("a part has come", "document.querySelector('#parts li')")
    check_looks(page)
    top = "return document.getElementById(arguments[0]).getBoundingClientRect().top"
    cancel, parts = (cast("float", page.run(top, name)) for name in ("cancel", "parts"))
    assert cancel < parts  # it stays where it is, however many come
    page.throttle()
    page.says("Stored 2 files")
    page.wait("they are listed", "document.querySelectorAll('#stored li').length === 2")
    check_looks(page)
    page.click("#stored button")
    check_looks(page)


def test_everything_has_a_name(browser: Chrome, server: Served) -> None:
    page = Page(browser, server.url)
    page.drop(("a.txt", 5, 1))
    names = {
        "#files": "Choose files or drop them here",
        "#title": "Title",
        "#note": "Note",
        "#form": "New upload",
        "#chosen": "Files to upload",
        "#chosen button": "Remove a.txt",
        "#send": "Upload",
    }
    assert {selector: page.element(selector).accessible_name for selector in names} == names
    page.throttle(SLOW)
    page.drop(("large.bin", 20_000_000, 1))
    page.click("#send")
    names = {"#sent": "Sent by this browser", "#received": "Received by the server", "#cancel": "Cancel"}
    assert {selector: page.element(selector).accessible_name for selector in names} == names
    assert page.element("#sent").aria_role == "progressbar"
    assert page.element("#spoken").aria_role == "status"
    assert page.run(LIVE) == ["spoken"]  # numbers that change all the time are not read aloud
    page.throttle()
    page.says("Stored 2 files")
    page.click("#stored button")
    assert page.element("#confirm").aria_role == "dialog"
    assert page.element("#confirm").accessible_name.startswith("Delete ")
    page.press("\ue00c")


def test_progress_is_spoken_by_the_quarter(browser: Chrome, server: Served) -> None:
    page = Page(browser, server.url)
    page.run(LISTEN)
    page.drop(("large.bin", 20_000_000, 1))
    page.throttle(SLOW)
    page.click("#send")
    for percent in (10, 20, 26, 30, 40, 51, 60, 77, 80, 99):
        page.run(PROGRESS, percent)
    page.click("#cancel")
    page.says("Cancelled.")
    page.throttle()
    heard = cast("list[str]", page.run("return heard"))
    assert heard == ["Uploading.", "25 percent sent.", "50 percent sent.", "75 percent sent."]


def test_a_server_that_dies_is_told(browser: Chrome, server: Served) -> None:
    page = Page(browser, server.url)
    page.drop(("large.bin", 20_000_000, 1))
    page.throttle(SLOW)
    page.click("#send")
    page.wait("some of it has come", "document.getElementById('received').value > 0")
    server.process.kill()
    page.says("The connection broke. Nothing was kept.")
    assert page.focused() == "message"
    assert page.text("#chosen .name") == "large.bin"
    page.throttle()


@needs_prlimit
def test_what_went_wrong_on_the_server_is_told(browser: Chrome, server: Served) -> None:
    """The answer or the stream of events says why, whichever gets through."""
    page = Page(browser, server.url)
    fill_disk(server)
    page.drop(("large.bin", 50_000_000, 1))
    page.click("#send")
    page.says("The disk is full. Nothing was kept.")
    assert server.files() == []
