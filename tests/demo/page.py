"""The page of the demo in a browser, as its tests use it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from tests.support.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from selenium.webdriver import Chrome
    from selenium.webdriver.remote.webelement import WebElement

selenium = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
TAB, ENTER, ESCAPE = "\ue004", "\ue007", "\ue00c"
SLOW = 250_000  # bytes per second of an upload that is not over before the test has looked at it

_DROP = """
const transfer = new DataTransfer();
for (const [name, size, octet] of arguments[0])
    transfer.items.add(new File([new Uint8Array(size).fill(octet)], name));
const place = document.getElementById("drop");
for (const type of ["dragenter", "dragover", "drop"])
    place.dispatchEvent(new DragEvent(type, {dataTransfer: transfer, bubbles: true, cancelable: true}));
"""


class Page:
    """The page, loaded."""

    def __init__(self, browser: Chrome, url: str) -> None:
        self.browser = browser
        browser.get("about:blank")
        self.complaints()  # of the page before
        browser.get(url)
        self.wait(
            "the list is there",
            "!document.getElementById('empty').hidden || !document.getElementById('stored').hidden",
        )

    def run(self, script: str, *arguments: object) -> object:
        """What a script returns."""
        execute: Callable[..., object] = getattr(self.browser, "execute_script")  # noqa: B009  # it has no types
        return execute(script, *arguments)

    def wait(self, what: str, condition: str) -> None:
        """Wait until an expression is true."""
        until(lambda: self.run(f"return !!({condition})") is True, what)

    def element(self, selector: str) -> WebElement:
        """The first element that a selector finds; it is waited for."""
        found: list[WebElement] = []

        def find() -> bool:
            found[:] = self.browser.find_elements("css selector", selector)
            return bool(found)

        until(find, f"{selector} is there")
        return found[0]

    def text(self, selector: str) -> str:
        """The text of an element, if it can be seen."""
        return self.element(selector).text

    def click(self, selector: str) -> None:
        """Click an element."""
        self.element(selector).click()

    def drop(self, *files: tuple[str, int, int]) -> None:
        """Drop files on the page: each with a name, a size, and the octet that it is full of."""
        self.run(_DROP, [list(file) for file in files])

    def drop_from_disk(self, *paths: Path) -> None:
        """Drop what is at these paths, as a file manager does: folders too."""
        data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
        for kind in ("dragEnter", "dragOver", "drop"):
            self.devtools("Input.dispatchDragEvent", type=kind, x=200, y=200, data=data)

    def throttle(self, speed: int = -1, *, offline: bool = False) -> None:
        """Slow uploads down to so many bytes per second, or no more; or cut the network off.

        It also counts for uploads that have begun.
        """
        conditions = {"offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": speed}
        self.devtools("Network.enable")
        self.devtools("Network.emulateNetworkConditions", **conditions)

    def devtools(self, command: str, **parameters: object) -> None:
        """Tell the browser something over its DevTools protocol."""
        call: Callable[..., object] = getattr(self.browser, "execute_cdp_cmd")  # noqa: B009  # it has no types
        call(command, parameters)

    def press(self, *keys: str) -> None:
        """Press keys, wherever the focus is."""
        for key in keys:
            selenium.ActionChains(self.browser).send_keys(key).perform()

    def focused(self) -> str:
        """What has the focus: its id, or the name that a screen reader says."""
        script = "const e = document.activeElement; return e.id || e.ariaLabel || e.textContent"
        return str(self.run(script)).strip()

    def says(self, text: str) -> None:
        """Wait for the message."""
        try:
            until(lambda: text in self.text("#message"), f"the page says {text!r}")
        except AssertionError as error:
            raise AssertionError(f"{error}, but\n{self.text('body')}") from None

    def listed(self) -> list[str]:
        """The names of what is stored, as the page lists them."""
        script = "return [...document.querySelectorAll('#stored .name')].map(name => name.textContent)"
        return cast("list[str]", self.run(script))

    def complaints(self) -> list[str]:
        """What the browser's console says: violations of the policy, errors of the script."""
        logs = cast("list[dict[str, str]]", self.browser.get_log("browser"))  # type: ignore[no-untyped-call]
        return [entry["message"] for entry in logs]
