"""Which scope every endpoint needs, and that no other will do."""

import re

import pytest

from tests.posts.api.endpoints import UNKNOWN, endpoints
from tests.posts.conftest import make_caller, refused

#: The table of the contract: a row per endpoint and method.
SCOPES = {
    "read": {
        "GET /me",
        "GET /posts",
        "GET /posts/<post_id>",
        "GET /posts/<post_id>/results",
        "GET /posts/<post_id>/events",
        "GET /accounts",
        "GET /accounts/<account_id>",
        "GET /accounts/<account_id>/health",
        "GET /media",
        "GET /media/<media_id>",
        "GET /platform-rules",
    },
    "write": {
        "POST /posts",
        "POST /posts/validate",
        "POST /posts/bulk",
        "POST /posts/retry-failed",
        "PATCH /posts/<post_id>",
        "DELETE /posts/<post_id>",
        "POST /posts/<post_id>/schedule",
        "POST /posts/<post_id>/retry",
        "POST /posts/<post_id>/destinations/<destination_id>/resolve",
        "POST /accounts/connect-link",
        "POST /accounts/<account_id>/reconnect",
        "POST /accounts/<account_id>/retry-missed",
        "POST /media/upload",
        "POST /media/upload-from-url",
        "POST /media/<media_id>/complete",
        "DELETE /media/<media_id>",
    },
    "ai": set(),
}


def rows() -> list[tuple[str, str]]:
    return [(scope, endpoint) for scope in SCOPES for endpoint in sorted(SCOPES[scope])]


def ask(caller, endpoint: str):
    method, path = endpoint.split()
    path = re.sub(r"<(\w+)>", lambda found: UNKNOWN[found[1]], path)
    return caller.call(method, path, None if method == "GET" else {})


def test_every_endpoint_has_its_row():
    assert endpoints() == set().union(*SCOPES.values())


@pytest.mark.parametrize(("scope", "endpoint"), rows())
def test_scope_opens_the_endpoint_and_the_other_two_do_not(ada, scope, endpoint):
    opens = make_caller(ada.workspace, scope, (scope,))
    others = make_caller(ada.workspace, "others", tuple(set(SCOPES) - {scope}))

    assert ask(opens, endpoint).status_code not in (401, 403, 405, 500)
    error = refused(ask(others, endpoint), 403, "insufficient_scope")
    assert error["message"] == f"This needs a key with the scope {scope}."


def test_scopes_are_held_one_or_more(ada):
    both = make_caller(ada.workspace, "both", ("read", "write"))

    assert both.get("/me").json()["data"]["scopes"] == ["read", "write"]
    assert both.get("/posts").status_code == 200
    refused(both.post("/posts", {}), 400, "validation_error")


def test_scope_write_does_not_imply_read(ada):
    writer = make_caller(ada.workspace, "writer", ("write",))

    refused(writer.get("/posts"), 403, "insufficient_scope")
    refused(writer.post("/posts", {}), 400, "validation_error")


def test_scope_is_asked_for_after_the_method(ada):
    reader = make_caller(ada.workspace, "reader", ("read",))

    refused(reader.call("PUT", "/posts"), 405, "method_not_allowed")
