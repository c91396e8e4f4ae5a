"""tests/README.md has a row for each promise of README.md and SECURITY.md, with quick tests."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
LATER = re.compile(r"pytest\.mark\.(thorough|needs)\b")  # what `make test` leaves out


def section(document: str, title: str) -> str:
    rest = (ROOT / document).read_text().split(f"\n## {title}\n")[1]
    return rest.partition("\n## ")[0]


def rows(document: str, title: str) -> list[list[str]]:
    lines = re.findall(r"^\| (.+) \|$", section(document, title), re.M)
    return [line.split(" | ") for line in lines if line != lines[0]]


def promised() -> list[str]:
    found = re.findall(r"^- \*\*(.+?)\*\*", section("README.md", "Promises"), re.M)
    for title in ("What is protected, and how", "What a customer can grow, and how far"):
        found += [what for what, _ in rows("SECURITY.md", title)]
    return found


TABLE = rows("tests/README.md", "Promises and the quick tests that guard them")


@cache
def guards_in(path: str) -> dict[str, bool]:
    """Each test of a file, and whether `make test` runs it."""
    body = ast.parse((ROOT / path).read_text()).body
    of_all = [each.value for each in body if ast.unparse(each).startswith("pytestmark = ")]
    tests = [each for each in body if isinstance(each, ast.FunctionDef)]
    return {each.name: not any(map(is_later, of_all + each.decorator_list)) for each in tests}


def is_later(mark: ast.expr) -> bool:
    """A mark or a list of them. A mark of one case alone leaves the others to `make test`."""
    return any(LATER.match(ast.unparse(each)) for each in getattr(mark, "elts", [mark]))


def test_every_promise_has_one_row_and_every_row_is_a_promise():
    assert [what for what, _ in TABLE] == promised()
    assert len(set(promised())) == len(TABLE) > 40


@pytest.mark.parametrize(("promise", "by"), TABLE, ids=[what for what, _ in TABLE])
def test_a_promise_is_guarded_by_tests_that_every_commit_runs(promise, by):
    guards = NAMED.findall(by)
    assert by == ", ".join(f"`{path}::{test}`" for path, test in guards)
    assert 1 <= len(guards) <= 4
    assert [(path, test) for path, test in guards if not guards_in(path).get(test)] == []
