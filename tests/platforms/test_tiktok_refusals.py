"""What TikTok's refusals mean."""

import pytest

from platforms.base import (
    Published,
    Refused,
)
from platforms.errors import (
    PlatformError,
    RateLimited,
    Rejected,
    Unauthorized,
    Unavailable,
)
from tests.conftest import Simulator
from tests.platforms.tiktok import (
    OPEN_ID,
    answer_body,
    assert_tells_no_secret,
    lose_last_answer,
    make_draft,
    make_drive,
    only_post,
)

MIB = 1024 * 1024


# Refusals


@pytest.mark.parametrize(
    ("status", "code", "error", "wait"),
    [
        (401, "access_token_invalid", Unauthorized, None),
        (401, "scope_not_authorized", Unauthorized, None),
        (401, "something_new", Unauthorized, None),
        (429, "rate_limit_exceeded", RateLimited, 60),
        (429, "something_new", RateLimited, 60),
        (403, "spam_risk_too_many_posts", RateLimited, 14400),
        (200, "spam_risk_too_many_posts", RateLimited, 14400),
        (200, "reached_active_user_cap", RateLimited, 86400),
        (200, "spam_risk_user_banned_from_posting", Unauthorized, None),
        (403, "unaudited_client_can_only_post_to_private_accounts", Rejected, None),
        (400, "invalid_params", Rejected, None),
        (500, "internal_error", Unavailable, None),
        (200, "internal_error", Unavailable, None),
    ],
)
@pytest.mark.parametrize("call", ["creator_info", "init"])
def test_each_refusal_has_its_meaning(
    simulator: Simulator,
    call: str,
    status: int,
    code: str,
    error: type[PlatformError],
    wait: float | None,
):
    drive = make_drive(simulator)
    simulator.fault("tiktok", call=call, status=status, body=answer_body(code))
    with pytest.raises(error) as refused:
        drive.publish(make_draft())
    assert type(refused.value) is error
    assert (refused.value.http_status, refused.value.retry_after_seconds) == (status, wait)
    assert refused.value.request_id == "L1"
    assert (drive.saves, simulator.posts()) == ([], [])
    assert_tells_no_secret(refused.value, drive)


@pytest.mark.parametrize("call", ["creator_info", "init"])
@pytest.mark.parametrize("body", ["<html>", '{"error": {"code": "ok"}}'])
def test_an_unreadable_200_before_the_upload_is_safe_to_repeat(
    simulator: Simulator, call: str, body: str
):
    drive = make_drive(simulator)
    simulator.fault("tiktok", call=call, status=200, body=body, times=1)
    with pytest.raises(Unavailable):
        drive.publish(make_draft())
    assert isinstance(drive.finish(make_draft()), Published)


def test_an_invalid_token_needs_a_reconnection(simulator: Simulator):
    drive = make_drive(simulator)
    simulator.connect("tiktok", OPEN_ID)
    with pytest.raises(Unauthorized):
        drive.publish(make_draft())


@pytest.mark.parametrize(
    ("reason", "error"),
    [
        ("file_format_check_failed", Rejected),
        ("spam_risk_text", Rejected),
        ("publish_cancelled", Rejected),
        ("spam_risk_user_banned_from_posting", Unauthorized),
        ("something_new", Rejected),
        ("auth_removed", Unauthorized),
        ("spam_risk_too_many_posts", RateLimited),
        ("internal", Unavailable),
    ],
)
def test_a_post_that_failed_at_tiktok_says_why_and_may_be_made_anew(
    simulator: Simulator, reason: str, error: type[PlatformError]
):
    drive, draft = make_drive(simulator, fail_reason=reason), make_draft()
    with pytest.raises(error) as failed:
        drive.finish(draft)
    assert (type(failed.value), failed.value.platform_code) == (error, reason)
    assert simulator.posts() == []
    lost = make_drive(simulator, fail_reason=reason)
    lose_last_answer(simulator, lost, draft)
    found = lost.find_out(draft)
    assert isinstance(found, Refused)
    assert type(found.error) is error
    again = make_drive(simulator)
    # As the pipeline keeps it, whatever way a look-up ends.
    again.checkpoint = {**lost.checkpoint, "publish_id": ""}
    assert isinstance(again.finish(draft), Published)
    only_post(simulator)
