"""What a real browser sends, captured by running it, comes out as the page had it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.producers.capture import Capture, File, capture, decoded
from tests.support.chromium import chromium

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from selenium.webdriver import Chrome
    from selenium.webdriver.remote.webelement import WebElement

# Names of fields and of files. A browser makes every newline of a form CRLF, but not those of a file's name.
NAMES = [
    'quo"te',
    "back\\slash",
    "ünï€😀",
    "per%cent%",
    "semi;colon",
    "it's",
    " space ",
    "a[b][]",
    "C:\\x\\y",
    "",
]
NEWLINES = ["new\nline", "car\rriage", "both\r\n"]

FILL = """
const [enctype, names, values, filenames] = arguments;
const form = document.forms[0];
form.enctype = enctype;
for (const [index, name] of names.entries()) {
    const input = document.createElement("textarea");
    input.name = name;
    input.value = values[index];
    form.append(input);
}
for (const filename of filenames) {
    const input = document.createElement("input");
    const transfer = new DataTransfer();
    transfer.items.add(new File([filename], filename, {type: "text/plain"}));
    input.type = "file";
    input.name = filename;
    input.files = transfer.files;
    form.append(input);
}
"""
FILE_INPUT = """
const [name, multiple] = arguments;
const input = document.createElement("input");
input.type = "file";
input.name = name;
input.multiple = multiple !== "";
document.forms[0].append(input);
return input;
"""


def run(browser: Chrome, script: str, *arguments: object) -> WebElement:
    execute: Callable[..., WebElement] = getattr(browser, "execute_script")  # noqa: B009  # it has no types
    return execute(script, *arguments)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    with chromium(tmp_path_factory.mktemp("profile")) as chrome:
        yield chrome


@pytest.fixture
def server(browser: Chrome) -> Iterator[Capture]:
    with capture() as running:
        browser.get(running.url)
        yield running
        browser.get("about:blank")  # it keeps its connections as long as it shows the page


def submit(browser: Chrome) -> None:
    run(browser, "document.forms[0].submit()")


def crlf(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")


def test_odd_names(browser: Chrome, server: Capture) -> None:
    names = [name for name in NAMES + NEWLINES if name]  # controls without a name are not sent
    values = [f"value of {name}" for name in names]
    filenames = NAMES[:-1]
    run(browser, FILL, "multipart/form-data", names, values, filenames)
    submit(browser)
    files = [(name, File(name, "text/plain", name.encode())) for name in filenames]
    assert decoded(server.last()) == [*((crlf(name), f"value of {crlf(name)}") for name in names), *files]


def test_newlines_in_the_names_of_files(browser: Chrome, server: Capture) -> None:
    run(browser, FILL, "multipart/form-data", [], [], NEWLINES)
    submit(browser)
    sent = decoded(server.last())
    assert [value.filename for _, value in sent if isinstance(value, File)] == NEWLINES
    assert [name for name, _ in sent] == [crlf(name) for name in NEWLINES]


def test_urlencoded(browser: Chrome, server: Capture) -> None:
    names = [name for name in NAMES + NEWLINES if name]
    run(browser, FILL, "application/x-www-form-urlencoded", names, names, [])
    submit(browser)
    assert decoded(server.last()) == [(crlf(name), crlf(name)) for name in names]


def test_files(browser: Chrome, server: Capture, tmp_path: Path) -> None:
    contents = {"a.txt": b"\r\n--", "b.html": b"", "naïve.bin": bytes(range(256)) * 5}
    types = {"a.txt": "text/plain", "b.html": "text/html", "naïve.bin": "application/octet-stream"}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    run(browser, FILL, "multipart/form-data", ["before"], ["1"], [])
    run(browser, FILE_INPUT, "empty", "")
    several = run(browser, FILE_INPUT, "several", "multiple")
    several.send_keys("\n".join(str(tmp_path / name) for name in contents))
    submit(browser)
    form = decoded(server.last())
    assert form == [
        ("before", "1"),
        ("empty", File("", "application/octet-stream", b"")),
        *(("several", File(name, types[name], content)) for name, content in contents.items()),
    ]


def test_a_file_of_50_mib(browser: Chrome, server: Capture, tmp_path: Path) -> None:
    content = bytes(range(256)) * 4096 * 50
    (tmp_path / "large.bin").write_bytes(content)
    run(browser, FILL, "multipart/form-data", ["before"], ["1"], [])
    run(browser, FILE_INPUT, "large", "").send_keys(str(tmp_path / "large.bin"))
    submit(browser)
    assert decoded(server.last()) == [
        ("before", "1"),
        ("large", File("large.bin", "application/octet-stream", content)),
    ]
