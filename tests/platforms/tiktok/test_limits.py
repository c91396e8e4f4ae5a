"""What simulated TikTok counts, and its upload host."""

import pytest

from platforms.errors import OutcomeUnknown, Rejected
from tests.conftest import Simulator
from tests.platforms.tiktok.caller import (
    INBOX,
    INBOX_INIT,
    PHOTO_INIT,
    PHOTOS,
    VIDEO,
    VIDEO_INIT,
    Caller,
    changed,
)
from tests.platforms.tiktok.steps import CLIP, make_draft, make_drive


@pytest.fixture
def caller(simulator: Simulator) -> Caller:
    return Caller(simulator)


# Limits


def test_calls_of_a_minute_are_counted_if_that_is_set(simulator: Simulator, caller: Caller):
    simulator.set("tiktok", "limits", "documented")
    assert [caller.code(VIDEO_INIT, VIDEO)[0] for _ in range(7)] == [200] * 6 + [429]
    assert caller.code(VIDEO_INIT, VIDEO) == (429, "rate_limit_exceeded")
    assert [caller.creator_info()[0] for _ in range(21)] == [200] * 20 + [429]
    assert Caller(simulator, "open-id-2").code(VIDEO_INIT, VIDEO) == (200, "ok")
    simulator.advance(61)
    assert caller.code(VIDEO_INIT, VIDEO) == (200, "ok")


def test_posts_of_a_day_are_counted_if_that_is_set(simulator: Simulator, caller: Caller):
    simulator.set("tiktok", "limits", {"posts_per_day": 2})
    for _ in range(2):
        assert caller.code(PHOTO_INIT, PHOTOS) == (200, "ok")
    assert caller.code(PHOTO_INIT, PHOTOS) == (403, "spam_risk_too_many_posts")
    assert caller.creator_info() == (200, "spam_risk_too_many_posts")
    assert len(simulator.posts()) == 2
    simulator.advance(24 * 3600 + 1)
    assert caller.code(PHOTO_INIT, PHOTOS) == (200, "ok")


def test_drafts_that_wait_are_counted_if_that_is_set(simulator: Simulator, caller: Caller):
    simulator.set("tiktok", "limits", {"pending_shares": 1})
    assert caller.code(INBOX_INIT, INBOX) == (200, "ok")
    assert caller.code(INBOX_INIT, INBOX) == (403, "spam_risk_too_many_pending_share")
    simulator.set("tiktok", "inbox_done", True)
    assert caller.code(INBOX_INIT, INBOX) == (200, "ok")


def test_accounts_that_post_are_counted_if_that_is_set(simulator: Simulator, caller: Caller):
    simulator.set("tiktok", "limits", {"users_per_day": 1})
    assert caller.code(PHOTO_INIT, PHOTOS) == (200, "ok")
    stranger = Caller(simulator, "open-id-2")
    assert stranger.creator_info() == (200, "reached_active_user_cap")
    assert stranger.code(PHOTO_INIT, PHOTOS) == (403, "reached_active_user_cap")
    assert caller.code(PHOTO_INIT, PHOTOS) == (200, "ok")


@pytest.mark.parametrize(
    ("is_private", "level", "code"),
    [
        (False, "SELF_ONLY", "unaudited_client_can_only_post_to_private_accounts"),
        (True, "FOLLOWER_OF_CREATOR", "unaudited_client_can_only_post_to_private_accounts"),
        (True, "SELF_ONLY", "ok"),
    ],
)
def test_an_unaudited_app_posts_for_the_account_alone(
    simulator: Simulator, is_private: bool, level: str, code: str
):
    caller = Caller(simulator, unaudited=True, private_account=is_private)
    body = changed(PHOTOS, "post_info", "privacy_level", to=level)
    assert caller.code(PHOTO_INIT, body)[1] == code


def test_a_level_the_account_does_not_offer_is_refused(simulator: Simulator):
    caller = Caller(simulator, private_account=True)
    assert caller.code(VIDEO_INIT, VIDEO) == (403, "privacy_level_option_mismatch")


# The upload host


@pytest.mark.parametrize(
    ("size", "first", "total", "status"), [(10, 0, 10, 400), (10, 5, 1000, 416), (10, 0, 1000, 400)]
)
def test_only_the_exact_next_chunk_is_taken(
    simulator: Simulator, size: int, first: int, total: int, status: int
):
    drive = make_drive(simulator)
    drive.fault(call="put_chunk", drop="before", times=1)
    drive.raises(OutcomeUnknown, make_draft(bytes(1000)))
    headers = {
        "Content-Range": f"bytes {first}-{first + size - 1}/{total}",
        "Content-Type": "video/mp4",
    }
    answer = simulator.http.put(
        drive.checkpoint["upload_url"], content=bytes(size), headers=headers
    )
    assert answer.status_code == status


def test_an_upload_url_lives_for_an_hour_and_for_one_upload(simulator: Simulator, caller: Caller):
    data = caller.post(VIDEO_INIT, VIDEO)[2]
    content = CLIP[:8] + bytes(992)
    whole = {"Content-Range": "bytes 0-999/1000", "Content-Type": "video/mp4"}

    def put(url: str, **headers: str) -> int:
        return simulator.http.put(url, content=content, headers={**whole, **headers}).status_code

    assert put(data["upload_url"] + "0") == 404
    assert put(data["upload_url"], **{"Content-Type": "video/avi"}) == 400
    simulator.advance(3601)
    assert put(data["upload_url"]) == 403
    fresh = caller.post(VIDEO_INIT, VIDEO)[2]["upload_url"]
    assert put(fresh) == 201
    assert put(fresh) == 404


def test_the_bytes_are_looked_at(simulator: Simulator):
    with pytest.raises(Rejected, match="file format"):
        make_drive(simulator).finish(make_draft(b"no video at all"))
    assert simulator.posts() == []
