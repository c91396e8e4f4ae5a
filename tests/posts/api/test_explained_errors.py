"""Each code is explained in one table, which the guide, the documents and agents show."""

import re
from pathlib import Path
from typing import Any, get_args

import pytest

from config.web.documentation import COMPAT, REFERENCE, document
from destinations.accounts.health import REASONS, Reason
from platforms.errors import CODES, Code
from posts import errors
from posts.api.errors import STATUS
from posts.api.schema.example_maker import ExampleMaker
from posts.api.serializers.error_codes import ACTORS, REQUESTS, extension, listed
from posts.mcp import tool_errors
from tests.posts.api.cases import cases

GUIDE = (Path(errors.__file__).parent / "api/guide/errors.md").read_text()


def rows(codes: dict[Any, Code], statuses: dict[Any, int]) -> str:
    """The rows of the guide's table."""
    return "".join(
        f"| {f'{statuses[name]} ' if statuses else ''}`{name}` | `{ACTORS[code.actor]}` | "
        f"{code.to_do} |\n"
        for name, code in codes.items()
    )


def test_every_code_and_reason_is_explained():
    assert set(REQUESTS) == set(get_args(errors.Code)) == set(STATUS)
    assert set(REASONS) == set(get_args(Reason))


@cases(
    ("codes", "statuses"),
    [(REQUESTS, STATUS), (CODES, {}), (REASONS, {})],
)
def test_the_guide_has_each_with_who_acts_and_what_to_do(codes, statuses):
    missing = [row for row in rows(codes, statuses).splitlines() if row not in GUIDE.splitlines()]
    assert missing == [], "Add these rows to posts/api/guide/errors.md."


def test_the_guide_explains_nothing_else():
    explained = re.findall(r"^\| (?:\d+ )?`(\w+)` \|", GUIDE, re.M)
    assert explained == [*REQUESTS, *CODES, *REASONS]


@pytest.mark.parametrize("mount", [REFERENCE, COMPAT])
def test_both_documents_explain_each_code(mount):
    schemas = document(mount)["components"]["schemas"]
    refused = schemas["ErrorObject"]["properties"]["code"]

    assert refused["enum"] == list(REQUESTS)
    assert refused["x-codes"] == extension(REQUESTS)["x-codes"]
    assert listed(REQUESTS) in refused["description"]
    assert listed(CODES) in schemas["ResultError"]["properties"]["error_code"]["description"]
    for name, schema in schemas.items():
        if "reasons" in schema.get("properties", {}) and name.startswith("Health"):
            reasons = schema["properties"]["reasons"]
            assert listed(REASONS) in reasons["description"]
            maker = ExampleMaker(schemas.__getitem__)
            assert set(maker.make(reasons, is_body=False)) <= set(REASONS)


def test_agents_are_told_who_acts_and_what_to_do_of_every_code():
    for code, explained in REQUESTS.items():
        told = tool_errors.told("create_post", {"code": code, "message": "No."})

        assert told["next_step"]
        if code not in tool_errors.ADVICE and explained.actor != "nobody":
            assert explained.to_do in told["next_step"]


def test_an_agent_is_told_to_correct_its_arguments_where_a_code_is_unknown():
    told = tool_errors.told("create_post", {"code": "new_code", "message": "No."})

    assert told["who_must_act"] == "you"
    assert "Correct the arguments" in told["next_step"]
