import hashlib
import io
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from platforms.base import Absent, Credentials, Draft, Media, Processing, Published, Refused
from platforms.errors import (
    OutcomeUnknown,
    PlatformError,
    RateLimited,
    Rejected,
    Unauthorized,
    Unavailable,
    Unsupported,
)
from platforms.tiktok.adapter import TikTok
from tests.conftest import Simulator
from tests.platforms.driver import Drive, media, video

OPEN_ID = "open-id-1"
MIB = 1024 * 1024


@pytest.fixture(scope="session")
def film() -> bytes:
    return video()


@pytest.fixture(scope="session")
def long_film(film: bytes) -> bytes:
    """80,000,005 bytes: four pieces of 16,000,000 and one that carries the remainder."""
    rest = 80_000_005 - len(film)
    return film + rest.to_bytes(4, "big") + b"free" + bytes(rest - 8)


def make_drive(simulator: Simulator, **extra: Any) -> Drive:
    token = simulator.connect("tiktok", OPEN_ID, extra=extra)
    return Drive(TikTok(), Credentials(OPEN_ID, "acme", token), simulator.url)


def make_draft(content: bytes, text: str = "Hello #film", **settings: Any) -> Draft:
    return Draft(text, (media(content, "video"),), settings)


def only_post(simulator: Simulator) -> dict[str, Any]:
    (post,) = simulator.posts("tiktok", OPEN_ID)
    return post


def answer_body(code: str = "ok", **data: Any) -> str:
    return json.dumps({"data": data, "error": {"code": code, "message": "No.", "log_id": "L1"}})


def status_is(simulator: Simulator, times: int = 0, **data: Any) -> None:
    body = answer_body(**data)
    simulator.fault("tiktok", call="status", status=200, body=body, times=times)


def assert_tells_no_secret(error: PlatformError, drive: Drive) -> None:
    url = drive.checkpoint.get("upload_url", "")
    secrets = [drive.account.token, url, *parse_qs(urlsplit(url).query).get("upload_token", [])]
    for told in (str(error), error.message, error.body, repr(error)):
        assert not any(secret and secret in told for secret in secrets)


def lose_last_answer(simulator: Simulator, drive: Drive, draft: Draft) -> None:
    simulator.fault("tiktok", call="put_chunk", drop="after", times=1)
    with pytest.raises(OutcomeUnknown) as lost:
        drive.publish(draft)
    assert drive.state == "sent"
    assert_tells_no_secret(lost.value, drive)


# The main path


def test_a_video_is_published_once_tiktok_has_processed_it(simulator: Simulator, film: bytes):
    drive, draft = make_drive(simulator), make_draft(film)
    assert drive.publish(draft) == Processing(2)
    result = drive.finish(draft)
    post = only_post(simulator)
    assert result == Published(post["id"], f"https://www.tiktok.com/@acme/video/{post['id']}")
    assert post["text"] == "Hello #film"
    assert post["extra"]["sha256"] == hashlib.sha256(film).hexdigest()
    assert post["extra"]["privacy_level"] == "PUBLIC_TO_EVERYONE"
    for flag in ("comment", "duet", "stitch"):
        assert post["extra"][f"disable_{flag}"] is True
    shown = simulator.http.get(f"/files/{post['media'][0]}")
    assert (shown.content, shown.headers["content-type"]) == (film, "video/mp4")
    assert (drive.sends, len(simulator.posts())) == (1, 1)


def test_the_publish_id_is_durable_before_any_byte_leaves(simulator: Simulator, film: bytes):
    drive = make_drive(simulator)
    simulator.fault("tiktok", call="put_chunk", drop="before")
    with pytest.raises(OutcomeUnknown):
        drive.publish(make_draft(film))
    assert [save.sending for save in drive.saves] == [False, True]
    assert drive.saves[0].values["publish_id"].startswith("v_pub_file~")


def test_a_large_file_goes_out_in_pieces_and_only_the_last_is_irreversible(
    simulator: Simulator, long_film: bytes
):
    drive, draft = make_drive(simulator), make_draft(long_film)
    assert isinstance(drive.finish(draft), Published)
    assert [save.sending for save in drive.saves[:6]] == [False] * 4 + [False, True]
    assert [s.values.get("uploaded_bytes") for s in drive.saves[:5]] == [
        None,
        16_000_000,
        32_000_000,
        48_000_000,
        64_000_000,
    ]
    assert only_post(simulator)["extra"]["sha256"] == hashlib.sha256(long_film).hexdigest()


class Counting(io.BytesIO):
    """Remembers how much was asked for at once."""

    def __init__(self, content: bytes, asked: list[int]) -> None:
        super().__init__(content)
        self._asked = asked

    def read(self, size: int | None = -1, /) -> bytes:
        self._asked.append(-1 if size is None else size)
        return super().read(size)


def test_a_file_is_never_read_in_more_than_a_mebibyte(simulator: Simulator, long_film: bytes):
    asked: list[int] = []
    item = Media("k", "video", "video/mp4", "a.mp4", len(long_film))
    object.__setattr__(item, "open", lambda: Counting(long_film, asked))
    assert isinstance(make_drive(simulator).finish(Draft("Hi", (item,))), Published)
    assert (min(asked) > 0, max(asked) <= MIB) == (True, True)
    assert sum(asked) == len(long_film)


def test_a_post_for_few_has_no_id_and_is_not_waited_for(simulator: Simulator, film: bytes):
    drive = make_drive(simulator)
    draft = make_draft(film, privacyLevel="SELF_ONLY", allowComments=True)
    result = drive.finish(draft)
    assert result == Published(drive.checkpoint["publish_id"], "https://www.tiktok.com/@acme")
    assert only_post(simulator)["extra"]["disable_comment"] is False


@pytest.mark.parametrize("ids", ["7123456789012345678", [7123456789012345678, 1]])
def test_an_id_may_be_a_number_in_a_list_or_bare_text(
    simulator: Simulator, film: bytes, ids: object
):
    drive, draft = make_drive(simulator), make_draft(film)
    status_is(simulator, status="PUBLISH_COMPLETE", publicaly_available_post_id=ids)
    result = drive.publish(draft)
    assert isinstance(result, Published)
    assert result.id == "7123456789012345678"


# Privacy and switches


def test_a_private_account_gets_the_widest_audience_it_has(simulator: Simulator, film: bytes):
    options = ["SELF_ONLY", "MUTUAL_FOLLOW_FRIENDS", "FOLLOWER_OF_CREATOR"]
    drive = make_drive(simulator, privacy_level_options=options)
    drive.finish(make_draft(film))
    assert only_post(simulator)["extra"]["privacy_level"] == "FOLLOWER_OF_CREATOR"


@pytest.mark.parametrize(
    ("options", "chosen"),
    [
        (["SELF_ONLY"], {}),
        (["SELF_ONLY", "MUTUAL_FOLLOW_FRIENDS"], {"privacyLevel": "PUBLIC_TO_EVERYONE"}),
    ],
)
def test_an_audience_is_never_made_smaller_silently(
    simulator: Simulator, film: bytes, options: list[str], chosen: dict[str, str]
):
    drive = make_drive(simulator, privacy_level_options=options)
    with pytest.raises(Rejected, match="set privacyLevel") as refused:
        drive.publish(make_draft(film, **chosen))
    assert refused.value.platform_code == "privacy_level_option_mismatch"
    assert drive.saves == []


def test_what_the_account_has_switched_off_stays_off(simulator: Simulator, film: bytes):
    drive = make_drive(simulator, duet_disabled=True)
    drive.finish(make_draft(film, allowDuet=True, allowStitch=True))
    extra = only_post(simulator)["extra"]
    assert (extra["disable_duet"], extra["disable_stitch"]) == (True, False)


def test_a_video_longer_than_the_account_may_post_is_rejected(simulator: Simulator, film: bytes):
    drive = make_drive(simulator, max_video_post_duration_sec=60)
    item = media(film, "video", duration_seconds=61)
    with pytest.raises(Rejected, match="at most 60 seconds"):
        drive.publish(Draft("Hi", (item,)))


@pytest.mark.parametrize(
    ("text", "settings", "message"),
    [
        ("😀" * 1101, {}, "2,200 characters"),
        ("Hi", {"privacyLevel": "EVERYBODY"}, "privacyLevel is one of"),
        ("Hi", {"allowDuet": "yes"}, "allowDuet is true or false"),
    ],
)
def test_a_draft_tiktok_cannot_carry_is_refused_beforehand(
    film: bytes, text: str, settings: dict[str, Any], message: str
):
    with pytest.raises(Unsupported, match=message):
        TikTok().check(make_draft(film, text, **settings))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"content_type": "video/avi"}, "MP4, MOV and WebM"),
        ({"size_bytes": 4_000_000_001}, "4 GB"),
        ({"size_bytes": 0}, "empty"),
        ({"duration_seconds": 601}, "10 minutes"),
        ({"kind": "image"}, "does not take a image"),
    ],
)
def test_a_file_tiktok_does_not_take_is_refused_beforehand(fields: dict[str, Any], message: str):
    facts = {"kind": "video", "content_type": "video/mp4", "size_bytes": 9, **fields}
    with pytest.raises(Unsupported, match=message):
        TikTok().check(Draft("Hi", (Media(key="k", filename="a.mp4", **facts),)))


def test_exactly_one_video_is_taken(simulator: Simulator, film: bytes):
    item = media(film, "video")
    with pytest.raises(Unsupported, match="exactly one video"):
        TikTok().check(Draft("Hi", (item, item)))
    with pytest.raises(Unsupported, match="exactly one video"):
        make_drive(simulator).publish(Draft("Hi"))
    TikTok().check(Draft("Hi", (item,)))


# Broken uploads go on


def test_an_upload_cut_in_the_middle_goes_on_at_the_cut_piece(
    simulator: Simulator, long_film: bytes
):
    drive, draft = make_drive(simulator), make_draft(long_film)
    simulator.fault("tiktok", call="store_piece", drop="before", skip=100, times=1)
    with pytest.raises(Unavailable) as cut:
        drive.publish(draft)
    assert_tells_no_secret(cut.value, drive)
    publish_id, uploaded = drive.checkpoint["publish_id"], drive.checkpoint["uploaded_bytes"]
    assert (drive.state, uploaded) == ("unsent", 16_000_000)
    assert isinstance(drive.finish(draft), Published)
    post = only_post(simulator)
    assert post["extra"]["publish_id"] == publish_id
    assert post["extra"]["sha256"] == hashlib.sha256(long_film).hexdigest()


def test_a_last_piece_cut_in_the_middle_is_proven_absent_and_goes_on(
    simulator: Simulator, film: bytes
):
    drive, draft = make_drive(simulator), make_draft(film)
    simulator.fault("tiktok", call="store_piece", drop="before", times=1)
    with pytest.raises(OutcomeUnknown):
        drive.publish(draft)
    publish_id = drive.checkpoint["publish_id"]
    assert drive.find(draft) == Absent(proven=True)
    assert isinstance(drive.finish(draft), Published)
    assert only_post(simulator)["extra"]["publish_id"] == publish_id


@pytest.mark.parametrize("status", [403, 404])
def test_an_expired_upload_url_leads_to_a_new_publish_id(
    simulator: Simulator, long_film: bytes, status: int
):
    drive, draft = make_drive(simulator), make_draft(long_film)
    simulator.fault("tiktok", call="put_chunk", status=status, body=" ", skip=1, times=1)
    with pytest.raises(Unavailable):
        drive.publish(draft)
    publish_id = drive.checkpoint["publish_id"]
    assert isinstance(drive.finish(draft), Published)
    assert only_post(simulator)["extra"]["publish_id"] != publish_id


@pytest.mark.parametrize("status", [403, 404, 416])
def test_a_refused_last_piece_never_leads_to_a_new_publish_id_at_once(
    simulator: Simulator, film: bytes, status: int
):
    drive, draft = make_drive(simulator), make_draft(film)
    simulator.fault("tiktok", call="put_chunk", status=status, body=" ", times=1)
    with pytest.raises(OutcomeUnknown):
        drive.publish(draft)
    publish_id = drive.checkpoint["publish_id"]
    assert drive.find(draft) == Absent(proven=True)
    assert isinstance(drive.finish(draft), Published)
    assert only_post(simulator)["extra"]["publish_id"] == publish_id


def test_an_upload_not_ended_an_hour_later_begins_anew(simulator: Simulator, film: bytes):
    drive, draft = make_drive(simulator), make_draft(film)
    simulator.fault("tiktok", call="store_piece", drop="before", times=1)
    with pytest.raises(OutcomeUnknown):
        drive.publish(draft)
    publish_id = drive.checkpoint["publish_id"]
    drive.checkpoint = {**drive.checkpoint, "started_at": drive.checkpoint["started_at"] - 3901}
    assert isinstance(drive.finish(draft), Published)
    assert only_post(simulator)["extra"]["publish_id"] != publish_id


def test_a_last_piece_that_is_not_the_last_for_tiktok_is_tried_again(
    simulator: Simulator, film: bytes
):
    drive, draft = make_drive(simulator), make_draft(film)
    simulator.fault("tiktok", call="put_chunk", status=206, body=" ", times=1)
    with pytest.raises(Unavailable, match="whole file"):
        drive.publish(draft)
    assert isinstance(drive.finish(draft), Published)
    only_post(simulator)


def test_a_lost_init_answer_posts_nothing_and_is_repeated(simulator: Simulator, film: bytes):
    drive, draft = make_drive(simulator), make_draft(film)
    simulator.fault("tiktok", call="init", drop="after", times=1)
    with pytest.raises(Unavailable):
        drive.publish(draft)
    assert (drive.saves, drive.find(draft)) == ([], Absent(proven=True))
    assert isinstance(drive.finish(draft), Published)
    only_post(simulator)


# Lost answers


def test_a_lost_last_answer_is_found_by_the_publish_id(simulator: Simulator, film: bytes):
    drive, draft = make_drive(simulator), make_draft(film)
    lose_last_answer(simulator, drive, draft)
    assert drive.find(draft) == Processing(5)
    assert isinstance(drive.find_out(draft), Published)
    assert isinstance(drive.finish(draft), Published)
    assert (drive.sends, len(simulator.posts())) == (1, 1)


def test_an_unknown_status_word_is_still_pending(simulator: Simulator, film: bytes):
    drive, draft = make_drive(simulator), make_draft(film)
    status_is(simulator, status="SOMETHING_NEW")
    assert drive.publish(draft) == Processing(2)
    assert drive.find(draft) == Processing(2)


def test_a_status_that_lags_behind_the_201_is_no_absence(simulator: Simulator, film: bytes):
    drive, draft = make_drive(simulator), make_draft(film)
    status_is(simulator, status="PROCESSING_UPLOAD", uploaded_bytes=0)
    assert drive.publish(draft) == Processing(2)
    assert drive.find(draft) == Processing(2)


@pytest.mark.parametrize("status", [500, 429, 503])
def test_a_failed_poll_spends_no_try(simulator: Simulator, film: bytes, status: int):
    drive, draft = make_drive(simulator), make_draft(film)
    body = answer_body("rate_limit_exceeded" if status == 429 else "internal_error")
    simulator.fault("tiktok", call="status", status=status, body=body, times=2)
    assert drive.publish(draft) == Processing(60)
    assert drive.publish(draft) == Processing(60)
    assert isinstance(drive.finish(draft), Published)
    assert drive.sends == 1


def test_a_token_that_ends_while_tiktok_is_posting_does_not_mean_failure(
    simulator: Simulator, film: bytes
):
    drive, draft = make_drive(simulator), make_draft(film)
    simulator.fault(
        "tiktok", call="status", status=401, body=answer_body("access_token_invalid"), times=1
    )
    with pytest.raises(OutcomeUnknown) as unknown:
        drive.publish(draft)
    assert unknown.value.platform_code == "access_token_invalid"
    assert isinstance(drive.find_out(draft), Published)
    only_post(simulator)


@pytest.mark.parametrize(
    ("reason", "error"),
    [
        ("file_format_check_failed", Rejected),
        ("spam_risk_text", Rejected),
        ("publish_cancelled", Rejected),
        ("spam_risk_user_banned_from_posting", Rejected),
        ("something_new", Rejected),
        ("auth_removed", Unauthorized),
        ("spam_risk_too_many_posts", RateLimited),
        ("internal", Unavailable),
    ],
)
def test_a_post_that_failed_at_tiktok_says_why_and_may_be_made_anew(
    simulator: Simulator, film: bytes, reason: str, error: type[PlatformError]
):
    drive, draft = make_drive(simulator, fail_reason=reason), make_draft(film)
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
        (200, "spam_risk_user_banned_from_posting", Rejected, None),
        (403, "unaudited_client_can_only_post_to_private_accounts", Rejected, None),
        (400, "invalid_params", Rejected, None),
        (500, "internal_error", Unavailable, None),
        (200, "internal_error", Unavailable, None),
    ],
)
@pytest.mark.parametrize("call", ["creator_info", "init"])
def test_each_refusal_has_its_meaning(
    simulator: Simulator,
    film: bytes,
    call: str,
    status: int,
    code: str,
    error: type[PlatformError],
    wait: float | None,
):
    drive = make_drive(simulator)
    simulator.fault("tiktok", call=call, status=status, body=answer_body(code))
    with pytest.raises(error) as refused:
        drive.publish(make_draft(film))
    assert type(refused.value) is error
    assert (refused.value.http_status, refused.value.retry_after_seconds) == (status, wait)
    assert refused.value.request_id == "L1"
    assert (drive.saves, simulator.posts()) == ([], [])
    assert_tells_no_secret(refused.value, drive)


@pytest.mark.parametrize("call", ["creator_info", "init"])
@pytest.mark.parametrize("body", ["<html>", '{"error": {"code": "ok"}}'])
def test_an_unreadable_200_before_the_upload_is_safe_to_repeat(
    simulator: Simulator, film: bytes, call: str, body: str
):
    drive = make_drive(simulator)
    simulator.fault("tiktok", call=call, status=200, body=body, times=1)
    with pytest.raises(Unavailable):
        drive.publish(make_draft(film))
    assert isinstance(drive.finish(make_draft(film)), Published)


def test_an_invalid_token_needs_a_reconnection(simulator: Simulator, film: bytes):
    drive = make_drive(simulator)
    simulator.connect("tiktok", OPEN_ID)
    with pytest.raises(Unauthorized):
        drive.publish(make_draft(film))


# The simulator is as strict as the network


@pytest.mark.parametrize(
    ("size", "first", "total", "status"),
    [(10, 0, 10, 400), (10, 5, 1000, 416), (10, 0, 1000, 400)],
)
def test_the_simulator_takes_only_the_exact_next_chunk(
    simulator: Simulator, size: int, first: int, total: int, status: int
):
    drive = make_drive(simulator)
    simulator.fault("tiktok", call="put_chunk", drop="before", times=1)
    with pytest.raises(OutcomeUnknown):
        drive.publish(make_draft(bytes(1000)))
    headers = {
        "Content-Range": f"bytes {first}-{first + size - 1}/{total}",
        "Content-Type": "video/mp4",
    }
    answer = simulator.http.put(
        drive.checkpoint["upload_url"], content=bytes(size), headers=headers
    )
    assert answer.status_code == status


def test_the_simulator_looks_at_the_bytes(simulator: Simulator):
    with pytest.raises(Rejected, match="file format"):
        make_drive(simulator).finish(make_draft(b"no video at all"))
    assert simulator.posts() == []
