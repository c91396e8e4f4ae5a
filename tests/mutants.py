"""Break one line after another and see whether a test fails: `python -m tests.mutants`.

Needs a file of coverage with contexts, which says which tests run a line:

    pytest --quick -n 3 --cov --cov-context=test --cov-report=
    python -m tests.mutants --coverage .coverage --count 150 --results mutants.json

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
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import coverage

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
    "posts/features/approval/state",
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

    def __init__(self, file: str) -> None:
        self._data = coverage.CoverageData(file)
        self._data.read()
        self._paths = {Path(path).as_posix(): path for path in self._data.measured_files()}

    def of(self, mutant: Mutant) -> list[str]:
        path = next((p for name, p in self._paths.items() if name.endswith(f"/{mutant.path}")), "")
        by_line = self._data.contexts_by_lineno(path) if path else {}
        # Coverage counts a statement of many lines at its first one.
        line = max((each for each in by_line if each <= mutant.line), default=0)
        found = {context.partition("|")[0] for context in by_line.get(line, ()) if context}
        own = f"tests/{Path(mutant.path).parent}/"
        return sorted(found, key=lambda test: (not test.startswith(own), _spread(test)))


def _spread(test: str) -> float:
    """An order in which tests of one file are not neighbours; the same in each run."""
    return random.Random(test).random()


def judge(mutant: Mutant, tests: list[str], tree: Path) -> str:
    """Run them in `tree` with this mutant: killed, survived or not run."""
    file = tree / mutant.path
    source = file.read_text()
    file.write_text(mutant.apply(source))
    try:
        for begin in range(0, len(tests), AT_ONCE):
            if not _passes(tests[begin : begin + AT_ONCE], tree):
                return "killed"
    finally:
        file.write_text(source)
    return "survived" if tests else "not run"


def _passes(tests: list[str], tree: Path) -> bool:
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
    try:
        done = subprocess.run(command, cwd=tree, capture_output=True, timeout=TIMEOUT_SECONDS)
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
    parser.add_argument("--coverage", required=True, help="a file with contexts")
    parser.add_argument("--count", type=int, default=150)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--results", required=True, help="a file of JSON; goes on where it ended")
    chosen = parser.parse_args()
    results = Path(chosen.results)
    known = json.loads(results.read_text()) if results.exists() else []
    tests = Tests(chosen.coverage)
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        subprocess.run(
            ["git", "worktree", "add", "-q", "--detach", str(tree)], cwd=ROOT, check=True
        )
        try:
            os.environ |= SETTINGS
            os.environ["DOVECOTE_HOME"] = str(HOME)
            embedded.start(HOME)
            os.environ[migrated.GIVEN] = migrated.template()
            for mutant in sample(chosen.count, chosen.seed)[len(known) :]:
                verdict = judge(mutant, tests.of(mutant), tree)
                known.append({**asdict(mutant), "verdict": verdict})
                results.write_text(json.dumps(known, indent=1))
                print(verdict, mutant.path, mutant.line, mutant.was, "→", mutant.becomes)
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", str(tree)], cwd=ROOT)
    print(dict(Counter(each["verdict"] for each in known)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
