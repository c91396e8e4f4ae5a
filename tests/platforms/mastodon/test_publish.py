"""Publish on Mastodon: parts one after another, and a look in the account's list for lost ones."""

import dataclasses
import secrets
from datetime import UTC, datetime, timedelta

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
from platforms.http.client import Answer
from platforms.mastodon import errors
from platforms.outcomes import Absent, PartiallyPublished, Processing, Published, Undeterminable
from tests.conftest import Simulator
from tests.platforms.driver import Drive, media, published
from tests.platforms.mastodon.account import LONG, OLD
from tests.platforms.mastodon.account import drive as connected

HELLO = Draft("Hello")
THREAD = Draft("One", settings={"thread": ["Two", "Three"]})
PICTURE = Draft("", (media(alt_text="A dove"),))
LATER = timedelta(minutes=6)


@pytest.fixture
def drive(simulator: Simulator) -> Drive:
    found = connected(simulator)
    found.set("keeps_keys", False)
    return found


def lose(drive: Drive, draft: Draft = HELLO, *, arrives: bool = True, skip: int = 0) -> None:
    """Publish, and lose the answer of the call that publishes, or the call itself."""
    drop = "after" if arrives else "before"
    drive.fault(call="create_status", drop=drop, times=1, skip=skip)
    with pytest.raises(OutcomeUnknown):
        drive.finish(draft)


def find_later(drive: Drive, draft: Draft = HELLO):
    """Look when the list proves an absence."""
    return drive.find(draft, datetime.now(UTC) - LATER)


def by_hand(drive: Drive, text: str, **fields: object) -> str:
    """Post from another program; the post's id."""
    host = drive.account.platform_account_id.rpartition("@")[2]
    answer = drive.simulator.http.post(
        f"/{host}/api/v1/statuses",
        json={"status": text, **fields},
        headers={**drive.account.bearer, "Idempotency-Key": secrets.token_hex(8)},
    )
    answer.raise_for_status()
    found: str = answer.json()["id"]
    return found


def said(drive: Drive, at: int = 0) -> dict:
    found: dict = drive.public()[at]["extra"]["said"]
    return found


def test_a_post_has_the_id_and_the_link_that_its_server_gives_it(drive: Drive):
    result = published(drive.publish(HELLO))
    [post] = drive.public()
    assert (result.id, result.url) == (post["id"], post["url"])
    assert drive.adapter.post_id(result.url) == result.id
    assert said(drive) == {"visibility": "public"}


def test_all_options_are_sent(drive: Drive):
    settings = {
        "visibility": "unlisted",
        "spoilerText": "Doves",
        "sensitive": True,
        "language": "en",
        "quotePolicy": "nobody",
        "pollOptions": ["Yes", "No"],
        "pollMultiple": True,
    }
    published(drive.publish(Draft("Hello", settings=settings)))
    assert said(drive) == {
        "visibility": "unlisted",
        "spoiler_text": "Doves",
        "sensitive": True,
        "language": "en",
        "quote_approval_policy": "nobody",
    }
    poll = drive.public()[0]["extra"]["poll"]
    assert poll["options"] == ["Yes", "No"]
    assert (poll["expires_in"], poll["multiple"], poll["hide_totals"]) == (86_400, True, False)


def test_a_thread_is_a_row_of_replies_with_one_warning(drive: Drive):
    draft = dataclasses.replace(THREAD, settings={**THREAD.settings, "spoilerText": "Doves"})
    first = published(drive.publish(draft))
    three, two, one = drive.public()
    assert [one["text"], two["text"], three["text"]] == ["One", "Two", "Three"]
    assert (first.id, drive.checkpoint["parts"]) == (one["id"], [one["id"], two["id"], three["id"]])
    assert (said(drive, 1)["in_reply_to_id"], said(drive)["in_reply_to_id"]) == (
        one["id"],
        two["id"],
    )
    assert {said(drive, at)["spoiler_text"] for at in range(3)} == {"Doves"}


def test_a_thread_goes_on_where_a_worker_died(drive: Drive):
    # Three saves: before each send, and after each part but the last.
    drive.crash(THREAD, 3)
    assert drive.find(THREAD) is not None
    published(drive.finish(THREAD))
    assert [post["text"] for post in drive.public()] == ["Three", "Two", "One"]


def test_a_later_part_that_is_refused_says_what_is_public(drive: Drive):
    drive.fault(call="create_status", status=422, body='{"error": "No"}', skip=1)
    error = drive.raises(Rejected, THREAD)
    [one] = drive.public()
    assert error.message.startswith(f"Part 1 is public at {one['url']}; part 2 of 3 is not.")


@pytest.mark.parametrize("host", [LONG, OLD])
def test_files_come_with_their_descriptions_and_points(simulator: Simulator, host: str):
    drive = connected(simulator, host)
    files = (media(alt_text="A dove"), media(alt_text="Two doves"))
    published(drive.finish(Draft("Look", files, {"focus": ["0.0,0.5"]})))
    assert [file["description"] for file in drive.public()[0]["extra"]["files"]] == [
        "A dove",
        "Two doves",
    ]


def test_files_are_uploaded_once_even_if_the_worker_dies(drive: Drive):
    draft = Draft("Look", (media(alt_text="1"), media(alt_text="2")))
    drive.crash(draft, 2)
    published(drive.finish(draft))
    assert sum("/media" in request for request in drive.requests) == 2


def test_a_video_is_published_once_it_is_processed(drive: Drive):
    clip = Draft("Look", (media(kind="video", alt_text="A dove"),))
    assert isinstance(drive.publish(clip), Processing)
    assert drive.public() == []
    published(drive.finish(clip))
    assert sum(request.startswith("POST") and "media" in request for request in drive.requests) == 1


def test_a_video_that_cannot_be_processed_is_the_customers_matter(drive: Drive):
    drive.set("media_fails", True)
    error = drive.fails(Draft("Look", (media(kind="video"),)))
    assert (type(error), error.code) == (Rejected, "media_rejected")


def test_a_file_that_the_server_has_lost_is_uploaded_again(drive: Drive):
    body = '{"error": "Validation failed: Media 1 not found or already attached to another post"}'
    drive.fault(call="create_status", status=422, body=body, times=1)
    drive.raises(Unavailable, PICTURE)
    published(drive.finish(PICTURE))
    assert sum("/media" in request for request in drive.requests) == 2


def test_a_file_that_is_not_ready_is_waited_for(drive: Drive):
    said = "Cannot attach files that have not finished processing. Try again in a moment!"
    error = drive.refusal(HELLO, "create_status", 422, f'{{"error": "Validation failed: {said}"}}')
    assert (type(error), error.code) == (Unavailable, "media_processing_failed")


# A lost answer


@pytest.mark.parametrize(
    "draft",
    [
        HELLO,
        PICTURE,
        Draft("Hi @dora@example.com, read https://www.example.com/a/very/long/way/to/go/there?x=1"),
        Draft("Hello", settings={"spoilerText": "Doves", "visibility": "unlisted"}),
        Draft("Coo?", settings={"pollOptions": ["Yes", "No"]}),
        Draft("\U0001f54a"),
    ],
)
def test_a_post_whose_answer_was_lost_is_found(drive: Drive, draft: Draft):
    lose(drive, draft)
    found = published(drive.find(draft))
    [post] = drive.public()
    assert (found.id, found.url) == (post["id"], post["url"])


def test_a_part_whose_answer_was_lost_is_found_and_the_thread_goes_on(drive: Drive):
    lose(drive, THREAD, skip=1)
    found = drive.find(THREAD)
    assert isinstance(found, PartiallyPublished)
    published(drive.publish(THREAD))
    assert [post["text"] for post in drive.public()] == ["Three", "Two", "One"]


def test_a_post_that_never_arrived_is_proven_absent_and_sent_once_more(drive: Drive):
    by_hand(drive, "Before")
    lose(drive, arrives=False)
    assert drive.find(HELLO) == Absent(proven=False)
    assert find_later(drive) == Absent()
    published(drive.publish(HELLO))
    assert [post["text"] for post in drive.public()] == ["Hello", "Before"]


def test_what_was_sent_once_more_is_a_persons_matter_if_it_is_lost_again(drive: Drive):
    lose(drive, arrives=False)
    assert find_later(drive) == Absent()
    lose(drive, arrives=False)
    assert isinstance(find_later(drive), Undeterminable)


def test_the_same_text_of_before_is_not_taken_for_it(drive: Drive):
    by_hand(drive, "Hello")
    lose(drive, arrives=False)
    assert find_later(drive) == Absent()


def test_a_post_that_another_destination_has_is_passed_over(drive: Drive):
    lose(drive)
    drive.theirs = {drive.public()[0]["id"]}
    assert find_later(drive) == Absent()


def test_of_two_alike_the_earlier_one_is_taken(drive: Drive):
    lose(drive)
    [ours] = drive.public()
    by_hand(drive, "Hello")
    assert published(drive.find(HELLO)).id == ours["id"]


def test_a_post_that_only_looks_alike_proves_nothing(drive: Drive):
    lose(drive, arrives=False)
    by_hand(drive, "Hello, changed by the server")
    assert find_later(drive) == Absent(proven=False)


def test_a_post_alike_that_another_destination_has_leaves_the_proof(drive: Drive):
    lose(drive, arrives=False)
    drive.theirs = {by_hand(drive, "Hello, and more")}
    assert find_later(drive) == Absent()


def test_a_post_of_another_text_leaves_the_proof(drive: Drive):
    lose(drive, arrives=False)
    by_hand(drive, "Something else")
    assert find_later(drive) == Absent()


def test_the_warning_tells_posts_apart(drive: Drive):
    warned = Draft("Hello", settings={"spoilerText": "Doves"})
    lose(drive, warned, arrives=False)
    by_hand(drive, "Hello", spoiler_text="Cats")
    assert find_later(drive, warned) == Absent(proven=False)


def test_a_deleted_newest_post_still_marks_how_far_the_list_must_reach(drive: Drive):
    by_hand(drive, "Hello")
    newest = by_hand(drive, "Newest")
    lose(drive, arrives=False)
    drive.simulator.http.delete(f"/control/posts/mastodon/{newest}").raise_for_status()
    assert find_later(drive) == Absent()


@pytest.mark.parametrize("behind", [None, ["117", ""], ["117", "yesterday"]])
def test_without_a_time_old_posts_are_not_taken_for_new_ones(drive: Drive, behind):
    lose(drive)
    drive.checkpoint["behind"] = behind
    assert find_later(drive) == Absent(proven=False)


def test_a_server_whose_clock_is_slow_is_read_by_its_own_clock(drive: Drive):
    by_hand(drive, "Before")
    lose(drive)
    assert isinstance(drive.find(HELLO, datetime.now(UTC) + timedelta(hours=1)), Published)


def test_a_list_of_many_pages_is_read_back_to_the_first_send(drive: Drive):
    by_hand(drive, "Before")
    lose(drive)
    [ours, _] = drive.public()
    for number in range(45):
        by_hand(drive, f"Other {number}")
    assert published(drive.find(HELLO)).id == ours["id"]


def test_a_list_that_takes_no_notice_of_pages_is_read_once(drive: Drive):
    drive.set("ignores_paging", True)
    lose(drive, arrives=False)
    assert find_later(drive) == Absent()
    lose(drive)
    assert isinstance(drive.find(HELLO), Published)


@pytest.mark.parametrize("count", [9, 10, 20])
def test_a_whole_list_proves_as_much_however_many_posts_a_page_was_to_have(
    drive: Drive, count: int
):
    drive.set("ignores_paging", True)
    lose(drive, arrives=False)
    for number in range(count):
        by_hand(drive, f"Other {number}")
    assert find_later(drive) == Absent()


def test_a_list_that_is_cut_short_of_the_first_send_proves_nothing(drive: Drive):
    drive.set("ignores_paging", True)
    lose(drive, arrives=False)
    for number in range(45):
        by_hand(drive, f"Other {number}")
    assert find_later(drive) == Absent(proven=False)


def test_what_only_followers_see_may_be_missing_in_a_list(drive: Drive):
    draft = Draft("Hello", settings={"visibility": "private"})
    lose(drive, draft)
    assert isinstance(drive.find(draft), Published)

    drive.checkpoint = {}
    drive.set("lists_private", False)
    lose(drive, Draft("Again", settings={"visibility": "private"}))
    again = Draft("Again", settings={"visibility": "private"})
    assert find_later(drive, again) == Absent(proven=False)


def test_a_list_that_cannot_be_read_says_nothing(drive: Drive):
    lose(drive, arrives=False)
    drive.fault(call="list_statuses", status=200, body='{"error": "?"}', times=1)
    with pytest.raises(Unavailable):
        find_later(drive)


def test_a_file_that_is_attached_already_means_that_a_post_may_be_public(drive: Drive):
    lose(drive, PICTURE)
    error = drive.fails(PICTURE)
    assert (type(error), drive.state) == (OutcomeUnknown, "sent")
    assert isinstance(drive.find(PICTURE), Published)
    assert len(drive.public()) == 1


def test_the_key_stays_for_all_sends_of_a_part(simulator: Simulator):
    """Servers that know it then make one post of two sends."""
    drive = connected(simulator)
    lose(drive)
    published(drive.publish(HELLO))
    assert len(drive.public()) == 1


def test_two_posts_of_the_same_text_are_two(simulator: Simulator):
    drive = connected(simulator)
    first = published(drive.publish(HELLO))
    drive.checkpoint = {}
    assert published(drive.publish(HELLO)).id != first.id


# What a post refers to, and what servers change


def test_a_reply_and_a_quote_name_posts_of_the_accounts_server(simulator: Simulator, drive: Drive):
    other = connected(simulator)
    link = published(other.publish(HELLO)).url
    published(drive.publish(Draft("Yes", settings={"replyTo": link, "quote": link})))
    number = drive.adapter.post_id(link)
    assert (said(drive)["in_reply_to_id"], said(drive)["quoted_status_id"]) == (number, number)


@pytest.mark.parametrize(
    ("link", "code"),
    [
        ("https://mastodon.social/@dora/12", "target_missing"),
        ("https://elsewhere.example/@dora/12", "option_rejected"),
    ],
)
def test_a_post_that_is_not_there_is_the_customers_matter(drive: Drive, link: str, code: str):
    error = drive.raises(Rejected, Draft("Yes", settings={"replyTo": link}))
    assert (error.code, drive.state, drive.public()) == (code, "unsent", [])


def test_a_server_without_quotes_is_not_asked_for_one(simulator: Simulator):
    drive = connected(simulator, OLD)
    link = f"https://{OLD}/@dora/12"
    error = drive.raises(Rejected, Draft("Yes", settings={"quote": link}))
    assert (error.code, drive.state) == ("option_rejected", "unsent")


def test_what_a_server_changes_is_told(drive: Drive):
    drive.set("makes", "unlisted")
    result = published(drive.publish(HELLO))
    assert result.notes == ("mastodon.social made the post unlisted.",)


def test_a_deletion_that_its_server_does_not_have_is_not_taken_for_one(drive: Drive):
    post_id = published(drive.publish(HELLO)).id
    drive.set("deletes", False)
    with pytest.raises(Unsupported):
        drive.delete(post_id)
    assert drive.public()


# Refusals


@pytest.mark.parametrize(
    ("status", "words", "kind", "code"),
    [
        (401, "The access token is invalid", Unauthorized, "account_needs_reconnection"),
        (401, "The access token was revoked", Unauthorized, "account_needs_reconnection"),
        (403, "This action is outside the authorized scopes", Unauthorized, "permission_missing"),
        (403, "Your login is currently disabled", Unauthorized, "account_restricted"),
        (404, "The post you are trying to reply to does not appear to exist.", Rejected,
         "target_missing"),
        (413, "", Rejected, "media_rejected"),
        (422, "Validation failed: Text character limit of 500 exceeded", Rejected, "text_too_long"),
        (422, "Validation failed: Text can't be blank", Rejected, "content_rejected"),
        (422, "Validation failed: Duration is too soon", Rejected, "option_rejected"),
        (422, "Cannot attach more than 4 files", Rejected, "media_rejected"),
        (422, "Validation \u00e9chou\u00e9e", Rejected, "content_rejected"),
        (302, "", Unavailable, "address_refused"),
    ],
)  # fmt: skip
def test_a_refusal_says_who_must_act(drive: Drive, status: int, words: str, kind: type, code: str):
    raised = drive.refusal(HELLO, "create_status", status, f'{{"error": "{words}"}}')
    assert (type(raised), raised.code) == (kind, code)
    assert drive.public() == []


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_servers_own_trouble_may_come_after_the_post(drive: Drive, status: int):
    assert isinstance(drive.refusal(HELLO, "create_status", status), OutcomeUnknown)


def test_a_limit_ends_when_the_server_says():
    reset = (datetime.now(UTC) + timedelta(minutes=5)).isoformat()
    error = errors.explain(Answer(429, {"x-ratelimit-reset": reset}, b"{}"))
    assert isinstance(error, RateLimited)
    assert error.retry_after_seconds is not None
    assert 290 < error.retry_after_seconds <= 300
    for odd in ("", "soon"):
        unclear = errors.explain(Answer(429, {"x-ratelimit-reset": odd}, b"{}"))
        assert unclear.retry_after_seconds is None
