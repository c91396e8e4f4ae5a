"""What a refusal of TikTok means: codes of the API, and reasons of a post that failed later.

Source: TikTok for Developers, Content Posting API: error codes, Get Post Status, rate limits (read
2026-11-24). Refusals come with HTTP 200 too, so the code decides and not the status.
"""

from typing import Any

from platforms.client import Answer
from platforms.errors import (
    OutcomeUnknown,
    PlatformError,
    RateLimited,
    Rejected,
    Unauthorized,
    Unavailable,
)

HOUR_SECONDS = 3600
RECONNECT = {
    "access_token_invalid": "TikTok no longer accepts this account's authorization; reconnect it.",
    "scope_not_authorized": "Posting to TikTok was not allowed; reconnect and allow it.",
    "scope_permission_missed": "Posting to TikTok was not allowed; reconnect and allow it.",
    "auth_removed": "Posting to TikTok is no longer allowed for this account; reconnect it.",
}
#: (words, seconds). The day's cap slides, so a place may come free long before a day is over.
WAITS = {
    "rate_limit_exceeded": ("Rate limit exceeded on TikTok.", 60),
    "spam_risk_too_many_posts": (
        "This account has posted all that TikTok allows for a day.",
        4 * HOUR_SECONDS,
    ),
    "spam_risk_too_many_pending_share": (
        "Too many posts of this account are waiting in the TikTok app.",
        24 * HOUR_SECONDS,
    ),
    "reached_active_user_cap": (
        "Too many accounts have posted to TikTok through this app today.",
        24 * HOUR_SECONDS,
    ),
}
REJECTED = {
    "spam_risk_user_banned_from_posting": "TikTok has banned this account from posting.",
    "unaudited_client_can_only_post_to_private_accounts": "This TikTok app has not passed TikTok's "
    "audit: it can only post to private accounts.",
    "privacy_level_option_mismatch": "This TikTok account does not offer that privacy level.",
    "file_format_check_failed": "TikTok does not take the video's file format.",
    "duration_check_failed": "TikTok does not take a video of this length.",
    "frame_rate_check_failed": "TikTok does not take the video's frame rate.",
    "picture_size_check_failed": "TikTok does not take the video's dimensions.",
    "publish_cancelled": "The post was cancelled at TikTok.",
    "spam_risk_text": "TikTok refused the text as spam.",
    "spam_risk": "TikTok refused the post as spam.",
}
#: TikTok could not process it and has posted nothing: a new upload may go well.
TRY_AGAIN = {"internal", "video_pull_failed", "photo_pull_failed"}


def code(answer: Answer) -> str:
    """TikTok's own word; "ok" where all is well, empty where the body does not hold one."""
    return str(_error(answer).get("code") or "")


def explain(answer: Answer) -> PlatformError:
    """The error an answer stands for."""
    word, error = code(answer), _error(answer)
    facts: dict[str, Any] = {
        "platform_code": word,
        "http_status": answer.status,
        "request_id": str(error.get("log_id") or error.get("logid") or ""),
    }
    if known := _known(word, facts):
        return known
    if answer.status == 401:
        return Unauthorized(RECONNECT["access_token_invalid"], **facts)
    if answer.status == 429:
        return _known("rate_limit_exceeded", facts) or RateLimited("Rate limited.", **facts)
    if answer.status in (403, 404, 416) and not word:
        # An upload URL that has ended or is at another byte: only the post's status tells.
        return OutcomeUnknown(f"TikTok's upload did not go on ({answer.status}).", **facts)
    if answer.status == 408 or answer.status >= 500 or word == "internal_error":
        return OutcomeUnknown(f"TikTok answered {word or answer.status}.", **facts)
    if answer.status < 300 and not word:
        return OutcomeUnknown("TikTok's answer could not be read.", **facts)
    said = error.get("message") or word or answer.status
    return Rejected(f"TikTok refused the post: {said}", **facts)


def failed(reason: str) -> PlatformError:
    """Why a post that was taken has failed; TikTok has posted nothing."""
    facts: dict[str, Any] = {"platform_code": reason}
    if reason in TRY_AGAIN:
        return Unavailable("TikTok could not process the video.", **facts)
    said = f"TikTok refused the post: {reason or 'without a reason'}"
    return _known(reason, facts) or Rejected(said, **facts)


def _known(word: str, facts: dict[str, Any]) -> PlatformError | None:
    if word in RECONNECT:
        return Unauthorized(RECONNECT[word], **facts)
    if word in WAITS:
        message, seconds = WAITS[word]
        return RateLimited(message, retry_after_seconds=seconds, **facts)
    return Rejected(REJECTED[word], **facts) if word in REJECTED else None


def _error(answer: Answer) -> dict[str, Any]:
    error = answer.error_body().get("error")
    return error if isinstance(error, dict) else {}
