"""LinkedIn: every refusal of its table, as it comes over HTTP."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from platforms.drafts import Draft
from platforms.errors import (
    OutcomeUnknown,
    PlatformError,
    RateLimited,
    Rejected,
    Unauthorized,
    Unavailable,
)
from platforms.http.client import Answer
from platforms.linkedin.adapter import LinkedIn
from tests.conftest import Simulator
from tests.platforms.driver import HELLO, Drive, media
from tests.platforms.linkedin.steps import clip, connect

DENIED = "Not enough permissions to access: partnerApiPostsExternal.CREATE.20260401"
NOT_OWNER = (
    "Accessing this video resource is forbidden. Please check your permissions for this resource"
)
THROTTLE = "Resource level throttle {}limit for calls to this resource is reached."
REQUIRED = "ERROR :: /content/article/title :: field is required but not found\n"
RECONNECT, CONTENT = "account_needs_reconnection", "content_rejected"


def said(code: str = "", message: str = "No.", number: int = 0) -> dict[str, Any]:
    body: dict[str, Any] = {"message": message}
    return (
        body | ({"code": code} if code else {}) | ({"serviceErrorCode": number} if number else {})
    )


def inputs(code: str) -> dict[str, Any]:
    kind = "com.linkedin.common.error.BadRequest"
    details = {"inputErrors": [{"description": "No.", "input": {}, "code": code}]}
    return {"errorDetailType": kind, "message": "No.", "errorDetails": details}


Row = tuple[int, Any, type[PlatformError], str, str]
TABLE: list[Row] = [
    (401, said("EXPIRED_ACCESS_TOKEN", number=65602), Unauthorized, RECONNECT, ""),
    (401, said(number=65602), Unauthorized, RECONNECT, "EXPIRED_ACCESS_TOKEN"),
    (401, said("REVOKED_ACCESS_TOKEN", number=65601), Unauthorized, RECONNECT, ""),
    (401, said(number=65600), Unauthorized, RECONNECT, "INVALID_ACCESS_TOKEN"),
    (401, said("EMPTY_ACCESS_TOKEN"), Unauthorized, RECONNECT, ""),
    (401, "<html>", Unauthorized, RECONNECT, "-"),
    (403, said("ACCESS_DENIED", DENIED, 100), Unauthorized, "permission_missing", ""),
    (403, said(message=DENIED, number=100), Unauthorized, "permission_missing", "ACCESS_DENIED"),
    (403, said(message=NOT_OWNER), Rejected, "media_rejected", "-"),
    (403, said(message="This member is restricted"), Unauthorized, "account_restricted", "-"),
    (401, said(message="Member is restricted"), Unauthorized, "account_restricted", "-"),
    (426, said("NONEXISTENT_VERSION"), Unavailable, "version_retired", ""),
    (426, "<html>", Unavailable, "version_retired", "-"),
    (400, said("MISSING_FIELD"), Rejected, CONTENT, ""),
    (400, said("INVALID_VALUE_FOR_FIELD"), Rejected, CONTENT, ""),
    (400, inputs("INVALID_VALUE_BLANK_FIELD"), Rejected, CONTENT, "INVALID_VALUE_BLANK_FIELD"),
    (400, said("INVALID_URN_TYPE"), Rejected, CONTENT, ""),
    (400, said("INVALID_URN_ID"), Rejected, CONTENT, ""),
    (400, said("FIELD_LENGTH_TOO_LONG"), Rejected, "text_too_long", ""),
    (422, inputs("FIELD_LENGTH_TOO_LONG"), Rejected, "text_too_long", "FIELD_LENGTH_TOO_LONG"),
    (400, inputs("FIELD_ARRAY_SIZE_TOO_HIGH"), Rejected, "text_too_long", ""),
    (400, said("MEDIA_ASSET_WAITING_UPLOAD"), Unavailable, "platform_unavailable", ""),
    (400, said("MEDIA_ASSET_PROCESSING_FAILED"), Rejected, "media_rejected", ""),
    (400, said("INVALID_VIDEO_ID"), Rejected, "media_rejected", ""),
    (400, said("EXPIRED_UPLOAD_URL"), Unavailable, "media_processing_failed", ""),
    (400, said("UPDATING_ASSET_FAILED"), Unavailable, "media_processing_failed", ""),
    (422, said("UNPROCESSABLE_ENTITY"), Rejected, CONTENT, ""),
    (422, said(message=REQUIRED), Rejected, CONTENT, "-"),
    (422, inputs("DUPLICATE_POST"), Rejected, "duplicate_content", "DUPLICATE_POST"),
    (409, said("CONFLICT"), Unavailable, "platform_unavailable", ""),
    (429, said("TOO_MANY_REQUESTS", THROTTLE.format(""), 101), RateLimited, "rate_limited", ""),
    (
        429,
        said(message=THROTTLE.format("MEMBER DAY "), number=101),
        RateLimited,
        "daily_limit_reached",
        "TOO_MANY_REQUESTS",
    ),
    (
        429,
        said(message=THROTTLE.format("APPLICATION DAY ")),
        RateLimited,
        "app_quota_exhausted",
        "-",
    ),
    (404, said("NOT_FOUND"), Rejected, "target_missing", ""),
    (500, said("INTERNAL_SERVER_ERROR"), OutcomeUnknown, "outcome_unknown", ""),
    (502, "<html>", OutcomeUnknown, "outcome_unknown", "-"),
    (503, said("SERVICE_UNAVAILABLE"), OutcomeUnknown, "outcome_unknown", ""),
    (504, "<html>", OutcomeUnknown, "outcome_unknown", "-"),
    (408, "<html>", OutcomeUnknown, "outcome_unknown", "-"),
]


def text(body: Any) -> str:
    return body if isinstance(body, str) else json.dumps(body)


def code_of(body: Any, named: str) -> str:
    """The network's own code as it must be kept: `-` is none, empty is the one of the body."""
    if named == "-":
        return ""
    details = body.get("errorDetails", {"inputErrors": [body]})
    return named or str(details["inputErrors"][0]["code"])


def test_every_refusal_of_a_post_is_read(simulator: Simulator):
    page = connect(simulator, "organization")
    for status, body, error, code, named in TABLE:
        caught = page.refusal(HELLO, "create_post", status, text(body))
        told = (type(caught), caught.code, caught.http_status, caught.platform_code)
        assert (body, told) == (body, (error, code, status, code_of(body, named)))
        assert (body, caught.unmapped) == (body, False)
        assert page.state == ("sent" if error is OutcomeUnknown else "answered")
        assert caught.request_id
        assert page.account.token not in caught.message + caught.body
    assert page.public() == []


def test_what_no_table_knows_is_refused_and_marked(simulator: Simulator):
    member = connect(simulator, "person")
    for status, body in (
        (400, said("SOMETHING_NEW")),
        (422, {"errorDetails": {"inputErrors": []}}),
        (422, {"errorDetails": {"inputErrors": ["odd"]}, "serviceErrorCode": []}),
        (403, "<html>"),
        (413, "[]"),
    ):
        caught = member.refusal(HELLO, "create_post", status, text(body))
        assert (body, type(caught), caught.unmapped) == (body, Rejected, True)


def test_trouble_before_the_post_publishes_nothing_and_is_tried_again(simulator: Simulator):
    member, draft = connect(simulator, "person"), Draft("Look", (clip(),))
    for call in ("start_video", "upload_part", "finalize_video", "get_video"):
        for status in (500, 502, 503, 504, 408, 429, 409):
            error = member.refusal(draft, call, status)
            word = RateLimited if status == 429 else Unavailable
            assert (call, status, type(error), member.sends) == (call, status, word, 0)


def test_the_networks_own_words_are_kept_and_cut(simulator: Simulator):
    words = "The text is " + "very " * 200 + "long"
    body = text(said("FIELD_LENGTH_TOO_LONG", words))
    simulator.fault("linkedin", call="create_post", status=400, body=body)
    caught = connect(simulator, "person").fails()
    assert words[:200] in caught.message
    assert len(caught.message) < 400


def test_a_member_who_lost_the_role_at_a_page_is_told_so(simulator: Simulator):
    page = connect(simulator, "organization")
    simulator.fault("linkedin", call="create_post", status=403)
    assert page.fails().code == "permission_missing"
    page.account = granted(page, "w_organization_social", "w_member_social")
    assert page.fails().code == "account_restricted"
    page.account = granted(page, "w_member_social")
    assert page.fails().code == "permission_missing"


def granted(drive: Drive, *scopes: str) -> Any:
    return replace(drive.account, scopes=scopes)


def test_a_day_limit_ends_at_midnight_in_utc():
    body = text(said(message=THROTTLE.format("MEMBER DAY "))).encode()
    error = LinkedIn().explain(Answer(429, {}, body))
    end = datetime.now(UTC) + timedelta(seconds=error.retry_after_seconds + 1)
    assert (end.hour, end.minute) == (0, 0)


def test_a_time_that_linkedin_names_counts_before_midnight():
    body = text(said(message=THROTTLE.format("MEMBER DAY "))).encode()
    error = LinkedIn().explain(Answer(429, {"retry-after": "77"}, body))
    assert error.retry_after_seconds == 77


def test_media_of_another_member_is_refused(simulator: Simulator):
    other, page = (connect(simulator, "organization") for _ in range(2))
    item = media()
    draft = Draft("Look", (item,))
    other.finish(draft)
    page.checkpoint = {"media": other.checkpoint["media"]}
    error = page.fails(draft)
    assert (type(error), error.code, error.http_status) == (Rejected, "media_rejected", 403)
