"""posts/api/README.md lists every call of the API, and no other."""

import re
from pathlib import Path

from config.web.documentation import document

README = (Path(__file__).resolve().parents[3] / "posts/api/README.md").read_text()
METHODS = "GET|POST|PUT|PATCH|DELETE"


def listed() -> set[tuple[str, str]]:
    """(method, path) of each call in the table."""
    rows = README.partition("## Calls\n")[2].partition("\n## ")[0].splitlines()
    cells = [row.split("|")[1] for row in rows if row.startswith("| `")]
    return {
        (method, path.strip("`"))
        for cell in cells
        for path in re.findall(r"/[^ ]+", cell)
        for method in re.findall(METHODS, cell)
    }


def described() -> set[tuple[str, str]]:
    paths = document()["paths"]
    return {
        (method, re.sub(r"\{\w+\}", "{id}", path.removeprefix("/api/v1")))
        for path, item in paths.items()
        for method in map(str.upper, item)
        if re.fullmatch(METHODS, method)
    }


def test_the_table_of_calls_is_that_of_the_openapi_document():
    assert listed() == described()
