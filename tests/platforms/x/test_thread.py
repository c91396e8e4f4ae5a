"""X: threads, whose parts are published one by one and never twice; and the options."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from platforms.drafts import Draft
from platforms.errors import (
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Unauthorized,
    Unavailable,
    Unsupported,
)
from platforms.outcomes import Absent, PartiallyPublished, Published, Undeterminable
from platforms.x.adapter import X
from tests.platforms.driver import Drive, media, published
from tests.platforms.x.account import call

THREAD = Draft("One", settings={"thread": ["Two & a half", "Three https://example.com/3"]})
TEXTS = ["One", "Two & a half", "Three https://example.com/3"]


def assert_whole(drive: Drive, result: Any) -> None:
    """Every part is public once, as a reply to the one before."""
    posts = drive.public()[::-1]
    assert [post["text"] for post in posts] == TEXTS
    replied = [post["extra"].get("reply", {}).get("in_reply_to_tweet_id") for post in posts]
    assert replied == [None, posts[0]["id"], posts[1]["id"]]
    assert result == Published(posts[0]["id"], f"https://x.com/acme/status/{posts[0]['id']}")


def test_a_thread_is_published_part_by_part(drive: Drive):
    X().check(THREAD)
    assert_whole(drive, drive.publish(THREAD))
    assert drive.sends == 3


def test_the_media_stays_with_the_first_part(drive: Drive):
    drive.finish(Draft("One", (media(alt_text="A"),), {"thread": ["Two"]}))
    assert [len(post["media"]) for post in drive.public()] == [0, 1]


@pytest.mark.parametrize("position", [0, 1, 2])
@pytest.mark.parametrize(
    ("status", "error"), [(401, Unauthorized), (429, RateLimited), (403, Unauthorized)]
)
def test_a_part_that_is_refused_is_gone_on_with_at_the_gap(
    drive: Drive, position: int, status: int, error: type
):
    drive.fault(call="create_post", status=status, skip=position, times=1)
    caught = drive.fails(THREAD)
    assert type(caught) is error
    assert [post["text"] for post in drive.public()[::-1]] == TEXTS[:position]
    assert_whole(drive, drive.publish(THREAD))


def test_an_error_of_a_later_part_says_what_is_public(drive: Drive):
    body = '{"title":"Forbidden","detail":"The url is bad.","type":"about:blank","status":403}'
    drive.fault(call="create_post", status=403, body=body, skip=2, times=1)
    error = drive.fails(THREAD)
    first = drive.public()[-1]["id"]
    assert type(error) is Rejected
    assert error.message == (
        f"Parts 1 to 2 are public at https://x.com/acme/status/{first}; part 3 of 3 is not. "
        "X refused the post: The url is bad."
    )
    assert str(error) == error.message


@pytest.mark.parametrize("position", [0, 1])
def test_a_part_whose_answer_was_lost_is_found_and_the_rest_follows(drive: Drive, position: int):
    drive.fault(call="create_post", drop="after", skip=position, times=1)
    assert type(drive.fails(THREAD)) is OutcomeUnknown
    assert drive.find(THREAD) == PartiallyPublished(drive.public()[-1]["id"])
    assert len(drive.checkpoint["parts"]) == position + 1
    assert_whole(drive, drive.publish(THREAD))


def test_a_part_is_not_taken_for_an_answer_to_another_post(drive: Drive):
    """Two threads that end alike, the one with its last part lost while the other's went out."""
    thread = Draft("One", settings={"thread": ["Read more."]})
    drive.fault(call="create_post", drop="before", skip=1, times=1)
    drive.fails(thread)
    other = call(drive, "POST", "/2/tweets", json={"text": "Two"}).json()["data"]["id"]
    answer = {"text": "Read more.", "reply": {"in_reply_to_tweet_id": other}}
    call(drive, "POST", "/2/tweets", json=answer)
    assert drive.find(thread) == Absent(proven=False)


def test_a_lost_last_part_that_is_found_ends_the_thread(drive: Drive):
    drive.fault(call="create_post", drop="after", skip=2, times=1)
    error = drive.fails(THREAD)
    assert type(error) is OutcomeUnknown
    assert "part 3 of 3 may be." in error.message
    assert_whole(drive, drive.find(THREAD))


def test_a_worker_that_dies_between_two_parts_is_followed_by_one_that_goes_on(drive: Drive):
    drive.publish(THREAD)
    first, second = (post["id"] for post in drive.public()[:0:-1])
    between = [s.values["parts"] for s in drive.saves if not s.sending]
    assert between == [[first], [first, second]]
    for save in drive.saves:
        if save.sending:
            # A later worker looks up the part in flight, and no other.
            drive.checkpoint = save.values
            assert drive.find(THREAD, drive.sent_at) in (
                PartiallyPublished(first),
                Published(first, f"https://x.com/acme/status/{first}"),
            )
    assert len(drive.public()) == 3


def test_a_part_that_never_arrived_is_sent_once_more(drive: Drive):
    drive.fault(call="create_post", drop="before", skip=1, times=1)
    drive.fails(THREAD)
    assert drive.find(THREAD) == Absent(proven=False)
    past = datetime.now(UTC) - timedelta(seconds=301)
    drive.checkpoint["first_sent_ms"] = int(past.timestamp() * 1000)
    assert drive.find(THREAD, past) == Absent(proven=True)
    assert_whole(drive, drive.publish(THREAD))


def test_a_part_that_cannot_be_found_is_looked_for_at_the_thread(drive: Drive):
    drive.fault(call="create_post", drop="before", skip=1, times=1)
    drive.fails(THREAD)
    drive.checkpoint["sent_again"] = True
    first = drive.public()[0]["id"]
    past = datetime.now(UTC) - timedelta(seconds=301)
    drive.checkpoint["first_sent_ms"] = int(past.timestamp() * 1000)
    assert drive.find(THREAD, past) == Undeterminable(f"https://x.com/acme/status/{first}")


def test_a_second_lost_part_does_not_inherit_the_first_ones_story(drive: Drive):
    drive.checkpoint = {"first_sent_ms": 1, "duplicate": True, "sent_again": True}
    drive.fault(call="create_post", drop="after", skip=1, times=1)
    drive.fails(THREAD)
    assert drive.checkpoint["duplicate"] is False
    assert drive.checkpoint["sent_again"] is False
    assert drive.checkpoint["first_sent_ms"] > 1


def test_a_reply_that_is_shown_with_whom_it_answers_is_found(drive: Drive):
    draft = Draft("One", settings={"thread": ["Two"]})
    drive.fault(call="create_post", skip=1, status=503, times=1)
    drive.fails(draft)
    first = drive.public()[0]["id"]
    body = {"text": "@acme Two", "reply": {"in_reply_to_tweet_id": first}}
    call(drive, "POST", "/2/tweets", json=body)
    assert drive.find(draft) == Published(first, f"https://x.com/acme/status/{first}")


# Options


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"thread": ["x"] * 25}, "up to 24 texts"),
        ({"thread": [""]}, "of 1 to"),
        ({"thread": ["Two", " "]}, "Part 3 of the thread is empty"),
        ({"thread": "Two"}, "must be a list"),
        ({"thread": ["日" * 141]}, "Part 2 of the thread has 282 weighted"),
        ({"thread": ["Two", "One"]}, "Part 3 of the thread repeats"),
        ({"replySettings": "no-one"}, "must be one of following"),
        ({"madeWithAi": "yes"}, "must be true or false"),
        ({"paidPartnership": 1}, "must be true or false"),
        ({"quoteTweetId": "https://x.com/a/status/1"}, "1 to 19"),
        ({"quoteTweetId": "abc"}, "number at the end"),
        ({"replySetting": "following"}, "Do you mean 'replySettings'"),
    ],
)
def test_an_option_that_x_cannot_carry_is_refused(settings: dict[str, Any], words: str):
    with pytest.raises(Unsupported, match=words):
        X().check(Draft("One", settings=settings))


def test_a_thread_of_twenty_five_parts_of_full_length_is_accepted():
    links = " ".join(f"https://example.com/{'a' * 2000}{n}" for n in range(11))
    parts = [f"{n} {'x' * 270}" for n in range(23)]
    X().check(Draft("日" * 140, settings={"thread": [*parts, links]}))


def test_a_quote_carries_no_media():
    with pytest.raises(Unsupported, match="no media"):
        X().check(Draft("One", (media(),), {"quoteTweetId": "1"}))


def test_options_reach_the_first_part_and_no_other(drive: Drive):
    chosen = {"replySettings": "verified", "madeWithAi": True, "paidPartnership": True}
    drive.publish(Draft("One", settings={**chosen, "thread": ["Two"]}))
    second, first = (post["extra"] for post in drive.public())
    assert first["reply_settings"] == "verified"
    assert first["made_with_ai"] is True
    assert first["paid_partnership"] is True
    assert not {"reply_settings", "made_with_ai", "paid_partnership"} & second.keys()


def test_a_quote_is_found_although_x_adds_a_link(drive: Drive):
    drive.set("self_serve", False)
    quoted = drive.publish(Draft("The quoted")).id
    drive.checkpoint = {}
    drive.fault(call="create_post", drop="after", times=1)
    draft = Draft("See this", settings={"quoteTweetId": quoted})
    drive.fails(draft)
    assert published(drive.find(draft)).id == drive.public()[0]["id"]


def test_a_quote_that_this_app_may_not_make_is_refused(drive: Drive):
    quoted = drive.publish(Draft("The quoted")).id
    drive.checkpoint = {}
    error = drive.fails(Draft("See this", settings={"quoteTweetId": quoted}))
    assert (type(error), error.code) == (Rejected, "option_rejected")
    error = drive.fails(Draft("See this", settings={"quoteTweetId": "5"}))
    assert (type(error), error.code) == (Rejected, "target_missing")
    assert not isinstance(error, Unavailable)
