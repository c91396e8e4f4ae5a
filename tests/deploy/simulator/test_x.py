"""The simulator is as strict as X."""

from typing import Any

import pytest

from deploy.simulator.x.rules import snowflake
from platforms.drafts import Credentials, Draft
from platforms.errors import RateLimited, Unauthorized
from platforms.outcomes import Absent, Published
from platforms.x.adapter import X
from tests.conftest import Simulator
from tests.platforms.driver import HELLO, Drive, image, media
from tests.platforms.x.account import call, connect


@pytest.fixture
def drive(simulator: Simulator) -> Drive:
    return connect(simulator)


# The simulator itself


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({"text": "Hi", "colour": "red"}, "$.colour"),
        ({"text": "Hi", "media": {"media_ids": ["1"]}, "quote_tweet_id": "1"}, "exclude"),
        ({}, "needed"),
        ({"text": 5}, "schema says"),
        ({"text": "Hi", "media": {"media_ids": [1]}}, "media.media_ids"),
        ({"text": "Hi", "media": {"media_ids": ["1"] * 5}}, "media.media_ids"),
        ({"text": "Hi", "media": ["1"]}, "media.media_ids"),
        ({"text": "Hi", "media": {"media_ids": ["1"]}}, "media IDs are invalid"),
        ([], "not an object"),
    ],
)
def test_the_simulator_refuses_what_x_refuses(drive: Drive, body: Any, detail: str):
    headers = {"Authorization": f"Bearer {drive.account.token}"}
    answer = drive.simulator.http.post("/api.x.com/2/tweets", json=body, headers=headers)
    assert answer.status_code == 400
    assert detail in answer.text
    assert drive.public() == []


def test_the_simulator_needs_json(drive: Drive):
    assert call(drive, "POST", "/2/tweets", data={"text": "Hi"}).status_code == 415
    odd = {"content": b"{", "extensions": {}}
    assert call(drive, "POST", "/2/tweets", **odd).status_code == 415


def test_another_accounts_media_cannot_be_used(drive: Drive):
    files = {"media": ("a.png", image(), "image/png")}
    upload = {"files": files, "data": {"media_category": "tweet_image"}}
    theirs = call(drive, "POST", "/2/media/upload", **upload).json()["data"]["id"]
    other = Drive(X(), Credentials("9", "b", drive.simulator.connect("x", "9")), drive.simulator)
    body = {"text": "Hi", "media": {"media_ids": [theirs]}}
    assert call(other, "POST", "/2/tweets", json=body).status_code == 400
    alt = {"id": theirs, "metadata": {"alt_text": {"text": "Mine"}}}
    assert call(other, "POST", "/2/media/metadata", json=alt).status_code == 404
    assert call(drive, "POST", "/2/media/metadata", json={}).status_code == 400
    alt["metadata"]["alt_text"]["text"] = "x" * 1001
    assert call(drive, "POST", "/2/media/metadata", json=alt).status_code == 400


def test_an_upload_needs_its_category(drive: Drive):
    files = {"media": ("a.png", image(), "image/png")}
    assert call(drive, "POST", "/2/media/upload", files=files).status_code == 400


def test_a_call_without_its_scope_is_refused(simulator: Simulator):
    token = simulator.connect(
        "x", "77", extra={"scopes": ["tweet.read", "tweet.write", "users.read"]}
    )
    drive = Drive(X(), Credentials("77", "acme", token), simulator)
    drive.publish(Draft("Hello"))
    error = drive.fails(Draft("Look", (media(alt_text="a"),)))
    assert (type(error), error.code) == (Unauthorized, "permission_missing")
    alt = {"id": "1", "metadata": {"alt_text": {"text": "x"}}}
    assert call(drive, "POST", "/2/media/metadata", json=alt).status_code == 403


def test_posts_can_be_read_listed_and_deleted_by_their_owner(drive: Drive):
    other = Drive(X(), Credentials("9", "b", drive.simulator.connect("x", "9")), drive.simulator)
    post_id = drive.publish(Draft("Hello & bye")).id
    read = call(other, "GET", f"/2/tweets/{post_id}").json()["data"]
    assert read["text"] == "Hello &amp; bye"
    assert call(other, "DELETE", f"/2/tweets/{post_id}").status_code == 403
    assert call(drive, "DELETE", f"/2/tweets/{post_id}").json()["data"]["deleted"]
    assert call(other, "GET", f"/2/tweets/{post_id}").status_code == 404


def test_a_list_is_paged(drive: Drive):
    ids = [drive.publish(Draft(f"Number {n}")).id for n in range(7)]
    path = f"/2/users/{drive.account.platform_account_id}/tweets"
    first = call(drive, "GET", path, params={"max_results": "5"}).json()
    token = first["meta"]["next_token"]
    params = {"max_results": "5", "pagination_token": token}
    second = call(drive, "GET", path, params=params).json()
    assert [post["id"] for post in first["data"] + second["data"]] == ids[::-1]
    assert "next_token" not in second["meta"]
    since = call(drive, "GET", path, params={"since_id": ids[4]}).json()
    assert [post["id"] for post in since["data"]] == [ids[6], ids[5]]
    for params, count in (
        ({"start_time": "2020-01-01T00:00:00Z"}, 7),
        ({"start_time": "2100-01-01T00:00:00Z"}, 0),
        ({"end_time": "2020-01-01T00:00:00Z"}, 0),
    ):
        assert call(drive, "GET", path, params=params).json()["meta"]["result_count"] == count
    for wrong in ({"max_results": "4"}, {"max_results": "x"}):
        assert call(drive, "GET", path, params=wrong).status_code == 400


POST, POSTS, LIST = "/2/tweets/1", "/2/tweets?ids=1", "/2/users/1/tweets"
ME = "/2/users/me"


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (POST, "post.fields=colour"),
        (POST, "tweet.fields=text,colour"),
        (POST, "post.fields=text,text"),
        (POST, "colour=red"),
        (POST, "expansions=author_id&expansions=author_id"),
        (POST, "post.fields=text&tweet.fields=text"),
        (POST, "tweet.fields=text&expansions=referenced_posts"),
        (POST, "post.fields=referenced_tweets"),
        (POSTS, "post.fields="),
        ("/2/tweets", "ids=12345678901234567890"),
        ("/2/tweets", "ids=1,x"),
        ("/2/tweets", ""),
        ("/2/tweets/12345678901234567890", ""),
        ("/2/users/12345678901234567890/tweets", ""),
        (LIST, "exclude=likes"),
        (LIST, "start_time=yesterday"),
        (LIST, "end_time=2026-11-29"),
        (LIST, "end_time=2026-13-01T00:00:00Z"),
        (LIST, "since_id=12345678901234567890"),
        (LIST, "pagination_token=%C3%A4"),
        (ME, "user.fields=colour"),
        (ME, "user.fields=name,most_recent_tweet_id&post.fields=text"),
    ],
)
def test_the_simulator_refuses_parameters_that_x_refuses(drive: Drive, path: str, query: str):
    answer = call(drive, "GET", f"{path}{'&' if '?' in path else '?'}{query}")
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("fields", "reposts"), [("post.fields", "repost_count"), ("tweet.fields", "retweet_count")]
)
def test_counts_have_the_names_of_the_dialect(drive: Drive, fields: str, reposts: str):
    post_id = drive.publish(Draft("Hello")).id
    user = drive.account.platform_account_id
    paths = (f"/2/tweets?ids={post_id}", f"/2/tweets/{post_id}?", f"/2/users/{user}/tweets?")
    for path in paths:
        found = call(drive, "GET", f"{path}&{fields}=public_metrics").json()["data"]
        [post] = found if isinstance(found, list) else [found]
        counts = {"like_count", "reply_count", "quote_count", "bookmark_count", "impression_count"}
        assert post["public_metrics"].keys() == {*counts, reposts}


@pytest.mark.parametrize(
    ("dialect", "posts"), [("post.fields", "post_count"), ("tweet.fields", "tweet_count")]
)
def test_a_user_has_all_counts_that_are_required(drive: Drive, dialect: str, posts: str):
    drive.set("dialect", dialect)
    found = call(drive, "GET", f"{ME}?user.fields=public_metrics").json()["data"]
    counts = {"followers_count", "following_count", "listed_count", posts}
    assert found["public_metrics"].keys() == counts


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", set()),
        ("post.fields=entities,conversation_id", {"entities", "conversation_id"}),
        ("expansions=referenced_posts", {"referenced_posts"}),
        ("tweet.fields=entities,referenced_tweets", {"entities", "referenced_tweets"}),
    ],
)
def test_posts_are_returned_with_the_requested_fields(drive: Drive, query: str, names: set[str]):
    first = drive.finish(Draft("One", settings={"thread": ["Two & three: example.com/a."]}))
    headers = {"Authorization": f"Bearer {drive.account.token}"}
    url = f"/api.x.com/2/users/{drive.account.platform_account_id}/tweets?{query}"
    reply, _ = drive.simulator.http.get(url, headers=headers).json()["data"]
    usual = {"id", "text", "edit_history_post_ids", "edit_history_tweet_ids"}
    assert reply.keys() - usual == names
    assert reply.get("conversation_id", first.id) == first.id
    for link in reply.get("entities", {}).get("urls", ()):
        assert reply["text"][link["start"] : link["end"]] == link["url"]
        assert (link["expanded_url"], link["display_url"]) == (
            "http://example.com/a",
            "example.com/a",
        )


def test_ids_of_one_millisecond_rise():
    ids = [int(snowflake()) for _ in range(5000)]
    assert ids == sorted(set(ids))


def test_get_me_returns_the_caller(drive: Drive):
    answer = call(drive, "GET", "/2/users/me")
    assert answer.json()["data"]["id"] == drive.account.platform_account_id
    assert answer.headers["x-rate-limit-remaining"] == "74"
    assert answer.headers["x-transaction-id"]


def test_the_same_text_with_another_image_is_not_a_duplicate(drive: Drive):
    drive.publish(Draft("Hello"))
    drive.publish(Draft("Hello", (media(image(5, 5)),)))
    drive.publish(Draft("Hello", (media(image(6, 6)),)))
    assert len(drive.public()) == 3


LIST = "/2/users/{}/tweets"


def test_a_used_up_limit_says_when_it_resets(drive: Drive):
    account = drive.account.platform_account_id
    drive.simulator.set("x", "limits", {"create_post": 2}, account)
    first = call(drive, "POST", "/2/tweets", json={"text": "1"})
    assert (first.status_code, first.headers["x-rate-limit-remaining"]) == (201, "1")
    drive.publish(Draft("2"))
    drive.checkpoint = {}
    error = drive.fails()
    assert (type(error), error.code) == (RateLimited, "rate_limited")
    assert 890 < error.retry_after_seconds <= 900
    drive.simulator.advance(901)
    assert isinstance(drive.publish(HELLO), Published)


def test_the_daily_limit_of_the_app_may_be_used_up_before_the_window(drive: Drive):
    drive.set("day_limits", {"create_post": 0})
    error = drive.fails()
    assert (type(error), error.code) == (RateLimited, "app_quota_exhausted")
    assert 86390 < error.retry_after_seconds <= 86400
    answer = call(drive, "POST", "/2/tweets", json={"text": "1"})
    assert answer.headers["x-rate-limit-remaining"] == "99"
    assert answer.headers["x-app-limit-24hour-remaining"] == "0"


def test_a_post_can_be_read_only_after_the_lag(drive: Drive):
    account = drive.account.platform_account_id
    drive.simulator.set("x", "listing_lag_seconds", 60, account)
    drive.fault(call="create_post", drop="after", times=1)
    drive.fails()
    [post] = drive.public()
    assert drive.find(HELLO) == Absent(proven=False)
    assert call(drive, "GET", f"/2/tweets/{post['id']}").status_code == 404
    drive.simulator.set("x", "listing_lag_seconds", 0, account)
    assert drive.find(HELLO).id == post["id"]


def test_problems_can_have_their_types_from_before_july(drive: Drive):
    drive.simulator.set("x", "problem_types", "old")
    answer = call(drive, "GET", "/2/tweets/5")
    assert answer.json()["type"] == "https://api.twitter.com/2/problems/resource-not-found"


def test_only_own_posts_can_be_replied_to_and_none_quoted(drive: Drive):
    theirs = connect(drive.simulator).publish(Draft("Theirs")).id
    reply = {"text": "Hm", "reply": {"in_reply_to_tweet_id": theirs}}
    quote = {"text": "Hm", "quote_tweet_id": theirs}
    for body in (reply, quote, {"text": "$AAA and $BBB"}):
        assert call(drive, "POST", "/2/tweets", json=body).status_code == 403
    drive.set("self_serve", False)
    for body in (reply, quote):
        body["text"] += body.get("quote_tweet_id", "")
        assert call(drive, "POST", "/2/tweets", json=body).status_code == 201
    assert len(drive.public()) == 2


def test_replies_can_be_left_out_of_a_list(drive: Drive):
    drive.publish(Draft("One", settings={"thread": ["Two"]}))
    path = LIST.format(drive.account.platform_account_id)
    for exclude, count in (("retweets", 2), ("retweets,replies", 1)):
        page = call(drive, "GET", path, params={"exclude": exclude}).json()
        assert page["meta"]["result_count"] == count
    assert call(drive, "GET", path, params={"since": "1"}).status_code == 400
    wrong = {"pagination_token": "?"}
    assert call(drive, "GET", path, params=wrong).status_code == 400


@pytest.mark.parametrize("granted", ["tweet.read", "users.read"])
def test_get_me_needs_both_scopes(simulator: Simulator, granted: str):
    drive = connect(simulator, extra={"scopes": [granted]})
    assert call(drive, "GET", "/2/users/me").status_code == 403
