import hashlib
import re
from typing import Any

import pytest

from platforms.drafts import Draft, Media
from platforms.errors import OutcomeUnknown, Unavailable, Unsupported
from platforms.outcomes import Absent, Published
from platforms.youtube.adapter import YouTube
from tests.conftest import Simulator
from tests.platforms.driver import counted, media, padded, published
from tests.platforms.youtube.steps import (
    CLIP,
    MIB,
    assert_tells_no_secret,
    make_draft,
    make_drive,
    only_post,
)

# The main path


def test_a_video_is_published_with_all_its_words(simulator: Simulator):
    drive = make_drive(simulator)
    result = drive.publish(make_draft(CLIP, privacyStatus="unlisted"))
    post = only_post(simulator)
    url = f"https://www.youtube.com/watch?v={post['id']}"
    assert result == Published(id=post["id"], url=url)
    assert re.fullmatch(r"[\w-]{11}", post["id"])
    assert post["text"] == "A video\n\nabout us"
    assert post["extra"]["sha256"] == hashlib.sha256(CLIP).hexdigest()
    assert post["extra"]["snippet"]["title"] == "Hello"
    assert post["extra"]["snippet"]["tags"] == ["one", "two words"]
    assert post["extra"]["privacyStatus"] == "unlisted"
    assert post["extra"]["selfDeclaredMadeForKids"] is False
    assert post["extra"]["processing_result"] == "processed"
    shown = simulator.http.get(f"/files/{post['media'][0]}")
    assert (shown.content, shown.headers["content-type"]) == (CLIP, "video/mp4")
    assert (drive.sends, drive.state) == (1, "answered")


def test_the_session_is_durable_before_any_byte_leaves(simulator: Simulator):
    simulator.fault("youtube", call="put_bytes", drop="before")
    drive = make_drive(simulator)
    drive.raises(OutcomeUnknown, make_draft())
    first = drive.saves[0]
    assert (first.sending, first.values["session"].startswith(simulator.url)) == (False, True)
    assert [save.sending for save in drive.saves] == [False, True]


def test_only_the_piece_with_the_last_byte_is_irreversible(simulator: Simulator):
    """Of three pieces of 16 MiB and less; the file is never read in more than a mebibyte."""
    content = padded(CLIP, 40 * MIB + 5)
    item, asked = counted(content)
    drive = make_drive(simulator)
    result = published(drive.publish(Draft("Hi", (item,))))
    stored = [save.values.get("stored_bytes") for save in drive.saves]
    assert stored == [None, 16 * MIB, 32 * MIB, 32 * MIB, 32 * MIB]
    assert [save.sending for save in drive.saves] == [False, False, False, True, False]
    assert [save.values["last_byte_sent"] for save in drive.saves] == [False] * 3 + [True] * 2
    assert drive.saves[-1].values["video_id"] == result.id
    assert only_post(simulator)["extra"]["sha256"] == hashlib.sha256(content).hexdigest()
    assert 0 < min(asked) <= max(asked) <= MIB
    assert sum(asked) == item.size_bytes


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("\n  First line \nsecond", "First line"),
        ("word " * 40, " ".join(["word"] * 19) + "…"),
        ("w" * 150, "w" * 99 + "…"),
        ("😀" * 60, "😀" * 49 + "…"),
    ],
)
def test_without_a_title_the_first_line_is_cut_to_one(simulator: Simulator, text: str, title: str):
    make_drive(simulator).publish(Draft(text, (media(CLIP, "video"),)))
    assert only_post(simulator)["extra"]["title"] == title


# What cannot be carried


@pytest.mark.parametrize(
    ("text", "settings", "message"),
    [
        ("", {"title": " "}, "needs a title"),
        ("Hi", {"title": ""}, "text of 1 to 100 characters"),
        ("Hi", {"title": "x" * 101}, "text of 1 to 100 characters"),
        ("Hi", {"title": "😀" * 51}, "at most 100 characters"),
        ("a < b", {}, "cannot hold < or >"),
        ("ä" * 2501, {}, "5,000 bytes"),
        ("Hi", {"tags": ["a b"] * 84}, "at most 500 characters"),
        ("Hi", {"tags": ["a<b"]}, "cannot hold < or >"),
        ("Hi", {"tags": "a,b"}, "list of up to 250 texts"),
        ("Hi", {"privacyStatus": "friends"}, "public, unlisted, private"),
        ("Hi", {"selfDeclaredMadeForKids": "no"}, "true or false"),
        ("Hi", {"madeForKids": True, "selfDeclaredMadeForKids": False}, "contradict"),
        ("Hi", {"categoryId": "x"}, "number of a category"),
        ("Hi", {"defaultLanguage": "English (UK)"}, "such as en or pt-BR"),
        ("Hi", {"license": "cc"}, "youtube, creativeCommon"),
        ("Hi", {"notifySubscriber": True}, "Do you mean 'notifySubscribers'"),
        ("Hi", {"useImageAsThumbnail": True}, "needs an image"),
    ],
)
def test_a_draft_youtube_cannot_carry_is_refused_beforehand(
    text: str, settings: dict[str, Any], message: str
):
    with pytest.raises(Unsupported, match=message):
        YouTube().check(make_draft(CLIP, text, **settings))


def test_exactly_one_video_of_a_possible_size_is_taken():
    item = media(CLIP, "video")
    with pytest.raises(Unsupported, match="exactly one video"):
        YouTube().check(Draft("Hi", (item, item)))
    with pytest.raises(Unsupported, match="exactly one video"):
        YouTube().check(Draft("Hi", (item, item), {"useImageAsThumbnail": True}))
    with pytest.raises(Unsupported, match="exactly one video"):
        YouTube().check(Draft("Hi", (media(),)))
    with pytest.raises(Unsupported, match="up to 1 files"):
        YouTube().check(Draft("Hi", (item, media())))
    with pytest.raises(Unsupported, match="exactly one video"):
        YouTube().check(Draft("Hi", (media(),), {"useImageAsThumbnail": True}))
    huge = Media("k", "video", "video/mp4", "a.mp4", 256 * 1024**3 + 1)
    with pytest.raises(Unsupported, match="256 GB"):
        YouTube().check(Draft("Hi", (huge,)))
    long = Media("k", "video", "video/mp4", "a.mp4", 10, duration_seconds=43201)
    with pytest.raises(Unsupported, match="up to 43200 seconds"):
        YouTube().check(Draft("Hi", (long,)))
    empty = Media("k", "video", "video/mp4", "a.mp4", 0)
    with pytest.raises(Unsupported, match="at least 1 bytes"):
        YouTube().check(Draft("Hi", (empty,)))
    YouTube().check(make_draft())
    assert YouTube().queue(make_draft()) == "publish.youtube.upload"


def test_a_draft_without_a_video_fails_before_anything_is_sent(simulator: Simulator):
    drive = make_drive(simulator)
    with pytest.raises(Unsupported, match="exactly one video"):
        drive.publish(Draft("Hi"))
    assert (drive.saves, simulator.posts()) == ([], [])


# Broken uploads go on


def test_an_upload_cut_in_the_middle_goes_on_where_the_session_stands(
    simulator: Simulator, long_clip: bytes
):
    drive, draft = make_drive(simulator), make_draft(long_clip)
    drive.fault(call="store_piece", drop="before", skip=6, times=1)
    cut = drive.raises(Unavailable, draft)
    assert_tells_no_secret(cut, drive)
    assert (drive.state, drive.checkpoint["stored_bytes"]) == ("unsent", MIB)
    session = drive.checkpoint["session"]

    assert isinstance(drive.publish(draft), Published)

    assert drive.checkpoint["session"] == session
    # One piece and 256 KiB of the next were there: the next piece began behind them.
    assert drive.saves[2].values["stored_bytes"] == 2 * MIB + 256 * 1024
    assert only_post(simulator)["extra"]["sha256"] == hashlib.sha256(long_clip).hexdigest()


def test_a_last_piece_cut_in_the_middle_is_proven_absent_and_goes_on(simulator: Simulator):
    content = padded(CLIP, 4 * MIB)
    drive, draft = make_drive(simulator), make_draft(content)
    drive.fault(call="store_piece", drop="before", skip=5, times=1)
    drive.raises(OutcomeUnknown, draft)
    assert drive.find(draft) == Absent(proven=True)
    assert simulator.posts() == []
    assert isinstance(drive.publish(draft), Published)
    assert only_post(simulator)["extra"]["sha256"] == hashlib.sha256(content).hexdigest()


def test_a_server_error_in_the_middle_is_not_final(simulator: Simulator, long_clip: bytes):
    drive, draft = make_drive(simulator), make_draft(long_clip)
    drive.fault(call="put_bytes", status=503, body="<html>", skip=1, times=1)
    drive.raises(Unavailable, draft)
    session = drive.checkpoint["session"]
    assert isinstance(drive.publish(draft), Published)
    assert drive.checkpoint["session"] == session
    assert only_post(simulator)["extra"]["sha256"] == hashlib.sha256(long_clip).hexdigest()


def test_a_session_gone_before_the_last_byte_is_replaced(simulator: Simulator):
    drive, draft = make_drive(simulator), make_draft()
    drive.fault(call="store_piece", drop="before", times=1)
    drive.raises(OutcomeUnknown, draft)
    assert drive.find(draft) == Absent(proven=True)
    session = drive.checkpoint["session"]
    drive.fault(call="ask_session", status=404, times=1)
    assert isinstance(drive.publish(draft), Published)
    assert drive.checkpoint["session"] != session
    only_post(simulator)


def test_a_changed_draft_never_goes_into_the_old_session(simulator: Simulator):
    drive = make_drive(simulator)
    drive.fault(call="store_piece", drop="before", times=1)
    drive.raises(OutcomeUnknown, make_draft())
    session, corrected = drive.checkpoint["session"], make_draft(CLIP, title="Corrected")
    with pytest.raises(OutcomeUnknown, match="an earlier upload"):
        drive.publish(corrected)
    assert drive.find(corrected) == Absent(proven=True)
    assert isinstance(drive.publish(corrected), Published)
    assert drive.checkpoint["session"] != session
    assert only_post(simulator)["extra"]["title"] == "Corrected"


def test_a_session_that_stores_nothing_is_given_up_for_now(simulator: Simulator, long_clip: bytes):
    drive = make_drive(simulator)
    drive.fault(call="put_bytes", status=308, body=" ")
    with pytest.raises(Unavailable, match="stores no more bytes"):
        drive.publish(make_draft(long_clip))
    assert drive.sends == 0


def test_a_session_start_without_an_address_is_safe_to_repeat(simulator: Simulator):
    drive = make_drive(simulator)
    drive.fault(call="start_session", status=200, body=" ", times=1)
    with pytest.raises(Unavailable, match="no upload session"):
        drive.publish(make_draft())
    assert drive.saves == []
