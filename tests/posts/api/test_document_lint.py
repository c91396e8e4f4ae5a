"""The OpenAPI documents pass what redocly and spectral ask, checked without these tools."""

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from config.web.documentation import COMPAT, REFERENCE, document
from tests.posts.api.walk.described import as_json_schema


def inner(node):
    """Yield each object of the document."""
    if isinstance(node, dict):
        yield node
    for each in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from inner(each)


@pytest.mark.parametrize("mount", [REFERENCE, COMPAT])
def test_each_schema_that_may_be_null_has_a_type(mount):
    """OpenAPI 3.0 reads `nullable` only beside a type."""
    assert not [
        each for each in inner(document(mount)) if "nullable" in each and "type" not in each
    ]


@pytest.mark.parametrize("mount", [REFERENCE, COMPAT])
def test_each_list_that_may_not_be_empty_says_so(mount):
    schemas = document(mount)["components"]["schemas"]
    for field in (
        "CreateFeed.account_ids",
        "CreateHashtagSet.hashtags",
        "CreatePosts.posts",
        "CreateQueue.slots",
        "CreateWebhook.events",
        "PatchedEditWebhook.events",
        "RetryPost.account_ids",
        "RetryFailed.post_ids",
        "SchedulePost.account_ids",
    ):
        component, name = field.split(".")
        if found := schemas.get(component, {}).get("properties", {}).get(name):
            assert found["minItems"] >= 1, field


@pytest.mark.parametrize("mount", [REFERENCE, COMPAT])
@pytest.mark.parametrize("field", ["Webhook.url", "MediaItem.thumbnail_url", "Account.avatar_url"])
def test_each_address_in_an_answer_has_its_format(mount, field):
    component, name = field.split(".")
    schemas = document(mount)["components"]["schemas"]
    assert schemas[component]["properties"][name]["format"] == "uri"


@pytest.mark.parametrize("mount", [REFERENCE, COMPAT])
def test_each_example_is_one_of_its_schema(mount):
    found = document(mount)
    components = {"schemas": as_json_schema(found["components"]["schemas"])}
    for content in (each for each in inner(found) if {"schema", "example"} <= set(each)):
        _check(content["schema"], content["example"], components)
    for content in (each for each in inner(found) if {"schema", "examples"} <= set(each)):
        for example in content["examples"].values():
            _check(content["schema"], example["value"], components)


def _check(schema, example, components):
    whole = {**as_json_schema(schema), "components": components}
    Draft202012Validator(whole, format_checker=FormatChecker()).validate(example)


@pytest.mark.parametrize("mount", [REFERENCE, COMPAT])
def test_each_operation_says_its_security_and_a_tag_that_is_described(mount):
    found = document(mount)
    described = {each["name"] for each in found["tags"]}
    for operation in (each for each in inner(found["paths"]) if "operationId" in each):
        assert "security" in operation
        assert set(operation["tags"]) <= described
