"""Every regular expression, and every scan written by hand, that the product's source has.

They are found by reading the source, so that a new one is known without being announced.
"""

import ast
import importlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("config", "posts", "destinations", "platforms")
#: Functions of `re` that take a pattern.
TAKE_PATTERN = {
    "compile", "match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer"
}  # fmt: skip


@cache
def modules(*words: str) -> list[tuple[str, ast.Module]]:
    """Each module's name, and its source if that has one of the words."""
    return list(_modules(words))


def _modules(words: tuple[str, ...]) -> Iterator[tuple[str, ast.Module]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            source = path.read_text()
            has_any = any(word in source for word in words)
            yield name.removesuffix(".__init__"), ast.parse(source if has_any else "")


def expressions() -> set[str]:
    """`module.NAME` or `module.function` of each place where a regular expression stands."""
    return {
        place for module, tree in modules("import re", "from re") for place in _uses(tree, module)
    }


def scans() -> set[str]:
    """`module.function` of each loop that goes on while it reads from something by position."""
    return {
        f"{module}.{each.name}"
        for module, tree in modules("while ")
        for each in ast.walk(tree)
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)
        and any(_reads(loop) for loop in ast.walk(each) if isinstance(loop, ast.While))
    }


def compiled() -> dict[str, re.Pattern[str]]:
    """The patterns that modules have as attributes, however they were made."""
    every = [importlib.import_module(name) for name, _ in modules() if "__main__" not in name]
    return {
        f"{module.__name__}.{name}": value
        for module in every
        for name, value in vars(module).items()
        if isinstance(value, re.Pattern)
    }


def _uses(node: ast.AST, place: str, *, is_inside: bool = False) -> Iterator[str]:
    """The names of the definitions in which patterns stand, below this one."""
    for child in ast.iter_child_nodes(node):
        assert not isinstance(child, ast.ImportFrom) or child.module != "re", "Import re itself."
        if isinstance(child, ast.Call) and _is_expression(child):
            yield place
        name = _name(child, is_inside=is_inside)
        within = is_inside or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
        yield from _uses(child, f"{place}.{name}" if name else place, is_inside=within)


def _name(node: ast.AST, *, is_inside: bool) -> str:
    """What a node defines; a name that is assigned within a function is not counted."""
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        return node.name
    if is_inside or not isinstance(node, ast.Assign | ast.AnnAssign):
        return ""
    target: ast.AST | None = node.targets[0] if isinstance(node, ast.Assign) else node.target
    while isinstance(target, ast.Tuple):
        target = target.elts[0]
    return target.id if isinstance(target, ast.Name) else ""


def _is_expression(call: ast.Call) -> bool:
    made = call.func
    return (
        isinstance(made, ast.Attribute)
        and isinstance(made.value, ast.Name)
        and made.value.id == "re"
        and made.attr in TAKE_PATTERN
    )


def _reads(loop: ast.While) -> bool:
    return any(isinstance(each, ast.Subscript) for each in ast.walk(loop))
