"""Every row of Facebook's error table, said by the simulator over HTTP."""

import json

import pytest

from platforms.drafts import Credentials, Draft
from platforms.errors import (
    OutcomeUnknown,
    PlatformError,
    RateLimited,
    Rejected,
    Unauthorized,
    Unavailable,
)
from platforms.facebook.adapter import Facebook
from platforms.outcomes import Absent
from tests.conftest import Simulator
from tests.platforms.driver import Drive, media

PAGE = "102938475610293"
TEXT = Draft("Hello from the Page")
HOUR, DAY = 3600, 24 * 3600


@pytest.fixture
def drive(simulator: Simulator) -> Drive:
    token = simulator.connect("facebook", PAGE)
    return Drive(Facebook(), Credentials(PAGE, "acme", token), simulator.url)


def refusal(code: int, subcode: int | None = None, **fields: object) -> str:
    said = {"message": "Simulated", "type": "OAuthException", "code": code, "fbtrace_id": "Abc"}
    if subcode:
        said["error_subcode"] = subcode
    return json.dumps({"error": {**said, **fields}})


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


@pytest.mark.parametrize("row", ROWS, ids=platform_code)
def test_a_refusal_while_nothing_is_public_has_its_word_and_code(
    simulator: Simulator, drive: Drive, row: tuple[int, int | None]
):
    word, _, code, seconds = ROWS[row]
    simulator.fault("facebook", call="feed", status=400, body=refusal(*row))
    with pytest.raises(PlatformError) as caught:
        drive.publish(TEXT)
    error = caught.value
    assert (type(error), error.code, error.platform_code) == (word, code, platform_code(row))
    assert (error.http_status, error.request_id) == (400, "Abc")
    assert error.retry_after_seconds == seconds
    assert error.unmapped == (row == (4711, None))
    assert drive.account.token not in str(error) + error.body
    assert (drive.sends, simulator.posts("facebook", PAGE)) == (0, [])


@pytest.mark.parametrize("row", ROWS, ids=platform_code)
def test_a_refusal_to_show_has_its_word(
    simulator: Simulator, drive: Drive, row: tuple[int, int | None]
):
    simulator.fault("facebook", call="change_post", status=400, body=refusal(*row), times=1)
    with pytest.raises(PlatformError) as caught:
        drive.publish(TEXT)
    assert type(caught.value) is ROWS[row][1]
    assert drive.find(TEXT) == Absent(proven=True)
    drive.finish(TEXT)
    assert len(simulator.posts("facebook", PAGE)) == 1


OTHERS = [
    (401, "{}", Unauthorized, Unauthorized),
    (400, refusal(4711, is_transient=True), Unavailable, OutcomeUnknown),
    (500, refusal(10), Unavailable, OutcomeUnknown),
    (500, refusal(2), Unavailable, OutcomeUnknown),
    (502, "<html>Bad gateway</html>", Unavailable, OutcomeUnknown),
    (200, refusal(2), Unavailable, OutcomeUnknown),
    (200, refusal(190, 460), Unauthorized, Unauthorized),
    (200, refusal(100), Rejected, Rejected),
    (200, "[]", Unavailable, OutcomeUnknown),
]


@pytest.mark.parametrize(("status", "body", "while_hidden", "while_shown"), OTHERS)
@pytest.mark.parametrize("call", ["feed", "change_post"])
def test_the_body_is_read_for_any_status(
    simulator: Simulator,
    drive: Drive,
    call: str,
    status: int,
    body: str,
    while_hidden: type[PlatformError],
    while_shown: type[PlatformError],
):
    simulator.fault("facebook", call=call, status=status, body=body)
    with pytest.raises(PlatformError) as caught:
        drive.publish(TEXT)
    assert type(caught.value) is (while_hidden if call == "feed" else while_shown)
    assert simulator.posts("facebook", PAGE) == []


UPLOAD_HOST = [
    (400, "OffsetInvalidError", True, Unavailable, "platform_unavailable"),
    (400, "PartialRequestError", True, Unavailable, "platform_unavailable"),
    (400, "ProcessingFailedError", False, Rejected, "media_rejected"),
    (400, "ProcessingFailedError", True, Unavailable, "platform_unavailable"),
    (401, "NotAuthorizedError", False, Unauthorized, "account_needs_reconnection"),
    (500, "InternalError", True, Unavailable, "platform_unavailable"),
]


@pytest.mark.parametrize(("status", "kind", "retriable", "word", "code"), UPLOAD_HOST)
def test_the_upload_hosts_refusals_have_their_words(
    simulator: Simulator,
    drive: Drive,
    status: int,
    kind: str,
    retriable: bool,
    word: type[PlatformError],
    code: str,
):
    said = {"debug_info": {"retriable": retriable, "type": kind, "message": "Simulated"}}
    simulator.fault("facebook", call="put_bytes", status=status, body=json.dumps(said))
    with pytest.raises(PlatformError) as caught:
        drive.publish(Draft("", (media(b"clip", kind="video"),), post_type="Reels"))
    assert (type(caught.value), caught.value.code) == (word, code)
    assert drive.sends == 0


def test_a_sentence_for_the_customer_carries_what_facebook_says(simulator: Simulator, drive: Drive):
    body = refusal(368, message="Blocked", error_user_msg="Try in a day.")
    simulator.fault("facebook", call="feed", status=400, body=body)
    with pytest.raises(RateLimited, match=r"should look there\. It said: Try in a day\."):
        drive.publish(TEXT)
