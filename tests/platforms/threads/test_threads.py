"""Threads of posts at Threads: each part is published once, in order."""

import pytest

from platforms.drafts import Draft
from platforms.errors import OutcomeUnknown, RateLimited, Rejected, Unauthorized
from platforms.outcomes import Absent, PartiallyPublished, Published, Undeterminable
from tests.platforms.driver import published
from tests.platforms.meta.containers import Bench, graph_error, photos
from tests.platforms.threads.steps import grant

THREAD = Draft("One", settings={"thread": ["Two", "Three"]})


def texts(b: Bench) -> list[str]:
    return [post["text"] for post in reversed(b.public())]


def is_one_thread(b: Bench) -> bool:
    """Whether each post replies to the one before it."""
    posts = b.public()[::-1]
    parents = [post["extra"]["replied_to"] for post in posts]
    return parents == ["", *(post["id"] for post in posts[:-1])]


def test_a_thread_is_published_part_by_part(b: Bench):
    result = b.finish(THREAD)
    posts = b.public()[::-1]
    assert result == Published(posts[0]["id"], posts[0]["url"])
    assert (texts(b), is_one_thread(b), b.sends) == (["One", "Two", "Three"], True, 3)


def test_a_thread_begins_with_files(b: Bench):
    b.finish(photos(2, settings={"thread": ["More"]}))
    assert (texts(b), is_one_thread(b)) == (["Hello", "More"], True)


@pytest.mark.parametrize("skip", range(3))
def test_a_lost_answer_in_a_thread_is_found_and_the_rest_follows(b: Bench, skip: int):
    b.lose(THREAD, skip=skip)
    assert isinstance(b.find(THREAD), Published if skip == 2 else PartiallyPublished)
    result = published(b.finish(THREAD))
    assert (texts(b), is_one_thread(b), b.sends) == (["One", "Two", "Three"], True, 3)
    assert result.id == b.public()[-1]["id"]


@pytest.mark.parametrize("skip", range(3))
def test_a_lost_request_in_a_thread_is_sent_again_when_it_is_absent(b: Bench, skip: int):
    b.lose(THREAD, "before", skip=skip)
    assert b.find(THREAD) == Absent(proven=False)
    assert b.find_later(THREAD, 200) == Absent(proven=True)
    b.finish(THREAD)
    assert (texts(b), is_one_thread(b)) == (["One", "Two", "Three"], True)


@pytest.mark.parametrize("is_stored", [True, False])
@pytest.mark.parametrize("step", range(1, 10))
def test_a_crash_at_any_step_of_a_thread_makes_one_thread(b: Bench, step: int, is_stored: bool):
    b.crash(THREAD, step, is_stored=is_stored)
    result = b.recover(THREAD)
    assert (texts(b), is_one_thread(b)) == (["One", "Two", "Three"], True)
    assert result.id == b.public()[-1]["id"]


@pytest.mark.parametrize("call", ["create_container", "read", "quota", "publish"])
@pytest.mark.parametrize("skip", range(3))
def test_a_token_that_ends_within_a_thread_is_replaced(b: Bench, call: str, skip: int):
    b.fault(call=call, status=401, body=graph_error(190, 463), times=1, skip=skip)
    assert type(b.fails(THREAD)) is Unauthorized
    b.new_token()
    b.finish(THREAD)
    assert (texts(b), is_one_thread(b)) == (["One", "Two", "Three"], True)


def test_a_part_that_is_refused_tells_what_is_public(b: Bench):
    b.fault(call="create_container", status=400, body=graph_error(100), times=1, skip=1)
    error = b.fails(THREAD)
    assert type(error) is Rejected
    assert error.message.startswith("1 of 3 posts of the thread are public.")
    b.finish(THREAD)
    assert (texts(b), is_one_thread(b)) == (["One", "Two", "Three"], True)


def test_replies_have_a_limit_of_their_own(b: Bench):
    b.set("reply_quota", 1)
    error = b.fails(THREAD)
    assert (type(error), error.code) == (RateLimited, "daily_limit_reached")
    assert (texts(b), b.sends) == (["One", "Two"], 2)


@pytest.mark.parametrize("draft", [Draft("Hello"), photos(), THREAD])
def test_posts_and_threads_need_no_permission_about_replies(b: Bench, draft: Draft):
    grant(b)
    assert isinstance(b.finish(draft), Published)
    assert is_one_thread(b)


def test_only_a_reply_asks_for_the_quota_of_replies(b: Bench):
    b.finish(THREAD)
    asked = [query["fields"] for path, query in b.queries if "limit" in path]
    assert asked == ["quota_usage,config", *["reply_quota_usage,reply_config"] * 2]


@pytest.mark.parametrize("status", [400, 403, 500])
def test_a_quota_that_may_not_be_read_stops_nothing(b: Bench, status: int):
    b.fault(call="quota", status=status, body=graph_error(10))
    assert isinstance(b.finish(THREAD), Published)


def test_a_dead_token_at_the_quota_is_still_a_dead_token(b: Bench):
    b.fault(call="quota", status=401, body=graph_error(190, 463), times=1)
    assert type(b.fails(Draft("Hello"))) is Unauthorized


def test_a_reply_that_no_list_may_show_is_published_by_its_container(b: Bench):
    grant(b)
    b.lose(THREAD, skip=2)
    container = b.checkpoint["container"]
    first = b.checkpoint["posts"][0]
    found = b.find(THREAD)
    assert (type(found), found.id) == (Published, first)
    assert b.checkpoint["posts"][-1] == container
    assert (texts(b), b.sends) == (["One", "Two", "Three"], 3)


def test_a_part_that_no_list_may_show_ends_the_thread(b: Bench):
    """The next part would have to name its id, which only the list of replies tells."""
    grant(b)
    b.lose(THREAD, skip=1)
    assert b.find(THREAD) == Undeterminable()


@pytest.mark.parametrize("lag_seconds", [0, 3600])
def test_a_reply_that_no_list_may_show_is_never_sent_again_unproven(b: Bench, lag_seconds: int):
    grant(b)
    b.set("publish_twice", "again")
    b.set("published_lag_seconds", lag_seconds)
    b.lose(THREAD, "after" if lag_seconds else "before", skip=1)
    public = texts(b)
    assert b.find_later(THREAD, 200) == Absent(proven=False)
    assert type(b.fails(THREAD)) is OutcomeUnknown
    assert texts(b) == public


def test_a_part_without_a_known_id_ends_the_thread(b: Bench):
    b.set("listing_lag_seconds", 3600)
    b.lose(THREAD)
    assert b.find_later(THREAD, 1000) == Undeterminable()
    assert texts(b) == ["One"]


def test_a_part_is_not_taken_for_a_reply_elsewhere(b: Bench):
    b.finish(Draft("Zero", settings={"thread": ["Two"]}))
    b.checkpoint = {}
    b.lose(THREAD, skip=1)
    assert b.find(THREAD) == PartiallyPublished(b.checkpoint["posts"][0])
    b.finish(THREAD)
    assert texts(b) == ["Zero", "Two", "One", "Two", "Three"]
