"""The OpenAPI document says of every endpoint what any endpoint does."""

import builtins
import inspect
import json
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import path as route
from drf_spectacular import validation
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from jsonschema import Draft202012Validator
from rest_framework import serializers
from rest_framework.views import APIView

from config.web.documentation import COMPAT, REFERENCE
from config.web.documentation import document as describe
from platforms.registry import ADAPTERS, ALIASES
from posts.api.errors import STATUS
from posts.api.schema import descriptions
from posts.api.schema.answers import RATE_HEADERS
from posts.api.serializers.resources import MetaSerializer
from tests.posts.api.walk.described import as_json_schema


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return Client().get("/api/v1/openapi.json").json()


def operations(document) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def resolved(document, node: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        found = document
        for step in node["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        node = found
    return node


def contents(document, operation) -> Iterator[dict[str, Any]]:
    for holder in (operation.get("requestBody", {}), *operation["responses"].values()):
        content = resolved(document, holder).get("content", {}).get("application/json")
        if content:
            yield content


def fields(document) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, schema in document["components"]["schemas"].items():
        for field, shape in schema.get("properties", {}).items():
            yield f"{name}.{field}", shape


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        node = list(node.values())
    if isinstance(node, list):
        for each in node:
            yield from nodes(each)


def examples(content: dict[str, Any]) -> list[Any]:
    return [
        *([content["example"]] if "example" in content else []),
        *(each["value"] for each in content.get("examples", {}).values()),
    ]


#: What generators of clients, and the languages that they write, call their own.
TAKEN = {
    *("ApiClient", "ApiError", "ApiException", "ApiResponse", "Array", "BaseModel", "Blob"),
    *("Boolean", "Client", "Configuration", "Date", "Error", "Exception", "File", "Function"),
    *("Headers", "Map", "Null", "Number", "Object", "Promise", "Record", "Request", "Response"),
    *("Set", "String", "Symbol", "Undefined", *dir(builtins)),
}


@pytest.mark.parametrize("mount", [REFERENCE, COMPAT])
def test_no_schema_has_a_name_that_generators_use_themselves(mount):
    schemas = describe(mount)["components"]["schemas"]

    assert schemas.keys() & TAKEN == set()


@pytest.mark.parametrize("mount", [REFERENCE, COMPAT])
def test_every_default_is_a_value_of_its_own_schema(mount):
    found = describe(mount)
    components = as_json_schema({"schemas": found["components"]["schemas"]})
    seen = 0
    for node in nodes(found):
        if "default" in node and ({"type", "enum", "allOf", "anyOf"} & node.keys()):
            seen += 1
            Draft202012Validator({**as_json_schema(node), "components": components}).validate(
                node["default"]
            )
    assert seen > 20


@pytest.mark.parametrize("mount", [REFERENCE, COMPAT])
def test_both_documents_are_valid(mount):
    """By the schema of OpenAPI 3.0, and by a program that looks at more than that."""
    found = json.loads(OpenApiJsonRenderer().render(describe(mount)))
    validation.validate_schema(found)
    checker = pytest.importorskip("openapi_spec_validator", reason="make dev installs it")
    checker.validate(found)


def test_every_body_and_answer_has_an_example_of_its_own_shape(document):
    components = as_json_schema({"schemas": document["components"]["schemas"]})
    seen, count = set(), 0
    for method, path, operation in operations(document):
        for content in contents(document, operation):
            shape = {**as_json_schema(content["schema"]), "components": components}
            assert examples(content), (method, path)
            for example in examples(content):
                count += 1
                # Those of a refusal are at every operation.
                case = json.dumps([content["schema"], example])
                if case not in seen:
                    problems = list(Draft202012Validator(shape).iter_errors(example))
                    assert problems == [], (method, path)
                    seen.add(case)
    assert count > 200


def test_the_document_names_the_product_its_licence_and_where_it_is(document, settings):
    project = tomllib.loads((settings.ROOT / "pyproject.toml").read_text())["project"]

    assert document["info"]["version"] == project["version"]
    assert document["info"]["license"]["name"] == "Apache 2.0"
    assert [server["url"] for server in document["servers"]] == [settings.PUBLIC_URL]


def test_every_field_and_parameter_is_described(document):
    parameters = [
        (f"{method} {path} {parameter['name']}", parameter)
        for method, path, operation in operations(document)
        for parameter in operation.get("parameters", [])
    ]

    assert [name for name, it in [*fields(document), *parameters] if not it["description"]] == []


def test_every_description_is_of_a_field_that_there_is(document):
    found = {name for name, _ in fields(document)}
    found |= {name.partition(".")[2] for name in found}
    assert [name for name in descriptions.FIELDS if name not in found] == []


def test_every_operation_has_a_short_title_of_its_own(document):
    titles = [operation["summary"] for _, _, operation in operations(document)]

    assert len(set(titles)) == len(titles)
    assert [title for title in titles if len(title) > 40 or "," in title or "_" in title] == []


def test_no_type_is_null_because_generators_of_clients_fail_on_it(document):
    for node in nodes(document):
        assert node.get("type") != "null"
        assert not isinstance(node.get("type"), list)


def test_the_options_of_each_platform_are_typed(document):
    schemas = document["components"]["schemas"]
    content = schemas["PlatformContent"]

    assert set(content["properties"]) == {*ADAPTERS, "twitter"}
    for key, part in content["properties"].items():
        shape = resolved(document, part["allOf"][0])
        adapter = ADAPTERS[ALIASES.get(key, key)]
        settings = resolved(document, shape["properties"]["settings"]["allOf"][0])
        assert set(settings["properties"]) == {option.name for option in adapter.options}
        assert settings["additionalProperties"] is False
        words = shape["properties"].get("contentType", {}).get("enum", [])
        assert tuple(words) == adapter.post_types


def test_no_docstring_of_the_code_is_shown(document):
    shown = {schema.get("description") for schema in document["components"]["schemas"].values()}
    docstrings = {inspect.getdoc(each) for each in subclasses(serializers.BaseSerializer)}

    assert shown & (docstrings - {None}) == set()


def subclasses(cls: type) -> Iterator[type]:
    for each in cls.__subclasses__():
        yield each
        yield from subclasses(each)


#: What is answered with a file.
FILES = {"export_posts"}


def test_every_answer_is_in_the_envelope(document):
    for method, path, operation in operations(document):
        for status, answer in operation["responses"].items():
            if operation["operationId"] in FILES and status == "200":
                continue
            content = resolved(document, answer)["content"]["application/json"]
            wanted = {"data", "meta"} if status < "300" else {"data", "error", "meta"}
            for each in content["schema"].get("oneOf", [content["schema"]]):
                shape = resolved(document, each)
                assert set(shape["properties"]) == wanted, (method, path, status)
                assert set(shape["required"]) == wanted


def test_every_answer_tells_its_headers(document):
    for method, path, operation in operations(document):
        for status, answer in operation["responses"].items():
            told = set(resolved(document, answer)["headers"])
            wait = {"Retry-After"} if status in ("409", "429") else set()
            assert {"X-Request-Id", *RATE_HEADERS} | wait <= told, (method, path, status)
            assert told - {"X-Request-Id", *RATE_HEADERS} - wait <= {"Idempotent-Replayed"}


#: By programs that are about to get a key.
WITHOUT_KEY = {"start_device_login", "ask_device_login"}


def test_every_operation_tells_the_errors_of_a_key_and_of_us(document):
    for method, path, operation in operations(document):
        assert {"429", "500", "503"} <= set(operation["responses"]), (method, path)
        if operation["operationId"] in WITHOUT_KEY:
            assert operation["security"] == []
        else:
            assert {"401", "403"} <= set(operation["responses"]), (method, path)
            assert operation["security"] == [{"key": []}]
        if "{" in path:
            assert "404" in operation["responses"]
        if "requestBody" in operation:
            assert {"400", "413", "415"} <= set(operation["responses"])


#: Answered before any operation is known: by the server, or where there is no such operation.
OF_NO_OPERATION = {405, 408, 411, 414, 431, 501}


def test_every_status_with_a_code_is_described_and_every_code_shown(document):
    shown = {code for code, status in STATUS.items() if status in OF_NO_OPERATION}
    for name, answer in document["components"]["responses"].items():
        codes = set(answer["content"]["application/json"]["examples"])
        assert codes == {code for code, status in STATUS.items() if name == f"Error{status}"}
        shown |= codes
    assert shown == set(STATUS)


def test_an_answer_of_ones_own_stands_beside_the_refusal_with_the_same_status(document):
    answer = document["paths"]["/api/v1/posts/bulk"]["post"]["responses"]["422"]

    content = answer["content"]["application/json"]
    shapes = [each["$ref"].rpartition("/")[2] for each in content["schema"]["oneOf"]]
    assert shapes == ["CreatePostsRefusal", "ErrorAnswer"]
    assert set(content["examples"]) == {"own", "idempotency_key_reused"}
    assert answer["description"].startswith("No post was created. Or: This Idempotency-Key")


def test_what_a_repeat_gets_tells_that_it_is_one(document):
    for method, path, operation in operations(document):
        for status, answer in operation["responses"].items():
            told = "Idempotent-Replayed" in resolved(document, answer)["headers"]
            if method == "get" and status == "200":
                assert not told, path
            elif method != "get":
                assert told is (status not in ("401", "409", "429", "500", "503", "507"))


def test_bodies_take_no_other_fields(document):
    for method, path, operation in operations(document):
        body = operation.get("requestBody")
        if body:
            shape = resolved(document, body["content"]["application/json"]["schema"])
            assert shape["additionalProperties"] is False, (method, path)


def test_every_tag_is_explained(document):
    assert [tag["name"] for tag in document["tags"] if not tag["description"]] == []


class Own(APIView):
    """Says of its 404 what no other operation says."""

    @extend_schema(operation_id="read_it", responses={200: MetaSerializer})
    def get(self, request, b): ...

    @extend_schema(
        operation_id="act",
        request=None,
        responses={404: OpenApiResponse({"type": "integer"}, "Mine.")},
        examples=[OpenApiExample("five", value=5, status_codes=["404"])],
    )
    def post(self, request, b): ...


@pytest.fixture
def own() -> dict[str, Any]:
    found = SchemaGenerator(patterns=[route("api/v1/posts/<int:b>", Own.as_view())])
    return found.get_schema(public=True)["paths"]["/api/v1/posts/{b}"]


def test_what_a_view_says_itself_is_kept(own):
    answer = own["post"]["responses"]["404"]

    assert answer["description"] == "Mine."
    assert answer["content"]["application/json"]["examples"] == {
        "Five": {"value": 5, "summary": "five"}
    }
    assert own["get"]["responses"]["404"] == {"$ref": "#/components/responses/Error404"}


def test_only_operations_that_write_take_an_idempotency_key(own):
    for method, is_write in (("post", True), ("get", False)):
        names = [each["name"] for each in own[method]["parameters"]]
        assert ("Idempotency-Key" in names) is is_write
        assert ("422" in own[method]["responses"]) is is_write


def test_the_document_is_written_once_and_told_to_who_has_it(monkeypatch):
    first = Client().get("/api/v1/openapi.json")
    monkeypatch.setattr(OpenApiJsonRenderer, "render", None)

    again = Client().get("/api/v1/openapi.json")
    assert (again.content, again["ETag"]) == (first.content, first["ETag"])
    known = Client().get("/api/v1/openapi.json", headers={"If-None-Match": first["ETag"]})
    assert (known.status_code, known.content) == (304, b"")
