"""What each refusal of YouTube means: one table, through HTTP."""

import json
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from platforms.drafts import Credentials
from platforms.errors import (
    OutcomeUnknown,
    PlatformError,
    RateLimited,
    Rejected,
    Unauthorized,
    Unavailable,
)
from platforms.outcomes import Published
from platforms.youtube.errors import MEANINGS
from tests.conftest import Simulator
from tests.platforms.driver import published
from tests.platforms.youtube.steps import (
    CHANNEL,
    assert_tells_no_secret,
    error_body,
    make_draft,
    make_drive,
    only_post,
)

RECONNECT = (Unauthorized, "account_needs_reconnection", None)
PERMISSION = (Unauthorized, "permission_missing", None)
RESTRICTED = (Unauthorized, "account_restricted", None)
QUOTA = (RateLimited, "app_quota_exhausted", "midnight")
FREQUENT = (RateLimited, "rate_limited", 30)
WORDS = (Rejected, "content_rejected", None)
OPTION = (Rejected, "option_rejected", None)
FILE = (Rejected, "media_rejected", None)
OURS = (Rejected, "internal_error", None)
APP = (Unavailable, "app_refused", None)

#: (status, reason) → word, code, seconds to wait.
TABLE: dict[tuple[int, str], tuple[type[PlatformError], str, Any]] = {
    (401, "authError"): RECONNECT,
    (401, "expired"): RECONNECT,
    (401, "somethingNew"): RECONNECT,
    (401, "youtubeSignupRequired"): RECONNECT,
    (403, "insufficientPermissions"): PERMISSION,
    (403, "forbidden"): PERMISSION,
    (403, "accountDelegationForbidden"): PERMISSION,
    (403, "authenticatedUserNotChannel"): PERMISSION,
    (403, "authenticatedUserAccountSuspended"): RESTRICTED,
    (403, "authenticatedUserAccountClosed"): RESTRICTED,
    (403, "quotaExceeded"): QUOTA,
    (403, "dailyLimitExceeded"): QUOTA,
    (403, "rateLimitExceeded"): FREQUENT,
    (403, "userRateLimitExceeded"): FREQUENT,
    (429, "rateLimitExceeded"): FREQUENT,
    (429, "userRateLimitExceeded"): FREQUENT,
    (429, "somethingNew"): FREQUENT,
    (429, "uploadRateLimitExceeded"): (RateLimited, "daily_limit_reached", 86400),
    (400, "uploadLimitExceeded"): (RateLimited, "daily_limit_reached", 86400),
    (403, "accessNotConfigured"): APP,
    (400, "invalidTitle"): WORDS,
    (400, "invalidDescription"): WORDS,
    (400, "invalidVideoMetadata"): WORDS,
    (400, "invalidTags"): OPTION,
    (400, "invalidCategoryId"): OPTION,
    (400, "invalidPublishAt"): OPTION,
    (400, "invalidRecordingDetails"): OPTION,
    (400, "defaultLanguageNotSet"): OPTION,
    (403, "forbiddenPrivacySetting"): OPTION,
    (403, "forbiddenLicenseSetting"): OPTION,
    (400, "invalidFilename"): FILE,
    (400, "mediaBodyRequired"): FILE,
    (400, "invalidImage"): FILE,
    (400, "badRequest"): OURS,
    (400, "badContent"): OURS,
    (400, "parseError"): OURS,
    (400, "unknownPart"): OURS,
    (400, "unexpectedPart"): OURS,
    (400, "missingRequiredParameter"): OURS,
    (400, "invalidContentRange"): OURS,
    (400, "somethingNew"): WORDS,
    (403, "somethingNew"): WORDS,
    (500, "backendError"): (Unavailable, "platform_unavailable", None),
    (502, "backendError"): (Unavailable, "platform_unavailable", None),
    (503, "quotaExceeded"): (Unavailable, "platform_unavailable", None),
    (504, "backendError"): (Unavailable, "platform_unavailable", None),
    (507, "backendError"): (Unavailable, "platform_unavailable", None),
    (404, "notFound"): (Unavailable, "platform_unavailable", None),
    (410, "gone"): (Unavailable, "platform_unavailable", None),
}


def to_midnight_pacific() -> float:
    now = datetime.now(ZoneInfo("America/Los_Angeles"))
    midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight.timestamp() - now.timestamp()


@pytest.mark.parametrize("call", ["start_session", "put_bytes"])
def test_each_refusal_has_its_meaning(simulator: Simulator, call: str):
    drive, draft = make_drive(simulator), make_draft()
    for (status, reason), (word, code, wait) in TABLE.items():
        if call == "put_bytes" and word is Unavailable and code == "platform_unavailable":
            word, code = OutcomeUnknown, "outcome_unknown"
        body = error_body(reason, "Details.")
        error = drive.refusal(draft, call, status, body)
        told = (type(error), error.code, error.platform_code, error.http_status)
        assert told == (word, code, reason, status)
        assert "Details." in error.body
        expected = to_midnight_pacific() if wait == "midnight" else wait
        assert error.retry_after_seconds == (expected and pytest.approx(expected, abs=30))
        assert error.unmapped is (reason == "somethingNew" and status in (400, 403))
        assert_tells_no_secret(error, drive)
    assert simulator.posts() == []


def test_every_word_we_know_is_in_the_table():
    elsewhere = {
        "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
        "RESOURCE_EXHAUSTED",
        "SERVICE_DISABLED",
        "UNAUTHENTICATED",
    }
    assert set(MEANINGS) - {reason for _, reason in TABLE} == elsewhere


def test_without_a_reason_details_and_status_speak(simulator: Simulator):
    drive, draft = make_drive(simulator), make_draft()
    for status, said, expected in (
        (403, {"details": [{"reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT"}]}, PERMISSION),
        (403, {"details": [{"reason": "SERVICE_DISABLED"}]}, APP),
        (401, {"status": "UNAUTHENTICATED"}, RECONNECT),
        (429, {"status": "RESOURCE_EXHAUSTED"}, FREQUENT),
        (429, {"status": "RESOURCE_EXHAUSTED", "message": "limit 'X per day'"}, QUOTA),
    ):
        body = json.dumps({"error": {"code": status, **said}})
        error = drive.refusal(draft, "start_session", status, body)
        assert (said, type(error), error.code) == (said, *expected[:2])


@pytest.mark.parametrize("body", ["<html>Bad gateway</html>", "[]", '{"error": "no"}', " "])
@pytest.mark.parametrize("status", [400, 403])
def test_an_unreadable_refusal_of_the_last_byte_proves_nothing(
    simulator: Simulator, status: int, body: str
):
    drive, draft = make_drive(simulator), make_draft()
    drive.fault(call="put_bytes", status=status, body=body, effect=True, times=1)
    drive.raises(OutcomeUnknown, draft)
    assert isinstance(drive.find(draft), Published)


def test_the_upload_quota_hides_in_a_429(simulator: Simulator):
    message = "Quota exceeded for quota metric 'Video Uploads' and limit 'Video Uploads per day'"
    body = error_body("rateLimitExceeded", message)
    simulator.fault("youtube", call="start_session", status=429, body=body)
    limited = make_drive(simulator).raises(RateLimited, make_draft())
    assert limited.retry_after_seconds == pytest.approx(to_midnight_pacific(), abs=30)


def test_the_networks_own_retry_after_counts(simulator: Simulator):
    simulator.fault("youtube", call="start_session", rate_limit_reset_seconds=77)
    limited = make_drive(simulator).raises(RateLimited, make_draft())
    assert limited.retry_after_seconds == 77


def test_a_message_that_echoes_credentials_is_redacted(simulator: Simulator):
    drive = make_drive(simulator)
    body = error_body("invalidTitle", f"Bad request by {drive.account.token}")
    drive.fault(call="start_session", status=400, body=body)
    with pytest.raises(Rejected, match=r"\[redacted\]") as refused:
        drive.publish(make_draft())
    assert_tells_no_secret(refused.value, drive)


# The token ends in the middle: refreshed, publishing goes on with the same session

EXPIRED = error_body("authError", "Invalid Credentials", status="UNAUTHENTICATED")


@pytest.mark.parametrize(
    ("call", "skip", "sessions"),
    [("start_session", 0, 0), ("put_bytes", 0, 1), ("put_bytes", 1, 1), ("put_bytes", 2, 1)],
)
def test_a_token_that_ends_at_any_step_costs_neither_a_second_upload_nor_a_second_video(
    simulator: Simulator, long_clip: bytes, call: str, skip: int, sessions: int
):
    drive, draft = make_drive(simulator), make_draft(long_clip)
    drive.fault(call=call, status=401, body=EXPIRED, skip=skip, times=1)
    assert drive.raises(Unauthorized, draft).code == "account_needs_reconnection"
    begun = drive.checkpoint.get("session")
    assert bool(begun) is bool(sessions)

    renewed = simulator.connect("youtube", CHANNEL)
    with pytest.raises(Unauthorized):  # the old token asks the session, or for one
        drive.publish(draft)
    drive.account = Credentials(CHANNEL, "acme", renewed)
    result = published(drive.publish(draft))
    assert begun is None or drive.checkpoint["session"] == begun
    assert only_post(simulator)["id"] == result.id


def test_a_token_that_ends_after_the_upload_spoils_nothing(simulator: Simulator):
    drive = make_drive(simulator)
    drive.fault(call="videos", status=401, body=EXPIRED)
    assert isinstance(drive.publish(make_draft()), Published)


def test_a_lookup_with_an_ended_token_says_nothing_about_the_post(simulator: Simulator):
    drive, draft = make_drive(simulator), make_draft()
    drive.fault(call="put_bytes", drop="after", times=1)
    drive.raises(OutcomeUnknown, draft)
    drive.fault(call="ask_session", status=401, body=EXPIRED, times=1)
    with pytest.raises(Unauthorized):
        drive.find(draft)
    assert isinstance(drive.find(draft), Published)


def test_without_the_right_to_read_a_video_is_published_all_the_same(simulator: Simulator):
    scope = "https://www.googleapis.com/auth/youtube.upload"
    assert isinstance(make_drive(simulator, scopes=[scope]).publish(make_draft()), Published)
