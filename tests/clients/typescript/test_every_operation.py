"""Each operation of the OpenAPI document has a method, which asks for it and gets its answer."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from platforms.registry import BY_FORM
from tests.acceptance.stack import Stack
from tests.clients.published.ground import ground
from tests.clients.typescript.package import Program

pytestmark = pytest.mark.needs("node", "npm")
FEED = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>Blog</title>
<item><guid>1</guid><title>First</title><link>https://blog.example/1</link></item></channel></rss>"""
#: What can only be refused here.
REFUSED = {
    "connect_credential": "unsupported_platform",
    # What their forms are sent is formed like none of theirs.
    **{f"connect_{key}": "validation_error" for key in BY_FORM},
    "complete_upload": "upload_incomplete",  # no bytes were sent
    "resolve_destination": "conflict",  # nothing is in doubt
}


def test_every_operation_of_the_document_is_called_by_its_method(
    stack: Stack, program: Program, tmp_path: Path
):
    with ground(stack) as around:
        around.uses_approval()
        told = program.play(
            "every_operation",
            url=stack.url,
            key=around.key,
            accounts=around.accounts,
            approver=around.approver(),
            failed=around.failing(),
            feed=around.stranger.gives("/feed.xml", FEED, Content_Type="application/rss+xml"),
            picture=around.picture(),
            receiver=around.receiver(),
        )
    played = json.loads(told)

    described = {
        operation["operationId"]: (method.upper(), pattern(path))
        for path, methods in program.document["paths"].items()
        for method, operation in methods.items()
    }
    assert set(described) - set(played) == set(), "Add these to plays/every_operation.ts."
    # The workers may have been faster.
    assert played["cancel_import"].pop("ended") in ("ok", "conflict")
    assert {name: each["ended"] for name, each in played.items() if "ended" in each} == {
        name: REFUSED.get(name, "ok") for name in played if name != "cancel_import"
    }
    for name, each in played.items():
        assert {is_it(call, *described[name]) for call in each["asked"]} == {True}, (name, each)


def pattern(path: str) -> str:
    return re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))


def is_it(call: list[Any], method: str, path: str) -> bool:
    return call[0] == method and re.fullmatch(path, call[1]) is not None
