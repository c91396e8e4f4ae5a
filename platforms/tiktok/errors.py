"""Map TikTok's refusals to meanings: codes of the API, and reasons of posts that failed later.

Source: TikTok for Developers, Content Posting API: error codes, Get Post Status, rate limits (read
2026-11-24). Refusals also come with HTTP 200, so the code decides and not the status.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from platforms.errors import (
    OutcomeUnknown,
    PlatformError,
    RateLimited,
    Rejected,
    Unauthorized,
    Unavailable,
)
from platforms.http.client import Answer
from platforms.http.refusals import Meaning

HOUR_SECONDS = 3600


TOKEN = Meaning(
    Unauthorized, "TikTok no longer accepts this account's authorization; reconnect it."
)
SCOPE = Meaning(
    Unauthorized, "Posting to TikTok was not allowed; reconnect and allow it.", "permission_missing"
)
THROTTLED = Meaning(RateLimited, "Rate limit exceeded on TikTok.", wait_seconds=60)
INVALID = Meaning(Rejected, "TikTok refused the post: {said}")
UNMAPPED = replace(INVALID, unmapped=True)
UNFETCHED = Meaning(Unavailable, "TikTok could not fetch the file.", "media_unreachable")
LOST = Meaning(Rejected, "TikTok does not know this post.", "internal_error")

MEANINGS: Mapping[str, Meaning] = {
    "access_token_invalid": TOKEN,
    "scope_not_authorized": SCOPE,
    "scope_permission_missed": SCOPE,
    "rate_limit_exceeded": THROTTLED,
    # The daily cap is a sliding window, so room may come long before a day is over.
    "spam_risk_too_many_posts": Meaning(
        RateLimited,
        "This account has reached TikTok's daily limit of posts.",
        "daily_limit_reached",
        4 * HOUR_SECONDS,
    ),
    "spam_risk_too_many_pending_share": Meaning(
        RateLimited,
        "Too many posts of this account are waiting in the TikTok app.",
        "temporarily_blocked",
        24 * HOUR_SECONDS,
    ),
    "reached_active_user_cap": Meaning(
        RateLimited,
        "Too many accounts have posted to TikTok through this app today.",
        "app_quota_exhausted",
        24 * HOUR_SECONDS,
    ),
    "spam_risk_user_banned_from_posting": Meaning(
        Unauthorized, "TikTok has banned this account from posting.", "account_restricted"
    ),
    "unaudited_client_can_only_post_to_private_accounts": Meaning(
        Rejected,
        "This TikTok app has not passed TikTok's audit: it can only post to private accounts.",
        "app_refused",
    ),
    "url_ownership_unverified": Meaning(
        Rejected,
        "TikTok fetches files only from URLs that are verified for its app.",
        "media_unreachable",
    ),
    "privacy_level_option_mismatch": Meaning(
        Rejected, "This TikTok account does not offer that privacy level.", "option_rejected"
    ),
    "invalid_param": INVALID,
    "invalid_params": INVALID,
    "app_version_check_failed": Meaning(
        Rejected, "The account's TikTok app is too old for this post.", "account_restricted"
    ),
    "invalid_publish_id": LOST,
    "token_not_authorized_for_specified_publish_id": LOST,
}

#: The meaning of a status by itself, when TikTok's word is missing or new.
BY_STATUS: Mapping[int, Meaning] = {401: TOKEN, 429: THROTTLED}

#: Why a post that was taken has failed: TikTok has posted nothing. Beside the codes above.
FAILURES: Mapping[str, Meaning] = {
    "file_format_check_failed": Meaning(
        Rejected, "TikTok does not take the file format.", "media_rejected"
    ),
    "duration_check_failed": Meaning(
        Rejected, "TikTok does not accept a video of this length.", "media_rejected"
    ),
    "frame_rate_check_failed": Meaning(
        Rejected, "TikTok does not accept the video's frame rate.", "media_rejected"
    ),
    "picture_size_check_failed": Meaning(
        Rejected, "TikTok does not accept the file's dimensions.", "media_rejected"
    ),
    "internal": Meaning(
        Unavailable, "TikTok could not process the file.", "media_processing_failed"
    ),
    "video_pull_failed": UNFETCHED,
    "photo_pull_failed": UNFETCHED,
    "publish_cancelled": Meaning(Rejected, "The post was cancelled at TikTok."),
    "auth_removed": Meaning(
        Unauthorized, "Posting to TikTok is no longer allowed for this account; reconnect it."
    ),
    "spam_risk_text": Meaning(Rejected, "TikTok refused the text as spam."),
    "spam_risk": Meaning(Rejected, "TikTok refused the post as spam."),
}


def code(answer: Answer) -> str:
    """TikTok's error code; "ok" for success, empty if the body holds none."""
    return str(answer.error_object().get("code") or "")


def explain(answer: Answer) -> PlatformError:
    """Return the error that an answer means."""
    word, error = code(answer), answer.error_object()
    said = str(error.get("message") or word or answer.status)
    facts: dict[str, Any] = {
        "platform_code": word,
        "http_status": answer.status,
        "request_id": str(error.get("log_id") or error.get("logid") or ""),
    }
    if meaning := MEANINGS.get(word):
        return meaning.as_error(said, **facts)
    if by_status := BY_STATUS.get(answer.status):
        return replace(by_status, unmapped=bool(word)).as_error(said, **facts)
    if answer.status == 408 or answer.status >= 500 or word == "internal_error":
        return OutcomeUnknown(f"TikTok answered {word or answer.status}.", **facts)
    if answer.status in (403, 404, 416) and not word:
        # The upload URL has expired or expects another byte: only the post's status tells.
        return OutcomeUnknown(f"TikTok's upload did not continue ({answer.status}).", **facts)
    if answer.status < 300 and not word:
        return OutcomeUnknown("TikTok's answer could not be read.", **facts)
    return UNMAPPED.as_error(said, **facts)


def failed(reason: str) -> PlatformError:
    """Return why an accepted post has failed; TikTok has posted nothing."""
    meaning = FAILURES.get(reason) or MEANINGS.get(reason) or UNMAPPED
    return meaning.as_error(reason or "it gives no reason", platform_code=reason)
