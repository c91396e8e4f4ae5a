"""Every row of Facebook's error table, said by the simulator over HTTP."""

import json

import pytest

from platforms.drafts import Draft
from platforms.errors import OutcomeUnknown, RateLimited, Rejected, Unauthorized, Unavailable
from platforms.outcomes import Absent
from tests.platforms.driver import Drive, media
from tests.platforms.meta.containers import graph_error as said

PAGE = "102938475610293"
TEXT = Draft("Hello from the Page")
HOUR, DAY = 3600, 24 * 3600


#: (code, subcode) → the word while nothing is public, the word at the call that publishes, our code
#: while nothing is public, seconds to wait.
RECONNECT = (Unauthorized, Unauthorized, "account_needs_reconnection", None)
OWNER = (Unauthorized, Unauthorized, "account_restricted", None)
PERMISSION = (Unauthorized, Unauthorized, "permission_missing", None)
THROTTLED = (RateLimited, RateLimited, "rate_limited", HOUR)
BLOCKED = (RateLimited, RateLimited, "temporarily_blocked", DAY)
TROUBLE = (Unavailable, OutcomeUnknown, "platform_unavailable", None)
CONTENT = (Rejected, Rejected, "content_rejected", None)
MEDIA = (Rejected, Rejected, "media_rejected", None)
ROWS = {
    (190, None): RECONNECT,
    (190, 458): RECONNECT,
    (190, 459): OWNER,
    (190, 460): RECONNECT,
    (190, 463): RECONNECT,
    (190, 464): OWNER,
    (190, 467): RECONNECT,
    (190, 492): PERMISSION,
    (102, None): RECONNECT,
    (10, None): PERMISSION,
    (200, None): PERMISSION,
    (283, None): PERMISSION,
    (299, None): PERMISSION,
    (100, 1404078): OWNER,
    (1, 4854002): OWNER,
    (3, None): (Rejected, Rejected, "app_refused", None),
    (4, None): THROTTLED,
    (17, None): THROTTLED,
    (32, None): THROTTLED,
    (341, None): THROTTLED,
    (613, None): THROTTLED,
    (613, 1996): THROTTLED,
    (80001, None): THROTTLED,
    (368, 1390008): (RateLimited, RateLimited, "temporarily_blocked", 2 * HOUR),
    (368, None): BLOCKED,
    (100, 1346003): BLOCKED,
    (100, 1404102): BLOCKED,
    (100, 1404112): BLOCKED,
    (100, 1404006): BLOCKED,
    (506, None): (Rejected, Rejected, "duplicate_content", None),
    (100, 1366051): TROUBLE,
    (1, None): TROUBLE,
    (1, 99): TROUBLE,
    (2, None): TROUBLE,
    (100, 1363047): TROUBLE,
    (100, 1609010): TROUBLE,
    (100, 33): (Unauthorized, Unauthorized, "permission_missing", None),
    (100, None): CONTENT,
    (105, None): CONTENT,
    (194, None): CONTENT,
    (197, None): CONTENT,
    (100, 1609008): (Rejected, Rejected, "target_missing", None),
    (100, 2061006): (Rejected, Rejected, "target_missing", None),
    (324, None): MEDIA,
    (100, 1366046): MEDIA,
    (5101, None): MEDIA,
    (324, 2069019): MEDIA,
    (389, None): (Unavailable, Unavailable, "media_unreachable", None),
    (389, 1363057): (Unavailable, Unavailable, "media_unreachable", None),
    (351, None): MEDIA,
    (352, None): MEDIA,
    (382, None): MEDIA,
    (6000, None): (Unavailable, Unavailable, "media_processing_failed", None),
    (6001, None): (Unavailable, Unavailable, "media_processing_failed", None),
    (100, 1363037): (Unavailable, Unavailable, "platform_unavailable", None),
    # A code that no table of ours knows proves nothing about a call that publishes.
    (4711, None): (Rejected, OutcomeUnknown, "content_rejected", None),
}


def platform_code(row: tuple[int, int | None]) -> str:
    return "/".join(str(part) for part in row if part is not None)


def test_a_refusal_while_nothing_is_public_has_its_word_and_code(drive: Drive):
    for row, (word, _, code, seconds) in ROWS.items():
        error = drive.refusal(TEXT, "feed", 400, said(*row))
        told = (type(error), error.code, error.platform_code, error.retry_after_seconds)
        assert (row, told) == (row, (word, code, platform_code(row), seconds))
        assert (error.http_status, error.request_id, drive.sends) == (400, "Abc", 0)
        assert (row, error.unmapped) == (row, row == (4711, None))
        assert drive.account.token not in str(error) + error.body
    assert drive.public() == []


def test_a_refusal_to_show_has_its_word(drive: Drive):
    for row, (_, word, _, _) in ROWS.items():
        # Facebook takes no text twice.
        draft = Draft(f"Hello {row}")
        error = drive.refusal(draft, "change_post", 400, said(*row))
        assert (row, type(error)) == (row, word)
        assert (row, drive.find(draft)) == (row, Absent(proven=True))
        drive.finish(draft)
    posts = drive.public()
    assert [post["text"] for post in reversed(posts)] == [f"Hello {row}" for row in ROWS]


OTHERS = [
    (401, "{}", Unauthorized, Unauthorized),
    (400, said(4711, is_transient=True), Unavailable, OutcomeUnknown),
    (500, said(10), Unavailable, OutcomeUnknown),
    (500, said(2), Unavailable, OutcomeUnknown),
    (502, "<html>Bad gateway</html>", Unavailable, OutcomeUnknown),
    (200, said(2), Unavailable, OutcomeUnknown),
    (200, said(190, 460), Unauthorized, Unauthorized),
    (200, said(100), Rejected, Rejected),
    (200, "[]", Unavailable, OutcomeUnknown),
]


def test_the_body_is_read_for_any_status(drive: Drive):
    for status, body, while_hidden, while_shown in OTHERS:
        for call, word in (("feed", while_hidden), ("change_post", while_shown)):
            error = drive.refusal(TEXT, call, status, body)
            assert (status, body, call, type(error)) == (status, body, call, word)
    assert drive.public() == []


UPLOAD_HOST = [
    (400, "OffsetInvalidError", True, Unavailable, "platform_unavailable"),
    (400, "PartialRequestError", True, Unavailable, "platform_unavailable"),
    (400, "ProcessingFailedError", False, Rejected, "media_rejected"),
    (400, "ProcessingFailedError", True, Unavailable, "platform_unavailable"),
    (401, "NotAuthorizedError", False, Unauthorized, "account_needs_reconnection"),
    (500, "InternalError", True, Unavailable, "platform_unavailable"),
]


def test_the_upload_hosts_refusals_have_their_words(drive: Drive):
    reel = Draft("", (media(b"clip", kind="video"),), post_type="Reels")
    for status, kind, retriable, word, code in UPLOAD_HOST:
        info = {"retriable": retriable, "type": kind, "message": "Simulated"}
        body = json.dumps({"debug_info": info})
        error = drive.refusal(reel, "put_bytes", status, body)
        assert (kind, type(error), error.code, drive.sends) == (kind, word, code, 0)


def test_a_sentence_for_the_customer_carries_what_facebook_says(drive: Drive):
    body = said(368, message="Blocked", error_user_msg="Try in a day.")
    drive.fault(call="feed", status=400, body=body)
    with pytest.raises(RateLimited, match=r"should look there\. It said: Try in a day\."):
        drive.publish(TEXT)
