"""LinkedIn: what became of a post whose answer was lost."""

import json
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from platforms.drafts import Draft
from platforms.errors import OutcomeUnknown, Rejected, Unavailable
from platforms.outcomes import Absent, Processing, Published, RefusedLater, Undeterminable
from tests.conftest import Simulator
from tests.platforms.driver import HELLO, Drive, media
from tests.platforms.linkedin.steps import clip, connect, duplicate_of


def lose(drive: Drive, draft: Draft = HELLO, drop: str = "after") -> None:
    drive.fault(call="create_post", drop=drop, times=1)
    assert type(drive.fails(draft)) is OutcomeUnknown


def ago(drive: Drive, seconds: float) -> None:
    """What was sent was sent so long ago."""
    assert drive.sent_at is not None
    drive.sent_at -= timedelta(seconds=seconds)
    drive.checkpoint["first_sent_ms"] -= int(seconds * 1000)


def profile(drive: Drive) -> str:
    number = drive.account.platform_account_id
    return f"https://www.linkedin.com/company/{number}/posts/"


# Pages can be asked


@pytest.mark.parametrize(
    "draft",
    [
        Draft("Hi (all) #tag"),
        Draft("Look", (media(),)),
        Draft("", (media(), media())),
        Draft("Look", (clip(),)),
        Draft("Say", settings={"pollQuestion": "Which?", "pollOptions": ["One", "Two"]}),
        Draft("Read", settings={"link": "https://example.com", "linkTitle": "A page"}),
    ],
    ids=["text", "image", "images", "video", "poll", "link"],
)
def test_a_post_of_a_page_whose_answer_was_lost_is_found(page: Drive, draft: Draft):
    page.simulator.set("linkedin", "processing_seconds", 0)
    lose(page, draft)
    [post] = page.public()
    assert page.find(draft) == Published(post["id"], post["url"])
    assert len(page.public()) == 1


@pytest.mark.parametrize("body", ["", "{}"])
def test_a_created_answer_without_a_urn_is_an_unknown_outcome(page: Drive, body: str):
    page.fault(call="create_post", status=201, body=body, effect=True, times=1)
    assert type(page.fails()) is OutcomeUnknown
    assert page.find(HELLO) == Published(*[page.public()[0][k] for k in ("id", "url")])


def test_a_post_that_was_made_before_a_gateway_gave_up_is_found(page: Drive):
    page.fault(call="create_post", status=504, effect=True, times=1)
    assert type(page.fails()) is OutcomeUnknown
    assert isinstance(page.find(HELLO), Published)


def test_a_post_of_a_page_that_never_arrived_is_not_seen(page: Drive):
    lose(page, drop="before")
    assert page.find(HELLO) == Absent(proven=False)


def test_what_the_list_shows_late_is_found_at_a_later_look(page: Drive):
    page.simulator.set("linkedin", "listing_lag_seconds", 3600)
    lose(page)
    assert page.find(HELLO) == Absent(proven=False)
    page.simulator.set("linkedin", "listing_lag_seconds", 0)
    assert isinstance(page.find(HELLO), Published)


def test_what_is_not_there_after_five_minutes_is_sent_again_once(page: Drive):
    lose(page, drop="before")
    ago(page, 301)
    assert page.find(HELLO) == Absent()
    page.checkpoint["sent_again"] = True
    lose(page, drop="before")
    assert page.find(HELLO) == Absent(proven=False)
    ago(page, 301)
    assert page.find(HELLO) == Undeterminable(profile(page))


def test_what_another_destination_has_is_passed_over(page: Drive):
    lose(page)
    [post] = page.public()
    page.theirs = {post["id"]}
    assert page.find(HELLO) == Absent(proven=False)


@pytest.mark.parametrize("body", ["{}", "[]", '{"elements": null}', "<html>"])
def test_a_list_that_is_not_shown_is_no_finding(page: Drive, body: str):
    lose(page, drop="before")
    ago(page, 301)
    page.fault(call="find_posts", status=200, body=body)
    with pytest.raises(Unavailable):
        page.find(HELLO)


def test_the_same_text_posted_at_another_time_is_not_ours(page: Drive):
    page.publish(HELLO)
    page.checkpoint = {}
    now = datetime.now(UTC)
    assert page.find(HELLO, now + timedelta(seconds=90)) == Absent(proven=False)
    assert page.find(HELLO, now - timedelta(seconds=200)) == Absent(proven=False)


def test_the_same_text_with_other_files_is_not_ours(page: Drive):
    page.simulator.set("linkedin", "processing_seconds", 0)
    page.finish(Draft("Look", (media(),)))
    page.checkpoint = {}
    ours = Draft("Look", (media(),))
    lose(page, ours, drop="before")
    assert page.find(ours) == Absent(proven=False)
    assert page.find(Draft("Look")) == Absent(proven=False)


@pytest.mark.parametrize(
    ("state", "finding"), [("PUBLISH_REQUESTED", Processing), ("PUBLISH_FAILED", RefusedLater)]
)
def test_what_is_accepted_is_not_yet_public(page: Drive, state: str, finding: Any):
    page.simulator.set("linkedin", "publish_state", state)
    lose(page)
    found = page.find(HELLO)
    assert type(found) is finding
    if isinstance(found, RefusedLater):
        assert (type(found.error), found.error.platform_code) == (Rejected, "PUBLISH_FAILED")
    assert page.public() == []


def test_one_that_is_public_counts_more_than_one_that_failed(page: Drive):
    page.simulator.set("linkedin", "publish_state", "PUBLISH_FAILED")
    page.simulator.set("linkedin", "duplicate_seconds", 0)
    lose(page)
    page.simulator.set("linkedin", "publish_state", "PUBLISHED")
    lose(page)
    assert isinstance(page.find(HELLO), Published)


# What cannot be asked


def test_a_member_cannot_be_asked_and_a_person_must_look(member: Drive):
    lose(member)
    where = "https://www.linkedin.com/in/{}/recent-activity/all/"
    assert member.find(HELLO) == Undeterminable(where.format("acme"))
    member.account = replace(member.account, username="")
    assert member.find(HELLO) == Undeterminable(where.format("me"))


def test_a_page_that_may_not_be_read_is_not_asked_twice(simulator: Simulator):
    page = connect(simulator, "organization", scopes=["w_organization_social"])
    lose(page)
    assert page.find(HELLO) == Undeterminable(profile(page))
    page.account = replace(page.account, scopes=("w_organization_social",))
    simulator.fault("linkedin", call="find_posts", status=500)
    assert page.find(HELLO) == Undeterminable(profile(page))


def test_a_lookup_that_fails_says_nothing_about_the_post(page: Drive):
    lose(page)
    page.fault(call="find_posts", status=500, times=1)
    with pytest.raises(Exception, match="500"):
        page.find(HELLO)
    assert isinstance(page.find(HELLO), Published)


# Sent again, on a person's word


def test_a_duplicate_that_names_the_lost_post_settles_it(member: Drive):
    member.checkpoint = {"first_sent_ms": int(time.time() * 1000) - 60_000}
    made_ms = member.checkpoint["first_sent_ms"] + 900
    body = duplicate_of(made_ms)
    member.fault(call="create_post", status=422, body=body)
    adopted = member.publish(HELLO)
    assert (adopted.id, adopted.found) == (f"urn:li:share:{made_ms << 22}", True)


@pytest.mark.parametrize("kind", ["person", "organization"])
@pytest.mark.parametrize("again", [True, False])
@pytest.mark.parametrize("seconds", [-1, 0, 1, 59])
def test_a_duplicate_of_what_another_destination_has_is_refused_and_named(
    simulator: Simulator, kind: str, again: bool, seconds: int
):
    drive = connect(simulator, kind)
    now_ms = int(time.time() * 1000)
    drive.checkpoint = {"first_sent_ms": now_ms - 60_000} if again else {}
    made_ms = now_ms - seconds * 1000
    urn = f"urn:li:share:{made_ms << 22}"
    drive.theirs = {urn}
    drive.fault(call="create_post", status=422, body=duplicate_of(made_ms))
    error = drive.raises(Rejected)
    assert (error.code, drive.state) == ("duplicate_content", "answered")
    assert f"https://www.linkedin.com/feed/update/{urn}" in error.message
    assert drive.checkpoint["first_sent_ms"] is None


def test_the_same_text_eight_times_at_once_is_posted_once_and_refused_seven_times(member: Drive):
    first = member.publish(HELLO)
    assert isinstance(first, Published)
    member.theirs = {first.id}
    for _ in range(7):
        member.checkpoint = {}
        assert first.url in member.raises(Rejected).message
    assert len(member.public()) == 1


def test_the_second_send_is_the_first_one_to_the_byte(page: Drive):
    draft = Draft("Look", (media(),))
    page.simulator.set("linkedin", "processing_seconds", 0)
    lose(page, draft)
    assert type(page.fails(draft)) is OutcomeUnknown
    assert len(page.public()) == 1
    assert isinstance(page.find(draft), Published)


@pytest.mark.parametrize("kind", ["person", "organization"])
@pytest.mark.parametrize("again", [True, False])
def test_a_duplicate_as_young_as_the_send_is_never_taken_for_ours(
    simulator: Simulator, kind: str, again: bool
):
    drive = connect(simulator, kind)
    if again:
        lose(drive, drop="before")
        ago(drive, 400)
    body = duplicate_of(int(time.time() * 1000) + 5000)
    simulator.fault("linkedin", call="create_post", status=422, body=body)
    assert (type(drive.fails()), drive.state) == (OutcomeUnknown, "sent")
    ago(drive, 301)
    assert isinstance(drive.find(HELLO), Undeterminable)


def test_a_ghost_in_a_refusal_does_not_hide_the_real_post(page: Drive):
    page.simulator.set("linkedin", "duplicate_names", "ghost")
    lose(page)
    [post] = page.public()
    assert type(page.fails()) is OutcomeUnknown
    assert page.find(HELLO) == Published(post["id"], post["url"])


@pytest.mark.parametrize("again", [True, False])
def test_a_duplicate_of_an_older_post_is_refused_and_named(member: Drive, again: bool):
    if again:
        lose(member, drop="before")
    made_ms = int(time.time() * 1000) - 3_600_000
    member.fault(call="create_post", status=422, body=duplicate_of(made_ms))
    error = member.fails()
    assert (type(error), error.code) == (Rejected, "duplicate_content")
    assert f"https://www.linkedin.com/feed/update/urn:li:share:{made_ms << 22}" in error.message
    assert member.checkpoint["first_sent_ms"] is None


def test_a_duplicate_that_names_nothing_settles_nothing(member: Drive):
    body = json.dumps({"errorDetails": {"inputErrors": [{"code": "DUPLICATE_POST"}]}})
    lose(member, drop="before")
    member.fault(call="create_post", status=422, body=body)
    assert type(member.fails()) is OutcomeUnknown


def test_a_urn_in_the_customers_own_words_is_not_taken_for_the_post(member: Drive):
    lose(member, drop="before")
    now_ms = int(time.time() * 1000)
    quoted = f"urn:li:share:{(now_ms - 20_000) << 22} (quoted) " + "x" * 400
    body = json.loads(duplicate_of(now_ms - 7_200_000))
    body["message"] = f"{quoted} {body['message']}"
    member.fault(call="create_post", status=422, body=json.dumps(body))
    assert member.fails().code == "duplicate_content"


def test_a_refusal_after_a_lost_send_keeps_the_time_of_the_first(member: Drive):
    lose(member, drop="before")
    first = member.checkpoint["first_sent_ms"]
    member.fault(call="create_post", status=429, times=1)
    member.fails()
    assert member.checkpoint["first_sent_ms"] == first
