"""Every list of the API is one of both clients: its items can be iterated."""

import re
from pathlib import Path

import pytest

from deploy.clients.builders import python_source, typescript
from deploy.clients.operations import Document, Operation
from tests.clients.python.built import described


@pytest.fixture(scope="module")
def document() -> Document:
    return Document.read(described())


def answers_only_a_list(operation: Operation) -> bool:
    answer = operation.document.properties(operation.answers.get("application/json", {}))
    if "data" not in answer or operation.method != "GET":
        return False
    data = answer["data"]
    fields = operation.document.properties(data)
    arrays = [name for name, each in fields.items() if each.get("type") == "array"]
    return data.get("type") == "array" or (
        len(arrays) == 1 and set(fields) <= {*arrays, "pagination"}
    )


def test_every_answer_that_is_only_a_list_is_known_as_one(document: Document):
    lists = {each.id for each in document.operations if answers_only_a_list(each)}

    assert {each.id for each in document.operations if each.id.startswith("list_")} <= lists
    assert {each.id for each in document.operations if each.items is not None} >= lists


def test_the_python_client_iterates_every_list(document: Document):
    source = python_source.resources(document)

    for operation in document.operations:
        # The results of a post are a list as they come.
        if answers_only_a_list(operation) and operation.id != "get_post_results":
            for prefix in ("", "Async"):
                assert f"= {prefix}Listing(calls.{operation.id})" in source, operation.id


def test_the_typescript_client_iterates_every_list(document: Document, tmp_path: Path):
    typescript.generate(described(), tmp_path)
    listings = re.findall(r'transport\.listing\("(\w+)"', (tmp_path / "resources.ts").read_text())

    assert {each.id for each in document.operations if answers_only_a_list(each)} <= set(listings)
