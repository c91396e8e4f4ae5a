"""Which scope every endpoint needs, and that no other will do."""

import re
import uuid

import pytest
from rest_framework.views import APIView

from config.urls import urlpatterns
from posts.api.auth import KeyAuthentication
from posts.models import ApiKey
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
#: Of the right form, and nobody's.
NOBODYS = {
    "post_id": "post_1",
    "destination_id": "dest_1",
    "account_id": "1",
    "media_id": str(uuid.UUID(int=1)),
}


def endpoints() -> set[str]:
    """`METHOD /path` of everything in the URL map that a key opens."""
    found = set()
    for pattern in urlpatterns:
        view = getattr(getattr(pattern, "callback", None), "view_class", None)
        if view and issubclass(view, APIView) and KeyAuthentication in view.authentication_classes:
            path = re.sub(r"<\w+:(\w+)>", r"<\1>", str(pattern.pattern)).removeprefix("api/v1")
            found |= {f"{method} {path}" for method in set(view().allowed_methods) - {"OPTIONS"}}
    return found


def test_every_endpoint_has_its_row():
    assert endpoints() == set().union(*SCOPES.values())


@pytest.mark.parametrize("scope", ApiKey.Scope.values)
def test_a_key_with_one_scope_opens_what_that_scope_opens_and_nothing_else(ada, scope):
    caller = make_caller(ada.workspace, scope, (scope,))

    for endpoint in sorted(endpoints()):
        method, path = endpoint.split()
        path = re.sub(r"<(\w+)>", lambda found: NOBODYS[found[1]], path)
        response = caller.call(method, path, None if method == "GET" else {})
        if endpoint in SCOPES[scope]:
            assert response.status_code not in (401, 403, 405, 500), endpoint
        else:
            refused(response, 403, "insufficient_scope")
