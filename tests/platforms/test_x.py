"""X: the adapter against the simulator, over HTTP."""

import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from platforms.base import Absent, CannotTell, Credentials, Draft, Published
from platforms.errors import (
    OutcomeUnknown,
    PlatformError,
    RateLimited,
    Rejected,
    Unauthorized,
    Unavailable,
    Unsupported,
)
from platforms.x import matching
from platforms.x.adapter import X
from platforms.x.length import weighted_length
from tests.conftest import Simulator
from tests.platforms.driver import Drive, image, media


@pytest.fixture
def drive(simulator: Simulator) -> Drive:
    number = str(uuid.uuid4().int)[:12]
    token = simulator.connect("x", number, username="acme")
    return Drive(X(), Credentials(number, "acme", token), simulator.url)


def public(simulator: Simulator, drive: Drive) -> list[dict[str, Any]]:
    return simulator.posts("x", drive.account.platform_account_id)


HELLO = Draft("Hello")


def refused(drive: Drive, draft: Draft = HELLO) -> PlatformError:
    with pytest.raises(PlatformError) as caught:
        drive.publish(draft)
    return caught.value


# Publishing


def test_a_text_is_published_with_its_id_and_url(simulator: Simulator, drive: Drive):
    result = drive.publish(Draft("Hello <b>world</b> & all\nexample.com"))
    [post] = public(simulator, drive)
    assert result == Published(post["id"], f"https://x.com/acme/status/{post['id']}")
    assert post["text"] == "Hello <b>world</b> & all\nexample.com"


def test_four_images_go_out_in_order_with_their_alt_texts(simulator: Simulator, drive: Drive):
    files = tuple(media(image(10 + n, 10), alt_text=f"Picture {n}") for n in range(4))
    drive.publish(Draft("Look", files))
    [post] = public(simulator, drive)
    assert post["extra"]["alt"] == ["Picture 0", "Picture 1", "Picture 2", "Picture 3"]
    assert [simulator.http.get(f"/files/{name}").content for name in post["media"]] == [
        image(10 + n, 10) for n in range(4)
    ]


def test_an_image_needs_no_text(simulator: Simulator, drive: Drive):
    drive.publish(Draft("", (media(),)))
    assert public(simulator, drive)[0]["text"] == ""


def test_uploaded_images_are_used_again_by_a_later_try(simulator: Simulator, drive: Drive):
    simulator.fault("x", call="create_post", status=429, times=1)
    draft = Draft("Look", (media(),))
    refused(drive, draft)
    simulator.fault("x", call="upload_media", status=500)
    drive.publish(draft)
    assert len(public(simulator, drive)) == 1


def test_forgotten_images_are_uploaded_again(simulator: Simulator, drive: Drive):
    draft = Draft("Look", (media(),))
    drive.checkpoint = {
        "media": {draft.media[0].key: {"id": "123", "good_until": time.time() + 1000}}
    }
    assert type(refused(drive, draft)) is Unavailable
    drive.publish(draft)
    assert len(public(simulator, drive)) == 1


def test_expired_images_are_uploaded_again(simulator: Simulator, drive: Drive):
    draft = Draft("Look", (media(),))
    drive.checkpoint = {"media": {draft.media[0].key: {"id": "123", "good_until": time.time() - 1}}}
    assert isinstance(drive.publish(draft), Published)


def test_media_that_x_refuses_at_once_is_not_uploaded_for_ever(simulator: Simulator, drive: Drive):
    body = '{"errors":[{"message":"Your media IDs are invalid.","parameters":{}}]}'
    simulator.fault("x", call="create_post", status=400, body=body, times=1)
    error = refused(drive, Draft("Look", (media(),)))
    assert (type(error), error.platform_code) == (Rejected, "invalid-media")


def test_a_file_that_is_no_image_is_refused_by_the_network(drive: Drive):
    error = refused(drive, Draft("Look", (media(b"no image"),)))
    assert (type(error), error.platform_code) == (Rejected, "invalid-request")
    assert drive.state == "unsent"


# What a draft may be


@pytest.mark.parametrize(
    ("draft", "words"),
    [
        (Draft("", (media(kind="document", content=b"x"),)), "does not take a document"),
        (Draft("Look", (media(),) * 5), "up to 4 files a post"),
        (Draft("Look", (media(b"x" * (5 * 1024 * 1024 + 1)),)), "up to 5 MB"),
        (Draft("Look", (media(alt_text="x" * 1001),)), "1000 characters"),
    ],
)
def test_what_x_cannot_carry_is_refused_before_anything_is_sent(draft: Draft, words: str):
    with pytest.raises(Unsupported, match=words):
        X().check(draft)


@pytest.mark.parametrize(
    ("text", "weight"),
    [
        ("This is a test.", 15),
        ("", 0),
        ("http://test.com", 23),
        ("https://test.com/a/very/long/path?with=a&query=string#and-anchor", 23),
        ("test.com", 23),
        ("Test https://test.com test https://test.com test.com test", 86),
        ("example.com.Hello", 29),
        ("(see https://a.com/b)", 29),
        ("https://en.wikipedia.org/wiki/Foo_(bar)", 23),
        ("https://x.com/a?b=c&d=1.", 24),
        ("http://☃.net/", 23),
        ("https://t.co/abc日本", 27),
        ("日本語example.com", 29),
        ("someone@example.com", 19),
        ("foo.bar@example.com", 19),
        ("#example.com", 12),
        ("foo/example.com", 15),
        ("file.txt and v1.2.3, e.g. this", 30),
        ("https://localhost", 17),
        ("\u00e9", 1),
        ("e\u0301", 1),
        ("저찀쯿쿿", 8),
        ("\U00010000\U0010ffff", 4),
        ("H🐱☺", 5),
        ("\u201cquoted\u201d \u2013 it\u2019s", 15),
        ("…", 2),
        ("👨‍👩‍👧‍👦", 2),
        ("👍🏽👍", 4),
        ("🇩🇪🇫🇷", 4),
        ("1️⃣ 1", 4),
        ("🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", 2),
        ("© ©️", 4),
    ],
)
def test_texts_are_weighed_as_x_does(text: str, weight: int):
    assert X().text_length(text) == weight


@pytest.mark.parametrize(
    "text",
    ["a" * 25000, "日" * 25000, "a." * 12500, "日." * 12500, "https://a.com/" + "(a" * 12000],
)
def test_weighing_takes_no_time_even_for_hostile_texts(text: str):
    started = time.process_time()
    weighted_length(text)
    assert time.process_time() - started < 1


# Refusals

PROBLEM = '{{"title":"Forbidden","detail":"{}","type":"{}","status":403}}'
BLANK = "about:blank"
TYPES = "https://api.twitter.com/2/problems"


@pytest.mark.parametrize(
    ("status", "body", "error", "code"),
    [
        (401, "", Unauthorized, ""),
        (402, "", RateLimited, "credits-depleted"),
        (403, PROBLEM.format("Forbidden", BLANK), Unauthorized, ""),
        (403, PROBLEM.format("App", f"{TYPES}/client-forbidden"), Unavailable, "client-forbidden"),
        (403, PROBLEM.format("Bad", f"{TYPES}/user-suspended"), Unauthorized, "user-suspended"),
        (403, PROBLEM.format("Your account is temporarily locked.", BLANK), Unauthorized, ""),
        (403, '{"errors":[{"code":326,"message":"To protect"}]}', Unauthorized, "326"),
        (403, PROBLEM.format("You are not permitted to do this.", BLANK), Rejected, ""),
        (403, PROBLEM.format("with duplicate content.", BLANK), Rejected, "duplicate"),
        (403, PROBLEM.format("Cap", f"{TYPES}/usage-capped"), RateLimited, "usage-capped"),
        (400, '{"errors":["odd"],"title":"Invalid Request"}', Rejected, ""),
        (400, '{"errors":[{"message":"m","parameters":[]}]}', Rejected, ""),
        (404, "<html>", Rejected, ""),
        (429, '{"errors":[{"code":88,"message":"Rate limit exceeded"}]}', RateLimited, "88"),
        (408, "", OutcomeUnknown, ""),
        (500, "<html>oops</html>", OutcomeUnknown, ""),
        (503, "", OutcomeUnknown, ""),
    ],
)
def test_refusals_are_read(
    simulator: Simulator,
    drive: Drive,
    status: int,
    body: str,
    error: type[PlatformError],
    code: str,
):
    simulator.fault("x", call="create_post", status=status, body=body)
    caught = refused(drive)
    assert (type(caught), caught.platform_code, caught.http_status) == (error, code, status)
    assert drive.account.token not in caught.message + caught.body
    assert caught.request_id
    assert public(simulator, drive) == []


def test_a_text_that_is_too_long_is_refused_in_the_networks_words(drive: Drive):
    error = refused(drive, Draft("日" * 141))
    assert type(error) is Rejected
    assert "Your Tweet text is too long." in error.message


def test_x_says_when_its_rate_limit_ends(simulator: Simulator, drive: Drive):
    simulator.fault("x", call="create_post", rate_limit_reset_seconds=300)
    error = refused(drive)
    assert type(error) is RateLimited
    assert 295 <= error.retry_after_seconds <= 300


def answer(status: int, headers: dict[str, str], body: bytes = b"{}") -> Any:
    from platforms.client import Answer

    return Answer(status, headers, body, body.decode())


def test_the_day_window_counts_when_it_alone_is_exhausted():
    now = int(time.time())
    headers = {
        "x-rate-limit-remaining": "50",
        "x-rate-limit-reset": str(now + 100),
        "x-user-limit-24hour-remaining": "0",
        "x-user-limit-24hour-reset": str(now + 5000),
    }
    assert X().explain(answer(429, headers)).retry_after_seconds == pytest.approx(5000, abs=2)


def test_a_retry_after_header_wins():
    assert X().explain(answer(429, {"retry-after": "7"})).retry_after_seconds == 7


def test_a_limit_without_a_reset_time_leaves_it_to_the_policy():
    assert X().explain(answer(429, {})).retry_after_seconds is None


@pytest.mark.parametrize(("period", "days"), [("Daily", 1), ("Monthly", 31)])
def test_a_usage_cap_ends_with_its_period(period: str, days: int):
    body = f'{{"type":"{TYPES}/usage-capped","period":"{period}"}}'.encode()
    error = X().explain(answer(429, {}, body))
    assert 0 < error.retry_after_seconds <= days * 86400
    end = datetime.now(UTC) + timedelta(seconds=error.retry_after_seconds + 1)
    assert (end.hour, end.minute) == (0, 0)
    assert end.day == 1 or period == "Daily"


# Lost answers


@pytest.mark.parametrize(
    "draft",
    [
        Draft("Fish & chips <3 at https://example.com/menu now"),
        Draft("example.com"),
        Draft("Look", (media(),)),
        Draft("", (media(),)),
    ],
)
def test_a_post_whose_answer_was_lost_is_found(simulator: Simulator, drive: Drive, draft: Draft):
    simulator.fault("x", call="create_post", drop="after", times=1)
    assert type(refused(drive, draft)) is OutcomeUnknown
    assert drive.state == "sent"
    [post] = public(simulator, drive)
    found = drive.find(draft)
    assert found == Published(post["id"], f"https://x.com/acme/status/{post['id']}")
    assert len(public(simulator, drive)) == 1


def test_a_post_that_never_arrived_is_not_seen_and_not_proven_absent(
    simulator: Simulator, drive: Drive
):
    simulator.fault("x", call="create_post", drop="before", times=1)
    assert type(refused(drive)) is OutcomeUnknown
    assert drive.find(Draft("Hello")) == Absent(proven=False)


def test_what_five_minutes_do_not_show_was_never_posted_and_is_sent_again_once(drive: Drive):
    sent_at = datetime.now(UTC) - timedelta(seconds=301)
    assert drive.find(Draft("Hello"), sent_at) == Absent(proven=True)
    drive.checkpoint = {"sent_again": True}
    assert drive.find(Draft("Hello"), sent_at) == CannotTell("https://x.com/acme")


def test_the_same_text_posted_at_another_time_is_not_ours(simulator: Simulator, drive: Drive):
    drive.publish(Draft("Hello"))
    drive.checkpoint = {}
    later = datetime.now(UTC) + timedelta(seconds=90)
    earlier = datetime.now(UTC) - timedelta(seconds=200)
    assert drive.find(Draft("Hello"), later) == Absent(proven=False)
    assert drive.find(Draft("Hello"), earlier) == Absent(proven=False)
    assert isinstance(drive.find(Draft("Hello"), datetime.now(UTC)), Published)


def test_another_text_is_not_ours(drive: Drive):
    drive.publish(Draft("Hello there"))
    assert drive.find(Draft("Hello")) == Absent(proven=False)


def test_an_old_post_is_found_below_a_page_of_newer_ones(simulator: Simulator, drive: Drive):
    first = drive.publish(Draft("The first"))
    sent_at = drive.sent_at
    headers = {"Authorization": f"Bearer {drive.account.token}"}
    for number in range(105):
        body = {"text": f"Number {number}"}
        simulator.http.post("/api.x.com/2/tweets", json=body, headers=headers)
    assert drive.find(Draft("The first"), sent_at) == first


def test_a_duplicate_after_a_lost_answer_proves_the_first_and_it_is_found(
    simulator: Simulator, drive: Drive
):
    simulator.fault("x", call="create_post", drop="after", times=1)
    refused(drive)
    assert type(refused(drive)) is OutcomeUnknown
    [post] = public(simulator, drive)
    assert drive.find(Draft("Hello")).id == post["id"]


def test_a_duplicate_that_stays_unseen_is_for_a_person(simulator: Simulator, drive: Drive):
    simulator.fault("x", call="create_post", drop="before", times=1)
    refused(drive)
    body = PROBLEM.format("with duplicate content.", BLANK)
    simulator.fault("x", call="create_post", status=403, body=body, times=1)
    refused(drive)
    assert drive.find(Draft("Hello")) == CannotTell(look_at="https://x.com/acme")


def test_a_duplicate_of_an_older_post_is_refused(simulator: Simulator, drive: Drive):
    drive.publish(Draft("Hello"))
    drive.checkpoint = {}
    error = refused(drive)
    assert (type(error), error.platform_code) == (Rejected, "duplicate")
    assert drive.checkpoint["first_sent_ms"] is None
    assert len(public(simulator, drive)) == 1


def test_a_known_refusal_is_not_where_a_later_look_up_starts(simulator: Simulator, drive: Drive):
    simulator.fault("x", call="create_post", rate_limit_reset_seconds=9, times=1)
    refused(drive)
    assert drive.checkpoint["first_sent_ms"] is None


def test_a_refused_look_up_is_an_error_and_no_finding(simulator: Simulator, drive: Drive):
    simulator.fault("x", call="list_posts", rate_limit_reset_seconds=60)
    with pytest.raises(RateLimited):
        drive.find(Draft("Hello"))


@pytest.mark.parametrize(
    ("ours", "theirs", "same"),
    [
        ("Hi  there\n", "Hi there", True),
        ("e\u0301", "\u00e9", True),
        ("a" * 300, "a" * 270 + "… https://t.co/abc", True),
        ("a" * 300, "b" * 270 + "… https://t.co/abc", False),
        ("1 &amp; 2", "1 &amp;amp; 2", True),
        ("Hi", "Hi https://t.co/abc", False),
    ],
)
def test_texts_are_compared_as_x_shows_them(ours: str, theirs: str, same: bool):
    assert matching.same_text(Draft(ours), theirs) is same


# The simulator itself


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({"text": "Hi", "colour": "red"}, "$.colour"),
        ({"text": "Hi", "media": {"media_ids": ["1"]}, "quote_tweet_id": "1"}, "exclude"),
        ({}, "needed"),
        ({"text": 5}, "needed"),
        ({"text": "Hi", "media": {"media_ids": [1]}}, "1 to 4"),
        ({"text": "Hi", "media": {"media_ids": ["1"] * 5}}, "1 to 4"),
        ({"text": "Hi", "media": ["1"]}, "1 to 4"),
        ({"text": "Hi", "media": {"media_ids": ["1"]}}, "media IDs are invalid"),
        ([], "not an object"),
    ],
)
def test_the_simulator_refuses_what_x_refuses(
    simulator: Simulator, drive: Drive, body: Any, detail: str
):
    headers = {"Authorization": f"Bearer {drive.account.token}"}
    answer = simulator.http.post("/api.x.com/2/tweets", json=body, headers=headers)
    assert answer.status_code == 400
    assert detail in answer.text
    assert public(simulator, drive) == []


def call(simulator: Simulator, drive: Drive, method: str, path: str, **rest: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {drive.account.token}"}
    return simulator.http.request(method, f"/api.x.com{path}", headers=headers, **rest)


def test_the_simulator_wants_json(simulator: Simulator, drive: Drive):
    assert call(simulator, drive, "POST", "/2/tweets", data={"text": "Hi"}).status_code == 415
    odd = {"content": b"{", "extensions": {}}
    assert call(simulator, drive, "POST", "/2/tweets", **odd).status_code == 415


def test_media_of_somebody_else_cannot_be_used(simulator: Simulator, drive: Drive):
    files = {"media": ("a.png", image(), "image/png")}
    upload = {"files": files, "data": {"media_category": "tweet_image"}}
    theirs = call(simulator, drive, "POST", "/2/media/upload", **upload).json()["data"]["id"]
    other = Drive(X(), Credentials("9", "b", simulator.connect("x", "9")), simulator.url)
    body = {"text": "Hi", "media": {"media_ids": [theirs]}}
    assert call(simulator, other, "POST", "/2/tweets", json=body).status_code == 400
    alt = {"id": theirs, "metadata": {"alt_text": {"text": "Mine"}}}
    assert call(simulator, other, "POST", "/2/media/metadata", json=alt).status_code == 404
    assert call(simulator, drive, "POST", "/2/media/metadata", json={}).status_code == 400
    alt["metadata"]["alt_text"]["text"] = "x" * 1001
    assert call(simulator, drive, "POST", "/2/media/metadata", json=alt).status_code == 400


def test_an_upload_needs_its_category(simulator: Simulator, drive: Drive):
    files = {"media": ("a.png", image(), "image/png")}
    assert call(simulator, drive, "POST", "/2/media/upload", files=files).status_code == 400


def test_a_scope_that_was_not_granted_is_missed(simulator: Simulator):
    token = simulator.connect("x", "77", extra={"scopes": ["tweet.write"]})
    drive = Drive(X(), Credentials("77", "acme", token), simulator.url)
    drive.publish(Draft("Hello"))
    assert type(refused(drive, Draft("Look", (media(alt_text="a"),)))) is Unauthorized
    alt = {"id": "1", "metadata": {"alt_text": {"text": "x"}}}
    assert call(simulator, drive, "POST", "/2/media/metadata", json=alt).status_code == 403


def test_posts_can_be_read_listed_and_deleted_by_their_owner(simulator: Simulator, drive: Drive):
    other = Drive(X(), Credentials("9", "b", simulator.connect("x", "9")), simulator.url)
    post_id = drive.publish(Draft("Hello & bye")).id
    read = call(simulator, other, "GET", f"/2/tweets/{post_id}").json()["data"]
    assert read["text"] == "Hello &amp; bye"
    assert call(simulator, other, "DELETE", f"/2/tweets/{post_id}").status_code == 403
    assert call(simulator, drive, "DELETE", f"/2/tweets/{post_id}").json()["data"]["deleted"]
    assert call(simulator, other, "GET", f"/2/tweets/{post_id}").status_code == 404


def test_a_list_goes_page_by_page(simulator: Simulator, drive: Drive):
    ids = [drive.publish(Draft(f"Number {n}")).id for n in range(7)]
    path = f"/2/users/{drive.account.platform_account_id}/tweets"
    first = call(simulator, drive, "GET", path, params={"max_results": "5"}).json()
    token = first["meta"]["next_token"]
    params = {"max_results": "5", "pagination_token": token}
    second = call(simulator, drive, "GET", path, params=params).json()
    assert [post["id"] for post in first["data"] + second["data"]] == ids[::-1]
    assert "next_token" not in second["meta"]
    since = call(simulator, drive, "GET", path, params={"since_id": ids[4]}).json()
    assert [post["id"] for post in since["data"]] == [ids[6], ids[5]]
    for wrong in ({"max_results": "4"}, {"max_results": "x"}):
        assert call(simulator, drive, "GET", path, params=wrong).status_code == 400


def test_the_caller_learns_who_it_is(simulator: Simulator, drive: Drive):
    answer = call(simulator, drive, "GET", "/2/users/me")
    assert answer.json()["data"]["id"] == drive.account.platform_account_id
    assert answer.headers["x-rate-limit-remaining"] == "99"
    assert answer.headers["x-transaction-id"]


def test_the_same_text_with_another_picture_is_no_duplicate(simulator: Simulator, drive: Drive):
    drive.publish(Draft("Hello"))
    drive.publish(Draft("Hello", (media(image(5, 5)),)))
    drive.publish(Draft("Hello", (media(image(6, 6)),)))
    assert len(public(simulator, drive)) == 3
