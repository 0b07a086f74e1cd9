from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

from toolkit.__main__ import main
from toolkit.sansio.routing import Router, Rule

if TYPE_CHECKING:
    from pathlib import Path

SHOP = """
from toolkit.sansio.routing import Group, Router, Rule
def show(): ...
router = Router([
    Rule("/", "index", methods=["GET"]),
    Rule("/items/<int:id>", show, methods=["GET", "POST"], host="shop.org"),
    Rule("/old/<int:id>", "old", redirect_to="/items/<id>"),
    Rule("/i/", "index", alias=True, methods=["GET"]),
    Rule("/static/<path:p>", "static", build_only=True),
    Rule("/live", "live", websocket=True),
])
twice = Router([Group("/" + v, [Rule("/<int:id>", show)], name=v) for v in ("a", "b")])
empty = Router()
shadowed = Router([Rule("/<str:a>", "first"), Rule("/<a>", "second")])
"""


@pytest.fixture(autouse=True)
def _shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "shop_for_test.py").write_text(SHOP)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [entry for entry in sys.path if entry])
    monkeypatch.delitem(sys.modules, "shop_for_test", raising=False)


def run(capsys: pytest.CaptureFixture[str], *arguments: str, name: str = "router") -> tuple[int, str]:
    status = main(["routes", f"shop_for_test:{name}", *arguments])
    captured = capsys.readouterr()
    return status, captured.out + captured.err


def test_table(capsys: pytest.CaptureFixture[str]) -> None:
    status, text = run(capsys)
    assert status == 0
    lines = text.splitlines()
    assert lines[0].split() == ["METHODS", "HOST", "PATH", "ENDPOINT", "KIND"]
    assert lines[1].split() == ["GET,POST", "shop.org", "/items/<int:id>", "show"]
    assert {line.split()[-1] for line in lines} >= {"alias", "redirect", "only", "live"}


def test_no_rules(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, name="empty") == (0, "there are no rules\n")
    assert run(capsys, "--json", name="empty") == (0, "[]\n")


def test_one_question_at_a_time(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        run(capsys, "--match", "/", "--build", "index")
    assert caught.value.code == 2
    assert "--build: not allowed with argument --match" in capsys.readouterr().err


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    status, text = run(capsys, "--json")
    rows = json.loads(text)
    assert status == 0
    assert rows[0] == {
        "methods": ["GET", "POST"],
        "host": "shop.org",
        "path": "/items/<int:id>",
        "endpoint": "show",
        "kind": "",
    }


@pytest.mark.parametrize(
    ("arguments", "status", "text"),
    [
        (["--match", "/items/7", "--host", "shop.org"], 0, "id=7"),
        (["--match", "/items/7?page=2", "--host", "shop.org"], 0, "id=7"),
        (["--match", "/"], 0, "params: none"),
        (["--match", "/live", "--websocket"], 0, "live"),
        (["--match", "/", "--method", "PUT"], 1, "allowed: GET, HEAD, OPTIONS"),
        (["--match", "/old/7"], 1, "location: /items/7"),
        (["--match", "/item/7"], 1, "near: /items/<int:id>"),
        (["--match", "/live"], 1, "status: 404"),
        (["--match", "/live"], 1, "mismatch: the path is there for WebSocket handshakes only"),
        (["--match", "/", "--websocket"], 1, "mismatch: the path is there for plain requests only"),
        (["--match", "/", "--json"], 0, '"endpoint": "index"'),
        (["--build", "show", "id=7", "q=a b"], 0, "/items/7?q=a+b"),
        (["--build", "static", "p=a/b"], 0, "/static/a/b"),
        (["--build", "show", "id=x"], 2, "an int is needed"),
        (["--build", "nothing"], 2, "no rule"),
        (["--build", "show", "id"], 2, "a parameter is NAME=VALUE, not 'id'"),
        (["--shadowed"], 0, "every rule can match"),
    ],
)
def test_match_and_build(
    capsys: pytest.CaptureFixture[str], arguments: list[str], status: int, text: str
) -> None:
    found, output = run(capsys, *arguments)
    assert text in output
    assert found == status


def test_functions_that_are_mounted_twice(capsys: pytest.CaptureFixture[str]) -> None:
    assert [line.split()[-1] for line in run(capsys, name="twice")[1].splitlines()] == [
        "ENDPOINT",
        "a.show",
        "b.show",
    ]
    assert run(capsys, "--build", "b.show", "id=7", name="twice") == (0, "/b/7\n")
    assert "endpoint: b.show" in run(capsys, "--match", "/b/7", name="twice")[1]


def test_shadowed(capsys: pytest.CaptureFixture[str]) -> None:
    status, text = run(capsys, "--shadowed", name="shadowed")
    assert status == 1
    assert "never matches" in text
    assert (
        json.loads(run(capsys, "--shadowed", "--json", name="shadowed")[1])[0]["rule"]
        == "Rule('/<a>', 'second')"
    )


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("nothing_here:router", "there is no module 'nothing_here' here or on the path"),
        ("shop_for_test.py:router", "did you mean 'shop_for_test'?"),
        ("shop_for_test:nothing", "it has Group, Router, Rule, empty, router, shadowed, show"),
        ("shop_for_test:show", "shop_for_test:show is no router: it is of type function"),
        ("router", "a router is named MODULE:NAME, such as router:router"),
        ("a:", "a router is named MODULE:NAME"),
    ],
)
def test_what_is_no_router(capsys: pytest.CaptureFixture[str], name: str, says: str) -> None:
    assert main(["routes", name]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("toolkit routes: ")
    assert says in line


def test_a_module_that_fails(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "failing_for_test.py").write_text("1 / 0\n")
    assert main(["routes", "failing_for_test:router"]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert lines[-2:] == [
        "ZeroDivisionError: division by zero",
        "toolkit routes: failing_for_test cannot be imported",
    ]


def test_a_command_is_needed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main([])
    assert caught.value.code == 2
    assert "COMMAND" in capsys.readouterr().err


def test_endpoints_of_any_kind_are_listed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    module = type(sys)("numbers_for_test")
    module.router = Router([Rule("/", 5)])  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "numbers_for_test", module)
    assert main(["routes", "numbers_for_test:router"]) == 0
    assert capsys.readouterr().out.split() == ["METHODS", "PATH", "ENDPOINT", "ANY", "/", "5"]
