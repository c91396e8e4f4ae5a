"""Send messages of each kind, follow a group that moved, read refusals, delete."""

import dataclasses
import json

import pytest

from platforms.drafts import Draft
from platforms.errors import OutcomeUnknown, RateLimited, Rejected, Unauthorized, Unsupported
from platforms.outcomes import Undeterminable
from platforms.telegram import errors
from tests.conftest import Simulator
from tests.platforms.driver import HELLO, Drive, published
from tests.platforms.telegram.account import drive, new_id
from tests.platforms.telegram.steps import CLIP, DRAFTS, GUIDE, PICTURE

DAYS = 3 * 24 * 3600


@pytest.fixture
def d(simulator: Simulator) -> Drive:
    return drive(simulator)


def said(d: Drive) -> dict:
    """What the newest message's call said."""
    return d.public()[0]["extra"]["said"]


@pytest.mark.parametrize("kind", DRAFTS)
def test_each_kind_of_message_is_sent_in_one_call(d: Drive, kind: str):
    d.adapter.check(DRAFTS[kind])
    result = published(d.finish(DRAFTS[kind]))
    [post] = d.public()
    assert (post["id"], post["url"]) == (result.id, result.url)
    assert result.url == f"https://t.me/pigeons/{result.id}"
    assert len(post["media"]) == len(DRAFTS[kind].media)
    assert (d.sends, len(d.requests), d.state) == (1, 1, "answered")


def test_formats_go_out_as_places_in_the_text(d: Drive):
    d.finish(DRAFTS["text"])
    told = said(d)
    assert told["text"] == "Coo on\n\ncoo()"
    assert told["entities"] == [
        {"type": "bold", "offset": 0, "length": 3},
        {"type": "text_link", "url": "https://example.com/", "offset": 4, "length": 2},
        {"type": "pre", "language": "py", "offset": 8, "length": 5},
    ]
    button = {"text": "Read on", "url": "https://example.com/dovecote"}
    assert told["reply_markup"] == {"inline_keyboard": [[button]]}
    assert told["link_preview_options"] == {"is_disabled": True}
    assert (told["disable_notification"], told["protect_content"]) == (True, True)


def test_a_plain_message_says_nothing_that_was_not_asked_for(d: Drive):
    d.finish(HELLO)
    assert said(d) == {"chat_id": int(d.account.platform_account_id), "text": "Hello"}


def test_the_first_file_of_an_album_has_the_text_and_videos_their_facts(d: Drive):
    d.finish(DRAFTS["album"])
    first, second = said(d)["media"]
    assert first == {
        "type": "photo",
        "media": "attach://file0",
        "caption": "Look",
        "caption_entities": [{"type": "bold", "offset": 0, "length": 4}],
    }
    facts = {"width": 64, "height": 64, "duration": 1, "supports_streaming": True}
    assert second == {"type": "video", "media": "attach://file1", **facts}


def test_a_document_keeps_its_name_without_what_would_end_it(d: Drive):
    d.finish(Draft("Read", (GUIDE, dataclasses.replace(GUIDE, filename="..."))))
    assert d.public()[0]["extra"]["names"] == ["Guide to _doves_.pdf", "file1.pdf"]


def test_a_poll_is_open_for_as_long_as_it_says(d: Drive):
    d.finish(DRAFTS["poll"])
    told = said(d)
    assert (told["question"], told["open_period"]) == ("Coo?", 3600)
    assert told["options"] == [{"text": "Yes"}, {"text": "No"}]
    assert told["allows_multiple_answers"] is True


def test_links_of_private_chats_have_their_number_and_small_groups_have_none(simulator: Simulator):
    channel, group = drive(simulator, private=True), drive(simulator, new_id("-4"))
    result = published(channel.finish(HELLO))
    inner = channel.account.platform_account_id.removeprefix("-100")
    assert result.url == f"https://t.me/c/{inner}/{result.id}"
    assert published(group.finish(HELLO)).url == ""


# Lost answers


@pytest.mark.parametrize("drop", ["before", "after", "middle"])
def test_a_lost_answer_cannot_be_looked_up_and_says_where_to_look(d: Drive, drop: str):
    d.fault(call="send", drop=drop, times=1)
    d.raises(OutcomeUnknown)
    assert d.find(HELLO) == Undeterminable("https://t.me/pigeons")
    assert len(d.requests) == 1
    number = d.account.platform_account_id
    d.account = dataclasses.replace(d.account, username="")
    assert d.find(HELLO) == Undeterminable(f"https://web.telegram.org/a/#{number}")


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_a_page_instead_of_telegrams_answer_proves_nothing(d: Drive, status: int):
    d.fault(call="send", status=status, body="<html>Blocked</html>", times=1)
    error = d.raises(OutcomeUnknown)
    assert (error.code, d.state) == ("outcome_unknown", "sent")


# A group that moved


def test_a_group_that_became_a_supergroup_asks_for_a_refresh_and_is_followed(simulator: Simulator):
    d, new = drive(simulator, new_id("-4")), new_id()
    before = published(d.finish(HELLO)).id
    d.set("moved_to", new)

    error = d.raises(Unauthorized)
    # So that the pipeline renews the account, and sends at once.
    assert (error.code, d.state) == ("account_needs_reconnection", "answered")
    d.account = dataclasses.replace(d.account, extra={"chat": new})
    after = published(d.finish(HELLO)).id
    assert after == f"{new.removeprefix('-100')}_{int(before) + 1}"
    assert said(d)["chat_id"] == int(new)

    assert d.delete(after) == "deleted"
    with pytest.raises(Unsupported, match="became a supergroup"):
        d.delete(before)
    assert [post["id"] for post in d.public()] == [before]


def test_an_album_in_a_group_that_moved_has_ids_of_that_chat(simulator: Simulator):
    d, new = drive(simulator, new_id("-4")), new_id()
    d.set("moved_to", new)
    d.account = dataclasses.replace(d.account, extra={"chat": new})
    first = published(d.finish(DRAFTS["album"])).id
    parts = d.adapter.public_parts(d.adapter.parts_kept(d.checkpoint))
    assert (parts[0], len(parts)) == (first, 2)
    assert [d.delete(part) for part in parts] == ["deleted", "deleted"]
    assert d.public() == []


# Refusals


@pytest.mark.parametrize(
    ("words", "error", "code"),
    [
        ("Forbidden: bot was kicked from the channel chat", Unauthorized, "permission_missing"),
        ("Forbidden: bot is not a member of the channel chat", Unauthorized, "permission_missing"),
        ("Forbidden: the group chat was deleted", Unauthorized, "permission_missing"),
        ("Forbidden: something new", Unauthorized, "permission_missing"),
        ("Bad Request: chat not found", Unauthorized, "permission_missing"),
        (
            "Bad Request: need administrator rights in the channel chat",
            Unauthorized,
            "permission_missing",
        ),
        (
            "Bad Request: not enough rights to send photos to the chat",
            Unauthorized,
            "permission_missing",
        ),
        ("Bad Request: CHAT_SEND_POLL_FORBIDDEN", Unauthorized, "permission_missing"),
        ("Bad Request: TOPIC_CLOSED", Unauthorized, "permission_missing"),
        ("Bad Request: message is too long", Rejected, "text_too_long"),
        ("Bad Request: MEDIA_CAPTION_TOO_LONG", Rejected, "text_too_long"),
        ("Bad Request: PHOTO_INVALID_DIMENSIONS", Rejected, "media_rejected"),
        ("Bad Request: file must be non-empty", Rejected, "media_rejected"),
        ("Request Entity Too Large", Rejected, "media_rejected"),
        (
            "Bad Request: inline keyboard button URL 'x' is invalid: Wrong HTTP URL",
            Rejected,
            "option_rejected",
        ),
        ("Bad Request: poll must have at least 2 option", Rejected, "option_rejected"),
        ("Bad Request: message text is empty", Rejected, "content_rejected"),
    ],
)
def test_a_refusal_is_known_by_its_words(d: Drive, words: str, error: type, code: str):
    status = {"F": 403, "R": 413}.get(words[0], 400)
    body = json.dumps({"ok": False, "error_code": status, "description": words})
    refusal = d.refusal(HELLO, "send", status, body)
    assert (type(refusal), refusal.code, refusal.platform_code) == (error, code, words)
    assert words.partition(": ")[2] in refusal.message or code == "media_rejected"
    assert refusal.unmapped == (code == "content_rejected")
    assert d.public() == []


def test_a_limit_ends_when_telegram_says(d: Drive):
    told = (({"retry_after": 35}, 35), ({"retry_after": "x"}, None), ([], None))
    for parameters, seconds in told:
        body = json.dumps({"ok": False, "parameters": parameters})
        error = d.refusal(HELLO, "send", 429, body)
        assert (type(error), error.retry_after_seconds) == (RateLimited, seconds)


def test_a_group_takes_twenty_messages_a_minute(simulator: Simulator):
    d = drive(simulator, type="supergroup")
    for _ in range(20):
        d.checkpoint = {}
        d.finish(HELLO)
    d.checkpoint = {}
    error = d.raises(RateLimited)
    assert error.retry_after_seconds is not None
    assert 0 < error.retry_after_seconds <= 61
    simulator.advance(61)
    published(d.finish(HELLO))


@pytest.mark.parametrize("parameters", [None, [], {"migrate_to_chat_id": "x"}, {}])
def test_a_chat_that_is_not_named_is_not_followed(parameters: object):
    class Said:
        def json_object(self) -> dict:
            return {"parameters": parameters}

    assert errors.moved_to(Said()) == ""  # type: ignore[arg-type]


# Deleting


@pytest.mark.parametrize("post_id", ["", "x", "../getMe", "1_x", "x_1", "1" * 30])
def test_what_is_no_message_is_asked_of_no_one(d: Drive, post_id: str):
    assert d.delete(post_id) == "already_gone"
    assert d.requests == []


def test_an_album_is_gone_when_all_its_messages_are(d: Drive):
    d.finish(Draft("Look", (PICTURE, CLIP, PICTURE)))
    first, *others = d.adapter.public_parts(d.checkpoint)
    assert d.delete(first) == "deleted"
    assert d.delete(first) == "already_gone"
    assert d.public()
    assert [d.delete(part) for part in others] == ["deleted", "deleted"]
    assert d.public() == []


def test_a_member_of_a_group_deletes_for_two_days_and_an_administrator_always(simulator: Simulator):
    d = drive(simulator, type="supergroup")
    post_id = published(d.finish(HELLO)).id
    simulator.advance(DAYS)
    d.set("role", "member")
    with pytest.raises(Unsupported, match="48 hours"):
        d.delete(post_id)
    d.set("role", "administrator")
    assert d.delete(post_id) == "deleted"


def test_one_message_has_no_parts_to_keep(d: Drive):
    d.finish(HELLO)
    assert d.adapter.parts_kept(d.checkpoint) == {}
