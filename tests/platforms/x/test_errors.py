"""What X's refusals mean."""

import json
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from platforms.drafts import Draft
from platforms.errors import OutcomeUnknown, RateLimited, Rejected, Unauthorized, Unavailable
from platforms.http.client import Answer
from platforms.x.adapter import X
from platforms.x.oauth import XOAuth
from tests.platforms.driver import HELLO, Drive, media

BLANK = "about:blank"
TYPES = "https://api.x.com/2/problems"
OLD_TYPES = "https://api.twitter.com/2/problems"


def problem(status: int, detail: str, kind: str = BLANK, **more: Any) -> str:
    return json.dumps({"title": "T", "detail": detail, "type": kind, "status": status, **more})


def invalid(message: str, parameters: Any) -> str:
    error = {"message": message, "parameters": parameters}
    return json.dumps({"errors": [error], "type": f"{TYPES}/invalid-request", "detail": "One"})


SUSPENDED = "The user used for authentication is suspended"
LOCKED = "Your account is temporarily locked. Please log in to https://twitter.com to unlock it."
DUPLICATE = "You are not allowed to create a Tweet with duplicate content."
TOO_LONG = "Your Tweet text is too long. For more information, see X."
LONG_VIDEO = "This user is not allowed to post a video longer than 2 minutes"
BAD_MEDIA = "Your media IDs are invalid."
LEGACY = '{"errors":[{"code":%d,"message":"Words"}]}'

#: What no table of ours knows.
UNKNOWN = (
    '{"code":7,"message":"Words"}',
    '{"errors":["odd"],"title":"Invalid Request"}',
    '{"errors":[{"message":"m","parameters":[]}]}',
    "<html>",
)

#: (status, body) → error, our code, the network's own code
ROWS = [
    (401, problem(401, "Unauthorized"), Unauthorized, "account_needs_reconnection", ""),
    (403, problem(403, "Forbidden"), Unauthorized, "permission_missing", ""),
    (403, "", Unauthorized, "permission_missing", ""),
    *(
        (403, problem(403, "App", f"{TYPES}/{kind}"), Unavailable, "app_refused", kind)
        for kind in ("unsupported-authentication", "client-forbidden", "oauth1-permissions")
    ),
    (429, problem(429, "Too Many Requests"), RateLimited, "rate_limited", ""),
    (429, LEGACY % 88, RateLimited, "rate_limited", "88"),
    (
        429,
        problem(429, "Wait", f"{TYPES}/rate-limit-exceeded"),
        RateLimited,
        "rate_limited",
        "rate-limit-exceeded",
    ),
    *(
        (
            status,
            problem(status, "Cap", f"{OLD_TYPES}/usage-capped", period="Daily"),
            RateLimited,
            "app_quota_exhausted",
            "usage-capped",
        )
        for status in (403, 429)
    ),
    *(
        (402, problem(402, "Empty", f"{TYPES}/{kind}"), RateLimited, "credits_depleted", kind)
        for kind in ("credits", "credits-depleted")
    ),
    (402, "{}", RateLimited, "credits_depleted", ""),
    (403, problem(403, DUPLICATE), Rejected, "duplicate_content", ""),
    (400, problem(400, TOO_LONG), Rejected, "text_too_long", ""),
    (403, problem(403, TOO_LONG), Rejected, "text_too_long", ""),
    (400, invalid("Odd.", {"text": [""]}), Rejected, "content_rejected", "invalid-request"),
    (400, invalid("Hm.", {"media.media_ids": []}), Rejected, "media_rejected", "invalid-request"),
    (400, invalid(BAD_MEDIA, []), Rejected, "media_rejected", "invalid-request"),
    (403, problem(403, LONG_VIDEO), Rejected, "media_rejected", ""),
    (400, problem(400, "The url is bad."), Rejected, "content_rejected", ""),
    (403, problem(403, "One cashtag at most."), Rejected, "content_rejected", ""),
    (403, problem(403, "Quote Posts are not offered."), Rejected, "option_rejected", ""),
    (
        403,
        problem(403, "You may not reply to this conversation."),
        Rejected,
        "content_rejected",
        "",
    ),
    (
        403,
        problem(403, "You are not permitted to perform this action."),
        Rejected,
        "content_rejected",
        "",
    ),
    (403, problem(403, LOCKED), Unauthorized, "account_restricted", ""),
    (403, LEGACY % 326, Unauthorized, "account_restricted", "326"),
    (403, LEGACY % 63, Unauthorized, "account_restricted", "63"),
    (403, LEGACY % 64, Unauthorized, "account_restricted", "64"),
    *(
        (
            403,
            problem(403, SUSPENDED, f"{types}/user-suspended"),
            Unauthorized,
            "account_restricted",
            "user-suspended",
        )
        for types in (TYPES, OLD_TYPES)
    ),
    (
        404,
        problem(404, "No such.", f"{TYPES}/resource-not-found"),
        Rejected,
        "target_missing",
        "resource-not-found",
    ),
    *((400, body, Rejected, "content_rejected", "7" if "7" in body else "") for body in UNKNOWN),
    (408, "", OutcomeUnknown, "outcome_unknown", ""),
    (500, "<html>oops</html>", OutcomeUnknown, "outcome_unknown", ""),
    (502, problem(502, DUPLICATE), OutcomeUnknown, "outcome_unknown", ""),
    (503, problem(503, "Service Unavailable"), OutcomeUnknown, "outcome_unknown", ""),
    (504, "", OutcomeUnknown, "outcome_unknown", ""),
]


def test_every_refusal_is_read(drive: Drive):
    for status, body, error, code, own in ROWS:
        caught = drive.refusal(HELLO, "create_post", status, body)
        told = (type(caught), caught.code, caught.http_status, caught.platform_code)
        assert (body, told) == (body, (error, code, status, own))
        assert (body, caught.unmapped) == (body, body in UNKNOWN)
        assert caught.request_id
        assert drive.account.token not in caught.message + caught.body
    assert drive.public() == []


def test_a_server_in_trouble_at_a_step_that_publishes_nothing_is_safe_to_try_again(drive: Drive):
    for step in ("upload_media", "set_metadata"):
        for status in (500, 502, 503, 504):
            draft = Draft(f"{step} {status}", (media(alt_text="A"),))
            error = drive.refusal(draft, step, status)
            assert (draft.text, type(error), drive.sends) == (draft.text, Unavailable, 0)
            drive.finish(draft)
            assert drive.public()[0]["text"] == draft.text
    assert len(drive.public()) == 8


def test_a_bare_403_of_an_account_that_granted_everything_is_about_the_content(drive: Drive):
    drive.account = replace(drive.account, scopes=XOAuth.scopes)
    drive.fault(call="create_post", status=403)
    error = drive.fails()
    assert (type(error), error.code) == (Rejected, "content_rejected")
    drive.account = replace(drive.account, scopes=("tweet.read",))
    assert drive.fails().code == "permission_missing"


def test_a_text_that_is_too_long_is_refused_in_the_networks_words(drive: Drive):
    error = drive.fails(Draft("日" * 141))
    assert type(error) is Rejected
    assert "Your Tweet text is too long." in error.message


def test_x_says_when_its_rate_limit_ends(drive: Drive):
    drive.fault(call="create_post", rate_limit_reset_seconds=300)
    error = drive.fails()
    assert type(error) is RateLimited
    assert 295 <= error.retry_after_seconds <= 300


def answer(status: int, headers: dict[str, str], body: bytes = b"{}") -> Any:
    return Answer(status, headers, body)


def test_the_day_window_counts_when_it_alone_is_exhausted():
    now = int(time.time())
    headers = {
        "x-rate-limit-remaining": "50",
        "x-rate-limit-reset": str(now + 100),
        "x-user-limit-24hour-remaining": "0",
        "x-user-limit-24hour-reset": str(now + 5000),
    }
    error = X().explain(answer(429, headers))
    assert error.retry_after_seconds == pytest.approx(5000, abs=2)
    assert error.code == "daily_limit_reached"


@pytest.mark.parametrize("user_left", ["0", "5", None])
def test_the_day_of_the_app_is_for_the_operator_to_raise(user_left: str | None):
    now = int(time.time())
    day = {"x-app-limit-24hour-remaining": "0", "x-app-limit-24hour-reset": str(now + 5000)}
    user = {"x-user-limit-24hour-remaining": user_left} if user_left else {}
    error = X().explain(answer(429, {**day, **user}))
    assert (type(error), error.code) == (RateLimited, "app_quota_exhausted")
    assert error.retry_after_seconds == pytest.approx(5000, abs=2)


def test_of_two_exhausted_windows_the_later_one_counts():
    now = int(time.time())
    headers = {"x-rate-limit-remaining": "0", "x-rate-limit-reset": str(now + 100)}
    day = {"x-app-limit-24hour-remaining": "0", "x-app-limit-24hour-reset": str(now + 5000)}
    error = X().explain(answer(429, {**headers, **day}))
    assert error.retry_after_seconds == pytest.approx(5000, abs=2)


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
