"""LinkedIn: the adapter against the simulator, over HTTP."""

import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from platforms.base import Absent, CannotTell, Credentials, Draft, Processing, Published
from platforms.client import Answer
from platforms.errors import (
    OutcomeUnknown,
    PlatformError,
    RateLimited,
    Rejected,
    Unauthorized,
    Unavailable,
    Unsupported,
)
from platforms.linkedin.adapter import LinkedIn
from platforms.linkedin.text import escape, unescape
from tests.conftest import Simulator
from tests.platforms.driver import Drive, image, media

HELLO = Draft("Hello")
PROFILE = "https://www.linkedin.com/in/acme/recent-activity/all/"


def connect(simulator: Simulator, kind: str) -> Drive:
    number = str(uuid.uuid4().int)[:10]
    extra = {"author": f"urn:li:{kind}:{number}"}
    token = simulator.connect("linkedin", number, extra=extra)
    account = Credentials(number, "acme", token, extra=extra)
    return Drive(LinkedIn(), account, simulator.url)


@pytest.fixture
def member(simulator: Simulator) -> Drive:
    return connect(simulator, "person")


@pytest.fixture
def page(simulator: Simulator) -> Drive:
    return connect(simulator, "organization")


def public(simulator: Simulator, drive: Drive) -> list[dict[str, Any]]:
    return simulator.posts("linkedin", drive.account.platform_account_id)


def refused(drive: Drive, draft: Draft = HELLO) -> PlatformError:
    with pytest.raises(PlatformError) as caught:
        drive.finish(draft)
    return caught.value


# Text

TEXTS = [
    "Plain",
    "Hello (world) [x] {y} <z> *bold* _under_ ~tilde~ a|b \\ back @name #",
    "A #hashtag and #two_words, C# and a#b and #1",
    "Look:\nhttps://example.com/a_(b)?c=d#e",
    "Thanks @[Dev Tools](urn:li:organization:2414183)!",
]


@pytest.mark.parametrize("text", TEXTS[:-1])
def test_readers_see_the_text_as_it_was_written(simulator: Simulator, page: Drive, text: str):
    page.publish(Draft(text))
    assert public(simulator, page)[0]["text"] == text


def test_a_mention_reads_as_its_name(simulator: Simulator, page: Drive):
    page.publish(Draft(TEXTS[-1]))
    assert public(simulator, page)[0]["text"] == "Thanks Dev Tools!"


def test_hashtags_stay_hashtags():
    assert escape("C# #one_b (x)") == r"C\# {hashtag|\#|one\_b} \(x\)"


@pytest.mark.parametrize("text", TEXTS[:-1])
def test_escaping_is_undone_by_unescaping(text: str):
    assert unescape(escape(text)) == text


def test_an_unescaped_text_is_cut_by_the_network(simulator: Simulator, page: Drive):
    headers = {
        "Authorization": f"Bearer {page.account.token}",
        "LinkedIn-Version": "202608",
        "X-Restli-Protocol-Version": "2.0.0",
    }
    body = {
        "author": page.account.extra["author"],
        "commentary": "Hello (world)",
        "visibility": "PUBLIC",
        "distribution": {},
        "lifecycleState": "PUBLISHED",
    }
    simulator.http.post("/api.linkedin.com/rest/posts", json=body, headers=headers)
    assert public(simulator, page)[0]["text"] == "Hello "


def test_text_is_counted_in_utf_16_units():
    assert LinkedIn().text_length("aé🐱") == 4


def test_what_linkedin_cannot_carry_is_refused_before_anything_is_sent():
    with pytest.raises(Unsupported, match="4086"):
        LinkedIn().check(Draft("", (media(alt_text="x" * 4087),)))
    with pytest.raises(Unsupported, match="does not take a video"):
        LinkedIn().check(Draft("", (media(b"x", kind="video"),)))


# Publishing


def test_a_text_is_published_with_its_urn_and_url(simulator: Simulator, member: Drive):
    result = member.publish(HELLO)
    [post] = public(simulator, member)
    assert result == Published(post["id"], f"https://www.linkedin.com/feed/update/{post['id']}/")
    assert post["id"].startswith("urn:li:share:")


@pytest.mark.parametrize("count", [1, 3])
def test_images_of_a_page_go_out_when_they_are_processed(
    simulator: Simulator, page: Drive, count: int
):
    files = tuple(media(image(10 + n, 10), alt_text=f"Picture {n}") for n in range(count))
    draft = Draft("Look", files)
    assert page.publish(draft) == Processing(1)
    assert public(simulator, page) == []
    page.finish(draft)
    [post] = public(simulator, page)
    assert post["extra"]["alt"] == [f"Picture {n}" for n in range(count)]
    assert [simulator.http.get(f"/files/{name}").content for name in post["media"]] == [
        image(10 + n, 10) for n in range(count)
    ]


def test_a_member_may_not_read_the_state_of_an_image_and_waits_once(
    simulator: Simulator, member: Drive
):
    draft = Draft("Look", (media(), media(image(5, 5))))
    assert isinstance(member.finish(draft), Published)
    assert (member.checkpoint["blind"], member.sends) == (True, 1)
    assert len(public(simulator, member)[0]["media"]) == 2


def test_an_image_that_cannot_be_processed_is_refused(simulator: Simulator, page: Drive):
    error = refused(page, Draft("Look", (media(b"no image"),)))
    assert (type(error), error.platform_code) == (Rejected, "PROCESSING_FAILED")
    assert page.sends == 0


def test_lost_images_are_uploaded_again(simulator: Simulator, page: Drive):
    draft = Draft("Look", (media(),))
    body = '{"status":400,"code":"UPDATING_ASSET_FAILED","message":"Lost"}'
    simulator.fault("linkedin", call="create_post", status=400, body=body, times=1)
    assert type(refused(page, draft)) is Unavailable
    assert page.checkpoint["images"] == {}
    assert isinstance(page.finish(draft), Published)


def test_a_created_answer_without_a_urn_is_an_unknown_outcome(simulator: Simulator, page: Drive):
    simulator.fault("linkedin", call="create_post", status=201, body="{}", effect=True, times=1)
    assert type(refused(page)) is OutcomeUnknown
    assert page.find(HELLO).id == public(simulator, page)[0]["id"]


# Refusals


@pytest.mark.parametrize(
    ("status", "body", "error", "code"),
    [
        (401, "", Unauthorized, "EXPIRED_ACCESS_TOKEN"),
        (403, "", Unauthorized, "ACCESS_DENIED"),
        (403, '{"message":"Accessing this is forbidden"}', Rejected, ""),
        (400, '{"code":"FIELD_LENGTH_TOO_LONG"}', Rejected, "FIELD_LENGTH_TOO_LONG"),
        (400, '{"code":"MEDIA_ASSET_WAITING_UPLOAD"}', Unavailable, "MEDIA_ASSET_WAITING_UPLOAD"),
        (404, "", Rejected, "NOT_FOUND"),
        (409, "", Unavailable, "CONFLICT"),
        (422, '{"errorDetails":{"inputErrors":[]}}', Rejected, ""),
        (422, '{"errorDetails":{"inputErrors":["odd"]}}', Rejected, ""),
        (426, "", Unavailable, "NONEXISTENT_VERSION"),
        (429, "", RateLimited, "TOO_MANY_REQUESTS"),
        (408, "", OutcomeUnknown, ""),
        (500, "<html>", OutcomeUnknown, ""),
        (503, "", OutcomeUnknown, "SERVICE_UNAVAILABLE"),
    ],
)
def test_refusals_are_read(
    simulator: Simulator,
    page: Drive,
    status: int,
    body: str,
    error: type[PlatformError],
    code: str,
):
    simulator.fault("linkedin", call="create_post", status=status, body=body)
    caught = refused(page)
    assert (type(caught), caught.platform_code, caught.http_status) == (error, code, status)
    assert page.account.token not in caught.message + caught.body
    assert public(simulator, page) == []


def test_a_day_limit_ends_at_midnight_in_utc():
    body = b'{"message":"Resource level throttle MEMBER DAY limit reached"}'
    error = LinkedIn().explain(Answer(429, {}, body, body.decode()))
    end = datetime.now(UTC) + timedelta(seconds=error.retry_after_seconds + 1)
    assert (end.hour, end.minute) == (0, 0)


# Lost answers


@pytest.mark.parametrize("draft", [Draft("Hi (all) #tag"), Draft("Look", (media(),))])
def test_a_post_of_a_page_whose_answer_was_lost_is_found(
    simulator: Simulator, page: Drive, draft: Draft
):
    simulator.fault("linkedin", call="create_post", drop="after", times=1)
    assert type(refused(page, draft)) is OutcomeUnknown
    [post] = public(simulator, page)
    assert page.find(draft) == Published(post["id"], post["url"])


def test_a_post_of_a_page_that_never_arrived_is_not_seen(simulator: Simulator, page: Drive):
    simulator.fault("linkedin", call="create_post", drop="before", times=1)
    assert type(refused(page)) is OutcomeUnknown
    assert page.find(HELLO) == Absent(proven=False)


def test_the_same_text_posted_at_another_time_is_not_ours(page: Drive):
    page.publish(HELLO)
    page.checkpoint = {}
    assert page.find(HELLO, datetime.now(UTC) + timedelta(seconds=90)) == Absent(proven=False)
    assert page.find(HELLO, datetime.now(UTC) - timedelta(seconds=200)) == Absent(proven=False)


@pytest.mark.parametrize(
    ("state", "finding"),
    [("PUBLISH_REQUESTED", Processing(10)), ("PUBLISH_FAILED", Absent(proven=True))],
)
def test_what_is_accepted_is_not_yet_public(
    simulator: Simulator, page: Drive, state: str, finding: Any
):
    now = int(time.time() * 1000)
    author = page.account.extra["author"]
    body = (
        f'{{"elements":[{{"id":"urn:li:share:1","author":"{author}","commentary":"Hello",'
        f'"createdAt":{now},"lifecycleState":"{state}"}}]}}'
    )
    simulator.fault("linkedin", call="find_posts", status=200, body=body)
    assert page.find(HELLO) == finding


def test_a_member_cannot_be_asked_and_a_person_must_look(simulator: Simulator, member: Drive):
    simulator.fault("linkedin", call="create_post", drop="after", times=1)
    assert type(refused(member)) is OutcomeUnknown
    assert member.find(HELLO) == CannotTell(PROFILE)


def test_a_duplicate_that_names_the_lost_post_settles_it(simulator: Simulator, member: Drive):
    simulator.fault("linkedin", call="create_post", drop="after", times=1)
    refused(member)
    # The network's ids carry milliseconds: what is sent again is younger than what was lost.
    lost_ms = member.checkpoint["first_sent_ms"] + 5
    while time.time() * 1000 <= lost_ms:
        pass
    result = member.publish(HELLO)
    [post] = public(simulator, member)
    assert result == Published(post["id"], post["url"])


def duplicate_of(made_ms: int) -> str:
    words = f"Content is a duplicate of urn:li:share:{made_ms << 22}"
    return f'{{"message":"{words}","errorDetails":{{"inputErrors":[{{"code":"DUPLICATE_POST"}}]}}}}'


@pytest.mark.parametrize("kind", ["person", "organization"])
def test_a_duplicate_as_young_as_the_send_is_never_taken_for_ours(simulator: Simulator, kind: str):
    drive = connect(simulator, kind)
    body = duplicate_of(int(time.time() * 1000) + 5000)
    simulator.fault("linkedin", call="create_post", status=422, body=body)
    assert type(refused(drive)) is OutcomeUnknown
    assert isinstance(drive.find(HELLO), CannotTell)


def test_a_duplicate_of_an_older_post_is_refused_and_named(simulator: Simulator, member: Drive):
    body = duplicate_of(int(time.time() * 1000) - 3_600_000)
    simulator.fault("linkedin", call="create_post", status=422, body=body)
    error = refused(member)
    assert type(error) is Rejected
    assert "https://www.linkedin.com/feed/update/urn:li:share:" in error.message
    assert member.checkpoint["first_sent_ms"] is None
