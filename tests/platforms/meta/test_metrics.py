"""What the three networks of Meta still say without the permission for insights."""

import json

import pytest

from platforms import metrics
from platforms.drafts import Draft
from platforms.errors import RateLimited, Unauthorized
from platforms.metrics import Metrics
from platforms.oauth import App, OAuth
from platforms.registry import ADAPTERS
from tests.platforms.meta.containers import graph_error, photo
from tests.platforms.meta.grants import grant
from tests.platforms.test_deleting import connect, published

BASIC = {
    "facebook": ("pages_read_engagement", "pages_read_user_content"),
    "instagram": ("instagram_business_basic",),
    "threads": ("threads_basic",),
}
#: What the basic permissions give.
STILL = {
    "facebook": {"likes", "comments", "shares"},
    "instagram": {"likes", "comments"},
    "threads": set(),
}
INSIGHTS = {"facebook": "post_insights", "instagram": "insights", "threads": "insights"}


def given(found: dict[str, Metrics], post_id: str) -> set[str]:
    post = found.get(post_id, metrics.NOTHING)
    return {name for name in metrics.NAMES if getattr(post, name) is not None}


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("key", BASIC)
def test_without_the_permission_for_insights_the_other_numbers_are_read(simulator, key, known):
    drive, post_id = published(simulator, key)
    grant(simulator, drive, *BASIC[key], known=known)

    assert given(drive.read_metrics(post_id), post_id) == STILL[key]
    assert any("insights" in path for path in drive.requests) is not known


@pytest.mark.parametrize("known", [True, False])
def test_facebook_tells_the_shares_without_the_permission_to_see_what_people_wrote(
    simulator, known
):
    drive, post_id = published(simulator, "facebook")
    grant(simulator, drive, "pages_read_engagement", known=known)

    assert given(drive.read_metrics(post_id), post_id) == {"shares"}


@pytest.mark.parametrize("key", BASIC)
def test_insights_that_are_not_served_for_a_post_leave_the_other_numbers(simulator, key):
    drive, post_id = published(simulator, key)
    body = graph_error(100, message="metric must be one of the following values")
    simulator.fault(key, call=INSIGHTS[key], status=400, body=body)

    assert given(drive.read_metrics(post_id), post_id) == STILL[key]


@pytest.mark.parametrize("key", BASIC)
def test_a_limit_or_a_dead_token_at_the_insights_is_an_error(simulator, key):
    drive, post_id = published(simulator, key)
    simulator.fault(key, call=INSIGHTS[key], rate_limit_reset_seconds=120, times=1)

    with pytest.raises(RateLimited) as limit:
        drive.read_metrics(post_id)
    assert limit.value.retry_after_seconds == 120
    simulator.fault(key, call=INSIGHTS[key], status=401, times=1)
    with pytest.raises(Unauthorized):
        drive.read_metrics(post_id)


@pytest.mark.parametrize("key", ["facebook", "instagram"])
def test_followers_need_no_further_permission(simulator, key):
    drive = connect(simulator, key)
    grant(simulator, drive, *BASIC[key], known=True)

    assert drive.read_followers()


@pytest.mark.parametrize("known", [True, False])
def test_the_followers_of_a_threads_profile_need_the_permission_for_insights(simulator, known):
    drive = connect(simulator, "threads")
    grant(simulator, drive, "threads_basic", known=known)

    assert drive.read_followers() is None


@pytest.mark.parametrize("key", BASIC)
def test_an_id_that_is_no_post_has_no_numbers(simulator, key):
    drive = connect(simulator, key)

    assert drive.read_metrics("../me?x=1") == {}


@pytest.mark.parametrize(
    ("draft", "names"),
    [
        (Draft("", media=(photo(),), post_type="Story"), {"likes", "comments"}),
        (Draft("Two", media=(photo(), photo())), {"views", "likes", "comments", "shares"}),
    ],
)
def test_instagram_counts_carousels_whole_and_stories_once_five_people_saw_them(
    simulator, draft, names
):
    drive = connect(simulator, "instagram")
    post_id = drive.finish(draft).id

    assert given(drive.read_metrics(post_id), post_id) == names
    simulator.advance(12 * 3600)
    assert given(drive.read_metrics(post_id), post_id) == STILL["instagram"] | {"views", "shares"}


def test_instagram_hides_likes_if_the_owner_does(simulator):
    drive, post_id = published(simulator, "instagram")
    body = json.dumps({"id": post_id, "comments_count": 3})
    simulator.fault("instagram", call="read", status=200, body=body)

    found = drive.read_metrics(post_id)[post_id]
    assert (found.likes, found.comments) == (None, 3)


def test_the_parts_of_threads_shares_are_added_up(simulator):
    drive, post_id = published(simulator, "threads")
    values = {"views": 9, "reposts": 1, "quotes": 2, "shares": 4}
    data = [{"name": name, "values": [{"value": value}]} for name, value in values.items()]
    simulator.fault("threads", call="insights", status=200, body=json.dumps({"data": data}))

    assert drive.read_metrics(post_id) == {post_id: Metrics(views=9, shares=7)}


@pytest.mark.parametrize(
    ("key", "login"),
    [
        (key, name)
        for key, each in ADAPTERS.items()
        for name, login in each.logins.items()
        if isinstance(login, OAuth)
    ],
)
def test_a_consent_asks_for_further_numbers_only_if_the_operator_says_so(key, login):
    oauth = ADAPTERS[key].logins[login]
    usual = set(oauth.requested_scopes(App("a", "b")))
    asked = set(oauth.requested_scopes(App("a", "b", asks_for_numbers=True)))

    assert not usual & set(oauth.number_scopes)
    assert asked == usual | set(oauth.number_scopes)
    assert bool(oauth.number_scopes) is (key in ("facebook", "instagram", "threads", "tiktok"))
