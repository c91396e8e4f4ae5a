"""Which scope every endpoint needs, and that no other will do."""

import pytest

from platforms.registry import BY_FORM
from tests.posts.api.endpoints import ENDPOINTS, MOUNTS, UNKNOWN
from tests.posts.api.walk.judged import every, judged
from tests.posts.conftest import make_caller, refused

#: The table of the contract: a row per endpoint and method.
SCOPES = {
    "read": {
        "GET /me",
        "GET /posts",
        "GET /posts/<post_id>",
        "GET /posts/<post_id>/results",
        "GET /posts/<post_id>/events",
        "GET /posts/<post_id>/approval",
        "GET /posts/<post_id>/share-links",
        "GET /accounts",
        "GET /accounts/<account_id>",
        "GET /accounts/<account_id>/health",
        "GET /queue",
        "GET /queues",
        "GET /queues/<queue_id>",
        "GET /queues/<queue_id>/next-slot",
        "GET /queues/<queue_id>/preview",
        "GET /recurrences",
        "GET /posts/<post_id>/recycling",
        "GET /recurrences/<recurrence_id>",
        "GET /media",
        "GET /media/<media_id>",
        "GET /platform-rules",
        "GET /analytics/summary",
        "GET /campaigns",
        "GET /campaigns/<campaign_id>",
        "GET /link-settings",
        "GET /campaigns/<campaign_id>/link-settings",
        "GET /posts/<post_id>/links",
        "GET /incidents",
        "GET /hashtag-sets",
        "GET /hashtag-sets/<hashtag_set_id>",
        "GET /post-defaults",
        "GET /feeds",
        "GET /feeds/<feed_id>",
        "GET /feeds/<feed_id>/items",
        "GET /webhooks",
        "GET /webhooks/<webhook_id>",
        "GET /webhooks/<webhook_id>/deliveries",
        "GET /imports",
        "GET /posts/export",
        "GET /calendar-feeds",
        "GET /imports/<import_id>",
    },
    "write": {
        "POST /posts",
        "POST /posts/validate",
        "POST /posts/preview",
        "POST /posts/bulk",
        "POST /posts/import",
        "POST /calendar-feeds",
        "POST /calendar-feeds/<calendar_feed_id>/rotate",
        "DELETE /calendar-feeds/<calendar_feed_id>",
        "POST /imports/<import_id>/cancel",
        "POST /posts/retry-failed",
        "PATCH /posts/<post_id>",
        "DELETE /posts/<post_id>",
        "POST /posts/<post_id>/schedule",
        "POST /posts/<post_id>/retry",
        "POST /posts/<post_id>/request-approval",
        "POST /posts/<post_id>/comments",
        "POST /posts/<post_id>/share-links",
        "DELETE /posts/<post_id>/share-links/<link_id>",
        "POST /posts/<post_id>/destinations/<destination_id>/resolve",
        "POST /queues",
        "PATCH /queues/<queue_id>",
        "DELETE /queues/<queue_id>",
        "PATCH /recurrences/<recurrence_id>",
        "PATCH /posts/<post_id>/recycling",
        "DELETE /recurrences/<recurrence_id>",
        "POST /recurrences/<recurrence_id>/pause",
        "POST /recurrences/<recurrence_id>/resume",
        "POST /accounts/connect-link",
        "POST /accounts/<account_id>/reconnect",
        "POST /accounts/connect-credential",
        "POST /auth/social-connect/start",
        "GET /auth/social-connect/poll/<session_id>",
        *(f"POST /auth/social-connect/{key}" for key in BY_FORM),
        "POST /accounts/<account_id>/retry-missed",
        "POST /media/upload",
        "POST /media/upload-from-url",
        "POST /media/<media_id>/complete",
        "DELETE /media/<media_id>",
        "POST /campaigns",
        "PATCH /campaigns/<campaign_id>",
        "DELETE /campaigns/<campaign_id>",
        "PATCH /link-settings",
        "DELETE /link-settings",
        "PATCH /campaigns/<campaign_id>/link-settings",
        "DELETE /campaigns/<campaign_id>/link-settings",
        "POST /hashtag-sets",
        "PATCH /hashtag-sets/<hashtag_set_id>",
        "DELETE /hashtag-sets/<hashtag_set_id>",
        "PATCH /post-defaults",
        "POST /feeds",
        "PATCH /feeds/<feed_id>",
        "DELETE /feeds/<feed_id>",
        "POST /webhooks",
        "PATCH /webhooks/<webhook_id>",
        "DELETE /webhooks/<webhook_id>",
        "POST /webhooks/<webhook_id>/test",
        "POST /webhooks/<webhook_id>/rotate-secret",
        "POST /webhooks/<webhook_id>/recover",
        "POST /webhooks/<webhook_id>/deliveries/<delivery_id>/redeliver",
    },
    "approve": {
        "POST /posts/<post_id>/approve",
        "POST /posts/<post_id>/request-changes",
        "POST /posts/<post_id>/reject",
    },
    "ai": {"POST /ai/generate-caption", "POST /ai/generate-image"},
}


def test_every_endpoint_has_its_row():
    assert {endpoint.name for endpoint in ENDPOINTS} == set().union(*SCOPES.values())


@pytest.mark.parametrize("mount", MOUNTS)
def test_a_scope_opens_its_operations_and_the_others_do_not(ada, mount):
    opening, others = (
        {scope: judged(make_caller(ada.workspace, scope, scopes(scope)), mount) for scope in SCOPES}
        for scopes in (lambda scope: (scope,), lambda scope: tuple(set(SCOPES) - {scope}))
    )
    needed = {name: scope for scope, names in SCOPES.items() for name in names}

    def ask(endpoint):
        scope, body = needed[endpoint.name], {} if endpoint.is_write else None
        request = (endpoint.method, endpoint.url(UNKNOWN), body)
        assert opening[scope].call(*request).status_code not in (401, 403, 405)
        error = refused(others[scope].call(*request), 403, "insufficient_scope")
        assert error["message"] == f"This needs a key with the scope {scope}."

    every(ENDPOINTS, ask)
