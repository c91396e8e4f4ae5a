"""Map Facebook's refusals to meanings, beyond what every Graph API says.

Source: Graph API, "Handle Errors", error tables of Page feed, photos and videos; "Resumable
Upload" of reels (read 2026-11-24).
"""

from platforms.errors import (
    OutcomeUnknown,
    PlatformError,
    RateLimited,
    Rejected,
    Unauthorized,
    Unavailable,
)
from platforms.http.client import Answer
from platforms.http.refusals import Meaning, explain_by_status
from platforms.meta import errors

ACCOUNT = Meaning(
    Unauthorized,
    "Facebook asks the account's owner to log in and resolve a problem there.",
    code="account_restricted",
)
IDENTITY = Meaning(
    Unauthorized,
    "Facebook asks the Page's owner to confirm their identity.",
    code="account_restricted",
)
LIMITED = Meaning(
    RateLimited,
    "Facebook limits this Page for now; its owner should look there.",
    wait_seconds=errors.DAY_SECONDS,
    code="temporarily_blocked",
)
TOO_FAST = Meaning(
    RateLimited,
    "The Page posts too fast for Facebook.",
    wait_seconds=2 * errors.HOUR_SECONDS,
    code="temporarily_blocked",
)
BAD_PHOTO = Meaning(Rejected, "Facebook does not take this photo.", code="media_rejected")
BAD_VIDEO = Meaning(Rejected, "Facebook does not take this video.", code="media_rejected")
BAD_LINK = Meaning(Rejected, "Facebook does not take this link.", code="target_missing")
UPLOAD_BROKEN = Meaning(
    Unavailable, "Facebook had a problem with the upload.", code="media_processing_failed"
)

MEANINGS: errors.Meanings = {
    (190, 459): ACCOUNT,
    (190, 464): ACCOUNT,
    (190, 492): errors.PERMISSION,
    (None, 1404078): IDENTITY,
    (None, 4854002): IDENTITY,
    (368, 1390008): TOO_FAST,
    (368, None): LIMITED,
    **{(None, subcode): LIMITED for subcode in (1346003, 1404102, 1404112, 1404006)},
    (100, 1366051): Meaning(
        Unavailable,
        "Facebook says that another post holds these photos.",
        when_publishing=OutcomeUnknown,
    ),
    (None, 1363047): errors.TROUBLE,
    (None, 1609010): errors.TROUBLE,
    **{(code, None): errors.REFUSED for code in (105, 194, 197)},
    **{(code, None): BAD_LINK for code in (1500, 1609005)},
    **{(None, subcode): BAD_LINK for subcode in (1609008, 2061006)},
    **{(code, None): BAD_PHOTO for code in (324, 5101)},
    (100, 1366046): BAD_PHOTO,
    (None, 2069019): BAD_PHOTO,
    (389, None): Meaning(
        Unavailable, "Facebook could not fetch the video.", code="media_unreachable"
    ),
    **{(code, None): BAD_VIDEO for code in (351, 352, 382)},
    **{(code, None): UPLOAD_BROKEN for code in (6000, 6001)},
    (100, 1363037): Meaning(Unavailable, "Facebook expects other bytes of the video."),
}


def explain(answer: Answer) -> PlatformError:
    """Explain a refusal of the Graph API, or of the upload host, whose shape is another."""
    said = answer.error_body().get("debug_info")
    if not isinstance(said, dict):
        return errors.explain("Facebook", answer, MEANINGS)
    if answer.status in (401, 403, 429):
        return explain_by_status("Facebook", answer)
    kind, words = str(said.get("type", "")), str(said.get("message", ""))[: errors.DETAIL_CHARS]
    # After a cut or a wrong offset, the video's status says where to continue.
    final = kind == "ProcessingFailedError" and said.get("retriable") is not True
    return (Rejected if final else Unavailable)(
        f"Facebook's upload host said: {words}",
        code="media_rejected" if final else "",
        platform_code=kind,
        http_status=answer.status,
        body=answer.text,
    )
