"""What TikTok's refusals mean."""

import pytest

from platforms.errors import (
    OutcomeUnknown,
    PlatformError,
    RateLimited,
    Rejected,
    Unauthorized,
    Unavailable,
)
from platforms.outcomes import Published, RefusedLater, Undeterminable
from tests.conftest import Simulator
from tests.platforms.tiktok.steps import (
    OPEN_ID,
    answer_body,
    assert_tells_no_secret,
    lose_last_answer,
    make_draft,
    make_drive,
    make_photos,
    only_post,
)

INIT_ROWS = [
    (401, "access_token_invalid", Unauthorized, "account_needs_reconnection", None),
    (401, "scope_not_authorized", Unauthorized, "permission_missing", None),
    (400, "scope_permission_missed", Unauthorized, "permission_missing", None),
    (429, "rate_limit_exceeded", RateLimited, "rate_limited", 60),
    (403, "spam_risk_too_many_posts", RateLimited, "daily_limit_reached", 14400),
    (200, "spam_risk_too_many_posts", RateLimited, "daily_limit_reached", 14400),
    (403, "spam_risk_too_many_pending_share", RateLimited, "temporarily_blocked", 86400),
    (403, "reached_active_user_cap", RateLimited, "app_quota_exhausted", 86400),
    (200, "reached_active_user_cap", RateLimited, "app_quota_exhausted", 86400),
    (403, "spam_risk_user_banned_from_posting", Unauthorized, "account_restricted", None),
    (200, "spam_risk_user_banned_from_posting", Unauthorized, "account_restricted", None),
    (403, "unaudited_client_can_only_post_to_private_accounts", Rejected, "app_refused", None),
    (403, "url_ownership_unverified", Rejected, "media_unreachable", None),
    (403, "privacy_level_option_mismatch", Rejected, "option_rejected", None),
    (400, "invalid_param", Rejected, "content_rejected", None),
    (400, "invalid_params", Rejected, "content_rejected", None),
    (400, "app_version_check_failed", Rejected, "account_restricted", None),
    (500, "internal_error", Unavailable, "platform_unavailable", None),
    (200, "internal_error", Unavailable, "platform_unavailable", None),
]
NEW_ROWS = [
    (401, "something_new", Unauthorized, "account_needs_reconnection", None),
    (429, "something_new", RateLimited, "rate_limited", 60),
    (403, "something_new", Rejected, "content_rejected", None),
    (200, "something_new", Rejected, "content_rejected", None),
]
AMBIGUOUS = "internal_error"


@pytest.mark.parametrize("call", ["creator_info", "init"])
def test_each_refusal_has_its_meaning(simulator: Simulator, call: str):
    drive, draft = make_drive(simulator), make_draft()
    for status, code, error, ours, wait in INIT_ROWS + NEW_ROWS:
        told = drive.refusal(draft, call, status, answer_body(code))
        read = (type(told), told.code, told.platform_code, told.http_status)
        assert read == (error, ours, code, status)
        assert (code, told.retry_after_seconds) == (code, wait)
        assert (told.request_id, '"message": "No."' in told.body) == ("L1", True)
        assert (code, told.unmapped) == (code, code == "something_new")
        assert drive.saves == []
        assert_tells_no_secret(told, drive)
    assert simulator.posts() == []


def test_where_tiktok_fetches_only_its_own_trouble_is_unknown(simulator: Simulator):
    drive, draft = make_drive(simulator), make_photos()
    for status, code, error, _, _ in INIT_ROWS:
        told = drive.refusal(draft, "photo_init", status, answer_body(code))
        expected = OutcomeUnknown if code == AMBIGUOUS else error
        assert (status, code, type(told), drive.sends) == (status, code, expected, 1)
    assert simulator.posts() == []


@pytest.mark.parametrize("status", [502, 504])
def test_a_gateway_page_proves_nothing_where_the_init_is_the_post(
    simulator: Simulator, status: int
):
    page = "<html><body>Bad gateway</body></html>"
    simulator.fault("tiktok", status=status, body=page, call="init", effect=True, times=1)
    make_drive(simulator).raises(Unavailable, make_draft())
    simulator.fault("tiktok", status=status, body=page, call="photo_init", effect=True)
    make_drive(simulator).raises(OutcomeUnknown, make_photos())
    only_post(simulator)


@pytest.mark.parametrize("code", ["invalid_publish_id", "token_not_authorized_for_x"])
def test_a_publish_id_that_tiktok_denies_is_never_begun_anew(simulator: Simulator, code: str):
    code = code.replace("for_x", "for_specified_publish_id")
    drive, draft = make_drive(simulator), make_draft()
    lose_last_answer(drive, draft)
    drive.fault(call="status", status=400, body=answer_body(code))
    assert drive.find(draft) == Undeterminable("https://www.tiktok.com/@acme")
    drive.raises(OutcomeUnknown, draft)
    assert len(simulator.posts()) == 1


def test_the_logid_of_the_field_tables_is_read_too(simulator: Simulator):
    body = '{"data":{},"error":{"code":"invalid_params","message":"Bad title","logid":"L2"}}'
    simulator.fault("tiktok", call="init", status=400, body=body)
    with pytest.raises(Rejected, match="Bad title") as refused:
        make_drive(simulator).publish(make_draft())
    assert refused.value.request_id == "L2"


@pytest.mark.parametrize("call", ["creator_info", "init"])
@pytest.mark.parametrize("body", ["<html>", '{"error": {"code": "ok"}}'])
def test_an_unreadable_200_before_the_upload_is_safe_to_repeat(
    simulator: Simulator, call: str, body: str
):
    drive = make_drive(simulator)
    drive.fault(call=call, status=200, body=body, times=1)
    drive.raises(Unavailable, make_draft())
    assert isinstance(drive.finish(make_draft()), Published)


def test_an_invalid_token_needs_a_reconnection(simulator: Simulator):
    drive = make_drive(simulator)
    simulator.connect("tiktok", OPEN_ID)
    drive.raises(Unauthorized, make_draft())


#: The reason of a post that failed → the error, our code.
FAILURES = [
    ("file_format_check_failed", Rejected, "media_rejected"),
    ("duration_check_failed", Rejected, "media_rejected"),
    ("frame_rate_check_failed", Rejected, "media_rejected"),
    ("picture_size_check_failed", Rejected, "media_rejected"),
    ("spam_risk_text", Rejected, "content_rejected"),
    ("spam_risk", Rejected, "content_rejected"),
    ("publish_cancelled", Rejected, "content_rejected"),
    ("spam_risk_user_banned_from_posting", Unauthorized, "account_restricted"),
    ("something_new", Rejected, "content_rejected"),
    ("auth_removed", Unauthorized, "account_needs_reconnection"),
    ("spam_risk_too_many_posts", RateLimited, "daily_limit_reached"),
    ("internal", Unavailable, "media_processing_failed"),
    ("video_pull_failed", Unavailable, "media_unreachable"),
    ("photo_pull_failed", Unavailable, "media_unreachable"),
]


def test_a_post_that_failed_at_tiktok_says_why(simulator: Simulator):
    for reason, error, ours in FAILURES:
        drive = make_drive(simulator, fail_reason=reason, processing_seconds=0)
        with pytest.raises(PlatformError) as failed:
            drive.finish(make_draft())
        told = failed.value
        assert (type(told), told.code, told.platform_code) == (error, ours, reason)
        assert (reason, told.unmapped) == (reason, reason == "something_new")
    assert simulator.posts() == []


def test_a_post_that_failed_is_found_refused_and_may_be_made_anew(simulator: Simulator):
    lost, draft = make_drive(simulator, fail_reason="internal"), make_draft()
    lose_last_answer(lost, draft)
    found = lost.find_out(draft)
    assert isinstance(found, RefusedLater)
    assert type(found.error) is Unavailable
    again = make_drive(simulator)
    # As the pipeline saves it, however a lookup ends.
    again.checkpoint = {**lost.checkpoint, "publish_id": ""}
    assert isinstance(again.finish(draft), Published)
    only_post(simulator)
