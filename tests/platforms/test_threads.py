import json
from datetime import timedelta
from typing import Any

import pytest

from platforms.base import Absent, Credentials, Draft, Processing, Published
from platforms.errors import (
    OutcomeUnknown,
    PlatformError,
    RateLimited,
    Rejected,
    Unauthorized,
    Unavailable,
    Unsupported,
)
from platforms.threads.adapter import Threads
from tests.conftest import Simulator
from tests.platforms.driver import Drive, image, media

USER = "17841400000000001"


@pytest.fixture
def drive(simulator: Simulator) -> Drive:
    token = simulator.connect("threads", USER, username="acme")
    return Drive(Threads(), Credentials(USER, "acme", token), simulator.url)


def draft(text: str = "Hello", items: int = 0) -> Draft:
    jpeg = image(format="JPEG")
    photos = [media(jpeg, content_type="image/jpeg", alt_text=f"Photo {n}") for n in range(items)]
    return Draft(text, tuple(photos))


def public(simulator: Simulator) -> list[dict[str, Any]]:
    return simulator.posts("threads", USER)


def graph_error(code: int | str, subcode: int | None = None, **fields: Any) -> str:
    said = {"message": "Simulated", "type": "OAuthException", "code": code, "fbtrace_id": "Abc"}
    if subcode:
        said["error_subcode"] = subcode
    return json.dumps({"error": {**said, **fields}})


def lose(simulator: Simulator, drive: Drive, drop: str) -> None:
    """Publish, and lose the answer of the call that publishes."""
    simulator.fault("threads", call="publish", drop=drop, times=1)
    with pytest.raises(OutcomeUnknown):
        drive.finish(draft())


def later(drive: Drive, seconds: int) -> Any:
    """A look-up as long after the call."""
    assert drive.sent_at is not None
    past = drive.sent_at - timedelta(seconds=seconds)
    return drive.find(draft(), past)


def test_an_image_becomes_one_public_post(simulator: Simulator, drive: Drive):
    result = drive.finish(draft(items=1))
    (post,) = public(simulator)
    assert result == Published(id=post["id"], url=post["url"])
    assert (post["text"], post["extra"]["alt_texts"]) == ("Hello", ["Photo 0"])
    stored = simulator.http.get(f"/files/{post['media'][0]}").content
    assert stored == image(format="JPEG")
    assert (drive.sends, drive.state) == (1, "answered")


def test_a_carousel_keeps_its_order(simulator: Simulator, drive: Drive):
    drive.finish(draft(items=3))
    (post,) = public(simulator)
    assert post["extra"]["alt_texts"] == ["Photo 0", "Photo 1", "Photo 2"]
    assert (len(post["media"]), drive.sends) == (3, 1)


def test_the_container_is_durable_before_it_is_published(simulator: Simulator, drive: Drive):
    assert drive.publish(draft(items=1)) == Processing(2)
    assert drive.sends == 0
    made = drive.checkpoint["container"]
    result = drive.finish(draft(items=1))
    (sending,) = [save for save in drive.saves if save.sending]
    assert isinstance(result, Published)
    assert sending.values["container"] == made
    assert drive.checkpoint["post"] == result.id


def test_a_recorded_answer_is_never_sent_again(simulator: Simulator, drive: Drive):
    first = drive.finish(draft())
    assert drive.finish(draft()) == first
    assert drive.find(draft()) == first
    assert (drive.sends, len(public(simulator))) == (1, 1)


def test_a_lost_answer_of_a_published_post_is_found(simulator: Simulator, drive: Drive):
    lose(simulator, drive, "after")
    (post,) = public(simulator)
    assert drive.find(draft()) == Published(id=post["id"], url=post["url"])


def test_publishing_again_adopts_what_is_already_published(simulator: Simulator, drive: Drive):
    lose(simulator, drive, "after")
    (post,) = public(simulator)
    assert drive.finish(draft()) == Published(id=post["id"], url=post["url"])
    assert drive.sends == 1


def test_absence_is_proven_only_when_the_call_has_settled(simulator: Simulator, drive: Drive):
    lose(simulator, drive, "before")
    assert drive.find(draft()) == Absent(proven=False)
    assert later(drive, 200) == Absent(proven=True)
    drive.finish(draft())
    assert len(public(simulator)) == 1


def test_a_published_post_that_no_list_shows_is_still_published(simulator: Simulator, drive: Drive):
    lose(simulator, drive, "after")
    simulator.fault("threads", call="list_posts", status=200, body='{"data":[]}')
    assert drive.find(draft()) == Processing(30)
    assert later(drive, 1000) == Published(id=drive.checkpoint["container"])


def test_two_posts_alike_are_not_mixed_up(simulator: Simulator, drive: Drive):
    drive.finish(draft())
    drive.checkpoint = {}
    lose(simulator, drive, "after")
    assert drive.find(draft()) == Processing(30)
    assert later(drive, 1000) == Published(id=drive.checkpoint["container"])


def test_a_container_that_cannot_be_read_proves_nothing(simulator: Simulator, drive: Drive):
    lose(simulator, drive, "before")
    simulator.fault("threads", call="read", status=400, body=graph_error(100, 33))
    assert later(drive, 1000) == Absent(proven=False)


def test_a_refusal_of_the_first_call_is_tried_again(simulator: Simulator, drive: Drive):
    simulator.fault("threads", call="publish", status=400, body=graph_error(24, 4279009), times=1)
    with pytest.raises(Unavailable) as caught:
        drive.finish(draft())
    assert caught.value.retry_after_seconds == 5
    drive.finish(draft())
    assert len(public(simulator)) == 1


def test_the_same_refusal_after_a_lost_answer_is_unknown(simulator: Simulator, drive: Drive):
    lose(simulator, drive, "before")
    simulator.fault(
        "threads", call="publish", status=400, body=graph_error(24, 4279009), effect=True
    )
    with pytest.raises(OutcomeUnknown):
        drive.finish(draft())
    (post,) = public(simulator)
    assert drive.find(draft()) == Published(id=post["id"], url=post["url"])


def test_a_container_refused_too_often_is_made_anew(simulator: Simulator, drive: Drive):
    simulator.fault("threads", call="publish", status=400, body=graph_error(24, 4279009), times=3)
    for _ in range(3):
        with pytest.raises(Unavailable):
            drive.finish(draft())
    assert "container" not in drive.checkpoint
    drive.finish(draft())
    assert len(public(simulator)) == 1


@pytest.mark.parametrize("state", ["ERROR", "EXPIRED"])
def test_a_container_that_is_no_longer_good_is_made_anew(
    simulator: Simulator, drive: Drive, state: str
):
    body = json.dumps({"id": "1", "status": state})
    simulator.fault("threads", call="read", status=200, body=body, times=1)
    with pytest.raises(Unavailable):
        drive.publish(draft())
    assert "container" not in drive.checkpoint
    drive.finish(draft())
    assert (drive.sends, len(public(simulator))) == (1, 1)


def test_a_permalink_that_cannot_be_read_does_not_fail_the_post(simulator: Simulator, drive: Drive):
    while "container" not in drive.checkpoint:
        drive.publish(draft())
    drive.checkpoint["post"] = "18000000000000000"
    simulator.fault("threads", call="read", status=500)
    assert drive.publish(draft()) == Published(id="18000000000000000")


CREATING = [
    (400, graph_error(190, 463), Unauthorized),
    (403, graph_error(10), Unauthorized),
    (400, graph_error(4), RateLimited),
    (400, graph_error(368), RateLimited),
    (400, graph_error(4, 2207051), RateLimited),
    (400, graph_error(9004, 2207052), Unavailable),
    (400, graph_error(100), Rejected),
    (500, graph_error(2), Unavailable),
    (502, "<html>Bad gateway</html>", Unavailable),
    (400, graph_error("THREADS_API__LINK_LIMIT_EXCEEDED"), Rejected),
    (400, graph_error(100, 4279071), Rejected),
]


@pytest.mark.parametrize(("status", "body", "error"), CREATING)
def test_a_refusal_to_make_a_container_has_its_word(
    simulator: Simulator, drive: Drive, status: int, body: str, error: type[PlatformError]
):
    simulator.fault("threads", call="create_container", status=status, body=body)
    with pytest.raises(PlatformError) as caught:
        drive.publish(draft())
    assert type(caught.value) is error
    assert drive.account.token not in str(caught.value) + caught.value.body
    assert (drive.sends, public(simulator)) == (0, [])


PUBLISHING = [
    (400, graph_error(190, 460), Unauthorized),
    (400, graph_error(4, 2207051), OutcomeUnknown),
    (400, graph_error(100, 33), Unauthorized),
    (500, graph_error(2), OutcomeUnknown),
    (500, graph_error(10), OutcomeUnknown),
    (400, graph_error(506), OutcomeUnknown),
    (200, graph_error(2), OutcomeUnknown),
]


@pytest.mark.parametrize(("status", "body", "error"), PUBLISHING)
def test_a_refusal_to_publish_has_its_word(
    simulator: Simulator, drive: Drive, status: int, body: str, error: type[PlatformError]
):
    simulator.fault("threads", call="publish", status=status, body=body)
    with pytest.raises(PlatformError) as caught:
        drive.finish(draft())
    assert type(caught.value) is error


def test_a_rate_limit_ends_when_the_network_says(simulator: Simulator, drive: Drive):
    simulator.fault("threads", call="create_container", rate_limit_reset_seconds=600)
    with pytest.raises(RateLimited) as caught:
        drive.publish(draft())
    assert caught.value.retry_after_seconds == 600


def test_what_the_network_cannot_carry_is_unsupported(drive: Drive):
    for item in (
        media(b"", content_type="image/webp"),
        media(b"", kind="video"),
        media(bytes(8 * 1024 * 1024 + 1), content_type="image/jpeg"),
        media(b"", content_type="image/jpeg", alt_text="x" * 1001),
    ):
        with pytest.raises(Unsupported):
            drive.publish(Draft("Hello", (item,)))
    with pytest.raises(Unsupported):
        drive.publish(draft(items=21))
    assert drive.saves == []


def test_a_text_is_public_after_one_call(simulator: Simulator, drive: Drive):
    result = drive.publish(Draft("Just words"))
    (post,) = public(simulator)
    assert result == Published(id=post["id"], url=post["url"])
    assert post["text"] == "Just words"


@pytest.mark.parametrize("text", ["A #topic here #second", "Two\n\nlines  of #words", "Cafe\u0301"])
def test_a_text_that_threads_rewrote_is_recognised(simulator: Simulator, drive: Drive, text: str):
    simulator.fault("threads", call="publish", drop="after", times=1)
    with pytest.raises(OutcomeUnknown):
        drive.finish(Draft(text))
    (post,) = public(simulator)
    assert drive.find(Draft(text)) == Published(id=post["id"], url=post["url"])


def test_an_emoji_counts_as_its_bytes():
    assert Threads().text_length("ab\u00e9") == 3
    assert Threads().text_length("\U0001f600") == 4
