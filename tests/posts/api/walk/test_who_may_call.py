"""That each operation needs a key, and one that reaches what it names, at both mounts."""

import re
from datetime import UTC, datetime

import pytest
from django.test import Client

from posts.keys import keys
from posts.models import Post
from tests.factories import make_account, make_post
from tests.posts.api.endpoints import ENDPOINTS, MOUNTS, UNKNOWN
from tests.posts.api.walk import described
from tests.posts.api.walk.judged import every, judged
from tests.posts.conftest import Caller, refused
from tests.posts.world import make_share_link

SOON = datetime(2099, 1, 1, tzinfo=UTC)
both_mounts = pytest.mark.parametrize("mount", MOUNTS)


@both_mounts
def test_without_a_good_key_nothing_is_answered(db, mount):
    client = Client()

    def ask(endpoint):
        for header in ({}, {"Authorization": "Basic YTpi"}, {"Authorization": "Bearer pe_live_"}):
            answer = client.generic(
                endpoint.method, f"{mount}{endpoint.url(UNKNOWN)}", headers=header
            )
            error = refused(answer, 401, "unauthorized")
            assert header or error["message"] == "Send Authorization: Bearer pe_live_…"
            assert answer.headers["WWW-Authenticate"] == "Bearer", header
            path = f"{mount}{endpoint.described_path}"
            assert described.of(mount).problems(endpoint.method, path, answer) == []

    every(ENDPOINTS, ask)


NAMING_POSTS_OR_ACCOUNTS = [
    each for each in ENDPOINTS if re.search("<(post|account)_id>", each.path)
]


@both_mounts
def test_what_a_restricted_key_cannot_reach_is_as_good_as_missing(ada, mount):
    mine, other = make_account(ada.workspace, "x"), make_account(ada.workspace, "linkedin")
    made = keys.create(ada.workspace, "Dee", ["read", "write", "approve"], accounts=[mine])
    dee = judged(Caller(ada.workspace, *made), mount)
    shared = make_post(ada.workspace, [mine, other], scheduled_for=SOON)
    there = {
        "post_id": shared.public_id,
        "destination_id": shared.destinations.get(account=mine).public_id,
        "account_id": str(other.pk),
        "link_id": str(make_share_link(shared).pk),
    }

    def ask(endpoint):
        theirs, unknown = (dee.call(endpoint.method, endpoint.url(ids)) for ids in (there, UNKNOWN))
        assert refused(theirs, 404, "not_found") == refused(unknown, 404, "not_found")
        assert Post.objects.get() == shared
        assert shared.destinations.filter(status="queued").count() == 2

    every(NAMING_POSTS_OR_ACCOUNTS, ask)
