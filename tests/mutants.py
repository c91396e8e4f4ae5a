"""Break one line after another and see whether a test fails: `python -m tests.mutants`.

Needs Python 3.12 or newer, and to know which tests run a line:

    pytest --quick -n 3 -p tests.reached --reached=.dovecote/reached
    python -m tests.mutants --reached .dovecote/reached --count 150 --results mutants.json

A mutant changes one place of a module that decides whether and when something is published. It is
killed if one of the tests that run its line fails. Those of the module's own folder run first.
"""

import argparse
import ast
import json
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Container, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from queue import Empty, Queue
from tempfile import TemporaryDirectory
from typing import Any, Self

from deploy.local import embedded
from tests import migrated

ROOT = Path(__file__).resolve().parent.parent
MODULES = (
    "destinations/publishing",
    "destinations/dispatch",
    "destinations/state",
    "destinations/deleting",
    "posts/composing",
    "posts/keys",
    "posts/features/webhooks",
    "posts/features/approval",
    "posts/api/idempotency",
    "platforms/http",
    "platforms/downloads",
)
HOME = ROOT / ".dovecote" / "test-mutants"
#: For the template database.
SETTINGS = {
    "SECRET_KEY": "only-for-tests",
    "CREDENTIAL_KEYS": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
}
#: Mutants that are judged at the same time.
AT_THE_SAME_TIME = 2
#: Of tests that run a line, how many go into one process of pytest, so that the first that fails
#: ends it.
AT_ONCE = 80
TIMEOUT_SECONDS = 240
SWAPS: dict[type, type] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
}


@dataclass(frozen=True)
class Mutant:
    """One place of a module and what stands there instead."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    was: str
    becomes: str

    def apply(self, source: str) -> str:
        lines = source.encode().splitlines(keepends=True)
        before = b"".join(lines[: self.line - 1]) + lines[self.line - 1][: self.column]
        after = lines[self.end_line - 1][self.end_column :] + b"".join(lines[self.end_line :])
        return (before + self.becomes.encode() + after).decode()


def mutants(path: Path) -> Iterator[Mutant]:
    """Every mutant of a module."""
    source = path.read_text()
    for node in ast.walk(ast.parse(source)):
        for place, becomes in _changes(node):
            yield Mutant(
                str(path.relative_to(ROOT)),
                place.lineno,
                place.col_offset,
                place.end_lineno or place.lineno,
                place.end_col_offset or 0,
                ast.get_source_segment(source, place) or "",
                becomes,
            )


def _changes(node: ast.AST) -> Iterator[tuple[ast.expr | ast.stmt, str]]:
    match node:
        case ast.Compare(ops=[operator]) if type(operator) in SWAPS:
            changed = ast.Compare(node.left, [SWAPS[type(operator)]()], node.comparators)
            yield node, f"({ast.unparse(changed)})"
        case ast.BoolOp():
            yield node, f"({ast.unparse(ast.BoolOp(SWAPS[type(node.op)](), node.values))})"
        case ast.BinOp() if type(node.op) in SWAPS:
            yield node, f"({ast.unparse(ast.BinOp(node.left, SWAPS[type(node.op)](), node.right))})"
        case ast.UnaryOp(op=ast.Not()):
            yield node, f"bool({ast.unparse(node.operand)})"
        case ast.If() | ast.IfExp() | ast.While():
            yield node.test, f"(not ({ast.unparse(node.test)}))"
        case ast.Return(value=ast.expr()) if not isinstance(node.value, ast.Constant):
            yield node, "return None"
        case ast.Constant(value=bool()):
            yield node, str(not node.value)
        case ast.Constant(value=int()):
            yield node, str(node.value + 1)
        case ast.Expr(value=ast.Call() | ast.Await()) | ast.Raise():
            yield node, "pass"


class Tests:
    """Which tests run a line, those of the module's own folder first."""

    def __init__(self, folder: Path) -> None:
        self._read = [json.loads(file.read_text()) for file in folder.glob("*.json")]

    def of(self, mutant: Mutant) -> list[str]:
        found = self._that_run(mutant, range(mutant.line, mutant.end_line + 1))
        # What runs at import only: all that use the module.
        found = found or self._that_run(mutant, None)
        own = f"tests/{Path(mutant.path).parent}/"
        return sorted(found, key=lambda test: (not test.startswith(own), _spread(test)))

    def _that_run(self, mutant: Mutant, lines: Container[int] | None) -> set[str]:
        return {
            test
            for read in self._read
            for line, tests in read.get(mutant.path, {}).items()
            if lines is None or int(line) in lines
            for test in tests
            if test
        }


def _spread(test: str) -> float:
    """An order in which tests of one file are not neighbours; the same in each run."""
    return random.Random(test).random()


class Tree:
    """A copy of the code, with a database and a Redis of its own."""

    def __init__(self, folder: Path, number: int) -> None:
        self._root = folder / f"tree-{number}"
        self._database = migrated.database(f"mutants_{number}")
        redis = f"{os.environ['REDIS_URL'].rpartition('/')[0]}/{number}"
        self._env = {**os.environ, "REDIS_URL": redis}

    def __enter__(self) -> Self:
        self._env["DATABASE_URL"] = self._database.__enter__()
        command = ["git", "worktree", "add", "-q", "--detach", str(self._root)]
        subprocess.run(command, cwd=ROOT, check=True)
        return self

    def __exit__(self, *failure: Any) -> None:
        subprocess.run(["git", "worktree", "remove", "--force", str(self._root)], cwd=ROOT)
        self._database.__exit__(*failure)

    def judge(self, mutant: Mutant, tests: list[str]) -> str:
        """Run the tests with this mutant: killed, survived or not run."""
        file = self._root / mutant.path
        source = file.read_text()
        file.write_text(mutant.apply(source))
        try:
            for begin in range(0, len(tests), AT_ONCE):
                if not self._passes(tests[begin : begin + AT_ONCE]):
                    return "killed"
        finally:
            file.write_text(source)
        return "survived" if tests else "not run"

    def _passes(self, tests: list[str]) -> bool:
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
        try:
            done = subprocess.run(
                command, cwd=self._root, env=self._env, capture_output=True, timeout=TIMEOUT_SECONDS
            )
        except subprocess.TimeoutExpired:
            return False
        return done.returncode == 0


def sample(count: int, seed: int) -> list[Mutant]:
    """The same mutants for the same code and seed; every module has its share of them."""
    chosen = random.Random(seed)
    by_folder = {
        folder: [each for path in sorted((ROOT / folder).rglob("*.py")) for each in mutants(path)]
        for folder in MODULES
    }
    found = []
    for number in range(count):
        folder = MODULES[number % len(MODULES)]
        found.append(by_folder[folder].pop(chosen.randrange(len(by_folder[folder]))))
    return found


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants")
    parser.add_argument("--reached", type=Path, required=True, help="a folder of tests.reached")
    parser.add_argument("--count", type=int, default=150)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--results", required=True, help="a file of JSON; goes on where it ended")
    chosen = parser.parse_args()
    results = Path(chosen.results)
    known = json.loads(results.read_text()) if results.exists() else {}
    tests, left = Tests(chosen.reached), Queue[tuple[str, Mutant]]()
    for number, mutant in enumerate(sample(chosen.count, chosen.seed)):
        if str(number) not in known:
            left.put((str(number), mutant))

    def work(tree: Tree) -> None:
        with suppress(Empty), tree:
            while True:
                number, mutant = left.get_nowait()
                verdict = tree.judge(mutant, tests.of(mutant))
                known[number] = {**asdict(mutant), "verdict": verdict}
                results.write_text(json.dumps(known, indent=1))
                print(verdict, mutant.path, mutant.line, mutant.was, "→", mutant.becomes)

    os.environ |= SETTINGS
    os.environ["DOVECOTE_HOME"] = str(HOME)
    embedded.start(HOME)
    os.environ[migrated.GIVEN] = migrated.template()
    with TemporaryDirectory() as folder, ThreadPoolExecutor(AT_THE_SAME_TIME) as working:
        trees = [Tree(Path(folder), number) for number in range(1, AT_THE_SAME_TIME + 1)]
        list(working.map(work, trees))
    print(dict(Counter(each["verdict"] for each in known.values())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
