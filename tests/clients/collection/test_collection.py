"""The collections have every operation, their programs can read them, and the API answers them."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft7Validator

from deploy.clients.builders import collection
from tests import programs
from tests.acceptance.stack import Stack
from tests.clients.collection import ids
from tests.clients.published.ground import ground
from tests.clients.published.npm import installed
from tests.clients.python.built import described

HERE = Path(__file__).resolve().parent


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    into = tmp_path_factory.mktemp("collection")
    collection.build(described(), into)
    return into


@pytest.fixture(scope="module")
def postman(built: Path) -> dict[str, Any]:
    return dict(json.loads((built / "postman.json").read_text()))


@pytest.fixture(scope="module")
def bruno(built: Path) -> dict[str, Any]:
    done = programs.run(
        [programs.found("node"), HERE / "read_bruno.cjs", built / "bruno"], cwd=installed(HERE)
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def requests(postman: dict[str, Any]) -> list[dict[str, Any]]:
    return [item["request"] for folder in postman["item"] for item in folder["item"]]


def test_postmans_schema_takes_the_file(postman):
    schema = json.loads((HERE / "postman-2.1.0.json").read_text())

    assert [error.message for error in Draft7Validator(schema).iter_errors(postman)] == []


def test_every_operation_is_a_request_in_the_folder_of_its_tag(postman):
    document = json.loads(described().read_text())
    wanted = [
        (operation["tags"][0], method.upper(), path)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]

    found = [
        (
            folder["name"],
            item["request"]["method"],
            re.sub(
                r"{{base_url}}|{(?={)|(?<=})}", "", item["request"]["url"]["raw"].partition("?")[0]
            ),
        )
        for folder in postman["item"]
        for item in folder["item"]
    ]

    assert sorted(found) == sorted(wanted)


@pytest.mark.needs("node", "npm")
def test_bruno_reads_the_same_requests(postman, bruno):
    read = [each for each in bruno.values() if each.get("meta", {}).get("type") == "http"]

    assert sorted(map(by_bruno, read)) == sorted(map(by_postman, requests(postman)))
    assert bruno["collection.bru"]["auth"]["mode"] == "bearer"
    assert bruno["collection.bru"]["auth"]["bearer"]["token"] == "{{api_key}}"
    variables = bruno["environments/Dovecote.bru"]["variables"]
    assert {each["name"]: each["secret"] for each in variables} == {
        each["key"]: each["key"] == "api_key" for each in postman["variable"]
    }
    folders = {name.split("/")[0] for name in bruno if name.endswith("folder.bru")}
    assert folders == {folder["name"] for folder in postman["item"]}


def by_bruno(read: dict[str, Any]) -> tuple[str, ...]:
    http, body = read["http"], read.get("body", {}).get("json")
    return shown(
        http["method"].upper(),
        http["url"],
        json.loads(body) if body else None,
        {each["name"]: each["enabled"] for each in read.get("params", [])},
        http["auth"] == "none",
    )


def by_postman(request: dict[str, Any]) -> tuple[str, ...]:
    return shown(
        request["method"],
        request["url"]["raw"],
        json.loads(request["body"]["raw"]) if "body" in request else None,
        {each["key"]: not each["disabled"] for each in request["url"]["query"]},
        "auth" in request,
    )


def shown(*parts: Any) -> tuple[str, ...]:
    return tuple(json.dumps(part, sort_keys=True) for part in parts)


@pytest.mark.thorough
def test_the_api_answers_every_request(stack: Stack, postman):
    with ground(stack) as around:
        made = ids.make(around)
        unknown = (
            {each["key"] for each in postman["variable"]} - set(made) - {"base_url", "api_key"}
        )
        assert unknown == set(), "Add these to ids.py."
        send = sender(stack, around.key, made)
        asked = requests(postman)
        reads = [request for request in asked if request["method"] == "GET"]
        answers = {name(request): send(request) for request in reads}

        wrong = {key: answer.text for key, answer in answers.items() if answer.status_code != 200}
        assert wrong == {}
        writes = [request for request in asked if request["method"] != "GET"]
        answers = {name(request): send(request) for request in writes}
        wrong = {key: answer.text for key, answer in answers.items() if answer.status_code >= 500}
        assert wrong == {}


def name(request: dict[str, Any]) -> str:
    return f"{request['method']} {request['url']['raw']}"


def sender(
    stack: Stack, key: str, made: dict[str, str]
) -> Callable[[dict[str, Any]], httpx.Response]:
    http = stack.client(stack.url)
    values = {"base_url": stack.url, **made}

    def send(request: dict[str, Any]) -> httpx.Response:
        url = re.sub(r"{{(\w+)}}", lambda found: values[found[1]], request["url"]["raw"])
        headers = {each["key"]: each["value"] for each in enabled(request["header"])}
        if "auth" not in request:
            headers["Authorization"] = f"Bearer {key}"
        body = request.get("body", {}).get("raw")
        return http.request(request["method"], url, headers=headers, content=body)

    return send


def enabled(given: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    return (each for each in given if not each.get("disabled"))
