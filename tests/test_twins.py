"""What blocks and what awaits is the same code: the twins, with `async` and `await` taken off, are equal."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import toolkit

SOURCE = Path(toolkit.__file__).parent

WIRE = "testing/wire_transport.py"

TWINS = [
    *(
        (f"drivers.py SyncRequest.{name}", f"drivers.py AsyncRequest.{name}")
        for name in ("stream", "data", "text", "json", "form")
    ),
    *(
        (f"drivers.py Pieces.{blocks}", f"drivers.py AsyncPieces.{awaits}")
        for blocks, awaits in (("__iter__", "__aiter__"), ("__next__", "__anext__"))
    ),
    *(
        (f"wsgi.py Request.{name}", f"asgi.py Request.{name}")
        for name in ("_pull", "early_hints")
    ),
    *(
        (f"{WIRE} WireTransport.{name}", f"{WIRE} AsyncWireTransport.{name}")
        for name in ("send", "raw", "_parts", "_serve")
    ),
    (f"{WIRE} _Content.__next__", f"{WIRE} _AsyncContent.__anext__"),
]  # fmt: skip

NAMES = {
    "__aenter__": "__enter__",
    "__aexit__": "__exit__",
    "__aiter__": "__iter__",
    "__anext__": "__next__",
    "_AsyncContent": "_Content",
    "_async_given": "_given",
    "_async_next_event": "_next_event",
    "_async_sent": "_sent",
    "aclose": "close",
    "aclosing": "closing",
    "aiter": "iter",
    "anext": "next",
    "asynccontextmanager": "contextmanager",
    "AsyncGenerator": "Generator",
    "AsyncIterator": "Iterator",
    "AsyncPieces": "Pieces",
    "StopAsyncIteration": "StopIteration",
}


class Blocking(ast.NodeTransformer):
    """Takes `async` and `await` off."""

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:  # ast's name
        return self.visit_FunctionDef(ast.FunctionDef(**dict(ast.iter_fields(node))))

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:  # the same
        self.generic_visit(node)
        node.name = NAMES.get(node.name, node.name)
        return node

    def visit_AsyncFor(self, node: ast.AsyncFor) -> ast.AST:  # the same
        self.generic_visit(node)
        return ast.For(**dict(ast.iter_fields(node)))

    def visit_AsyncWith(self, node: ast.AsyncWith) -> ast.AST:  # the same
        self.generic_visit(node)
        return ast.With(**dict(ast.iter_fields(node)))

    def visit_Await(self, node: ast.Await) -> ast.AST:  # the same
        self.generic_visit(node)
        return node.value

    def visit_Name(self, node: ast.Name) -> ast.AST:  # the same
        return ast.Name(NAMES.get(node.id, node.id), node.ctx)

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:  # the same
        self.generic_visit(node)
        return ast.Attribute(node.value, NAMES.get(node.attr, node.attr), node.ctx)


def blocking(path: str) -> list[str]:
    """All definitions under a name, its overloads included, as trees without `async` and `await`."""
    file, name = path.split()
    kind, function = name.split(".")
    tree = ast.parse((SOURCE / file).read_text("utf-8"))
    (owner,) = (node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == kind)
    found = [
        node
        for node in owner.body
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == function
    ]
    assert found, path
    return [ast.dump(Blocking().visit(node)) for node in found]


@pytest.mark.parametrize(("blocks", "awaits"), TWINS)
def test_twins_are_equal(blocks: str, awaits: str) -> None:
    assert blocking(blocks) == blocking(awaits)


def test_twins_have_the_same_methods() -> None:
    tree = ast.parse((SOURCE / "drivers.py").read_text("utf-8"))
    methods = {
        node.name: {
            part.name for part in node.body if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef))
        }
        for node in tree.body
        if isinstance(node, ast.ClassDef)
    }
    assert methods["SyncRequest"] == methods["AsyncRequest"]


def test_the_comparison_sees_a_difference() -> None:
    first, second = (
        ast.dump(Blocking().visit(ast.parse(text)))
        for text in ("async def f(): return await g()", "def f(): return h()")
    )
    assert first != second
