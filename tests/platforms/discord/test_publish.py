"""Publish as a bot and as a webhook, in channels and forums, once."""

import json

import pytest

from deploy.simulator.discord.demo import GUILD
from platforms.drafts import Draft
from platforms.errors import OutcomeUnknown, RateLimited, Rejected, Unauthorized, Unavailable
from platforms.outcomes import Published
from tests.conftest import Simulator
from tests.platforms.discord.account import (
    ANNOUNCEMENTS,
    CALLS,
    CARRY_ON,
    FORUM,
    drive,
    picture,
    webhook,
)
from tests.platforms.discord.steps import CARD, POLL, QUIET, THREAD
from tests.platforms.driver import HELLO, Drive, media, published


def said(d: Drive) -> dict:
    [post] = d.public()
    return post["extra"]["said"]


def test_a_message_is_public_once_at_its_link(d: Drive):
    result = published(d.finish(HELLO))
    [post] = d.public()
    assert (post["id"], post["text"], post["url"]) == (result.id, "Hello", result.url)
    assert result.url.startswith(f"https://discord.com/channels/{GUILD}/")
    assert d.adapter.post_id(result.url) == result.id
    assert (d.sends, d.state, result.notes) == (1, "answered", ())


def test_no_one_is_notified_unless_it_is_asked_for(d: Drive):
    d.finish(Draft("@everyone <@5>"))
    assert said(d)["allowed_mentions"] == {"parse": []}
    d.checkpoint = {}
    d.finish(Draft("Coo", settings=QUIET))
    told = d.public()[0]["extra"]["said"]
    assert told["allowed_mentions"] == {"parse": ["users", "everyone"]}
    assert told["flags"] == 1 << 2 | 1 << 12


def test_embeds_reach_discord_whole(d: Drive):
    d.finish(Draft("Look", settings={"embeds": [CARD, {"description": "Two"}]}))
    first, second = said(d)["embeds"]
    assert first["image"] == {"url": CARD["image"]}
    assert (first["author"], first["footer"]) == ({"name": "Dora"}, {"text": "Coo"})
    assert first["fields"] == CARD["fields"]
    assert second == {"description": "Two"}


def test_a_poll_reaches_discord_whole(d: Drive):
    d.finish(Draft("Vote", settings=POLL))
    poll = said(d)["poll"]
    assert [each["poll_media"]["text"] for each in poll["answers"]] == ["Yes", "No"]
    assert (poll["duration"], poll["allow_multiselect"]) == (48, True)


def test_files_go_with_the_message_each_with_its_alt_text(d: Drive):
    pdf = media(b"%PDF-1.7 coo", "document", "application/pdf", "../My plan (1).pdf")
    files = (picture(alt_text="A dove \u263a"), media(kind="video"), pdf)
    d.finish(Draft("Look", files, {"spoiler": True}))
    [post] = d.public()
    assert post["extra"]["alt"] == ["A dove \u263a", "", ""]
    first, second, third = post["extra"]["files"]
    assert (first[16:], second[16:], third) == ("-1.jpg", "-2.mp4", "My_plan_1_.pdf")
    assert all(each["is_spoiler"] for each in post["extra"]["said"]["attachments"])
    assert len(post["media"]) == 3


def test_a_forum_gets_a_thread_named_as_asked_or_by_the_first_line(simulator: Simulator):
    d = drive(simulator, FORUM)
    result = published(d.finish(Draft("Coo", settings=THREAD)))
    [post] = d.public()
    assert (post["extra"]["title"], result.url.split("/")[-2]) == ("Lofts", result.id)
    d.checkpoint = {}
    d.finish(Draft("\n  Of doves  \nand lofts"))
    assert d.public()[0]["extra"]["title"] == "Of doves"
    d.checkpoint = {}
    error = d.raises(Rejected, Draft("", (picture(),)))
    assert (error.code, "threadName" in error.message) == ("option_rejected", True)
    assert len(d.public()) == 2


def test_tags_of_a_forum_are_named_or_numbered(simulator: Simulator):
    d = drive(simulator, FORUM)
    d.fault(call="create_thread", status=400, body=json.dumps({"code": 40067, "message": "A tag"}))
    assert d.raises(Rejected).code == "option_rejected"
    simulator.http.delete("/control/faults")
    error = d.raises(Rejected, Draft("Coo", settings={"threadTags": ["Cats"]}))
    assert (error.code, error.actor) == ("option_rejected", "customer")
    assert "news, help" in error.message
    assert d.public() == []


def test_a_webhooks_forum_needs_a_name_and_takes_tags_by_their_ids(simulator: Simulator):
    d = webhook(simulator, FORUM)
    error = d.raises(Rejected)
    assert (error.code, "threadName" in error.message) == ("option_rejected", True)
    settings = {"threadName": "Lofts", "threadTags": ["700"]}
    result = published(d.finish(Draft("Coo", settings=settings)))
    assert d.public()[0]["url"] == result.url
    assert d.shows_as_own(result.id) is True
    assert d.delete(result.id) == "deleted"
    assert d.delete(result.id) == "already_gone"
    d.checkpoint = {}
    assert "none that" in d.raises(Rejected, Draft("Coo", settings={"threadTags": ["a"]})).message


@pytest.mark.parametrize("name", ["threadName", "threadTags"])
def test_what_only_forums_take_is_refused_elsewhere(simulator: Simulator, name: str):
    draft = Draft("Coo", settings={name: THREAD[name]})
    error = drive(simulator).raises(Rejected, draft)
    assert (error.code, name in error.message) == ("option_rejected", True)
    if name == "threadName":
        assert webhook(simulator).raises(Rejected, draft).platform_code == "220003"


# Crossposting


def test_a_message_is_crossposted_after_it_is_public(simulator: Simulator):
    d = drive(simulator, ANNOUNCEMENTS)
    assert published(d.finish(CARRY_ON)).notes == ()
    assert d.public()[0]["extra"]["flags"] == 1
    assert d.sends == 1


@pytest.mark.parametrize("drop", ["before", "after", "middle"])
def test_a_crosspost_whose_answer_is_lost_is_made_once_more(simulator: Simulator, drop: str):
    d = drive(simulator, ANNOUNCEMENTS)
    d.fault(call="crosspost", drop=drop, times=1)
    assert published(d.finish(CARRY_ON)).notes == ()
    [post] = d.public()
    assert post["extra"]["flags"] == 1


@pytest.mark.parametrize(
    "fault", [{"status": 403}, {"rate_limit_reset_seconds": 60}, {"status": 503}]
)
def test_a_crosspost_that_fails_is_a_note_and_the_message_stays(simulator: Simulator, fault: dict):
    d = drive(simulator, ANNOUNCEMENTS)
    d.fault(call="crosspost", **fault)
    [note] = published(d.finish(CARRY_ON)).notes
    assert "publish it in Discord" in note
    assert len(d.public()) == 1


def test_a_message_that_is_public_already_is_only_crossposted(simulator: Simulator):
    d = drive(simulator, ANNOUNCEMENTS)
    d.crash(CARRY_ON, 2)
    simulator.set("discord", "nonce_seconds", 0, d.account.platform_account_id)
    result = published(d.finish(CARRY_ON))
    [post] = d.public()
    assert (post["id"], post["url"], post["extra"]["flags"]) == (result.id, result.url, 1)


@pytest.mark.parametrize("make", [drive, webhook])
def test_only_a_bot_in_an_announcement_channel_crossposts(simulator: Simulator, make):
    d = make(simulator)
    error = d.raises(Rejected, CARRY_ON)
    assert (error.code, error.actor) == ("option_rejected", "customer")
    assert d.public() == []


@pytest.mark.parametrize("step", ["create_message", "crosspost"])
def test_a_lookup_tells_whether_a_message_was_crossposted(simulator: Simulator, step: str):
    d = drive(simulator, ANNOUNCEMENTS)
    if step == "create_message":
        d.fault(call=step, drop="after", times=1)
        d.raises(OutcomeUnknown, CARRY_ON)
    else:
        # The worker dies between the two calls, with the first one's id stored.
        d.crash(CARRY_ON, 2)
    found = published(d.find(CARRY_ON))
    assert found.id == d.public()[0]["id"]
    assert any("lost" in note for note in found.notes)
    simulator.http.delete("/control/faults")


# Refusals


@pytest.mark.parametrize(
    ("lacks", "draft", "word"),
    [
        ("VIEW_CHANNEL", HELLO, "invite it"),
        ("SEND_MESSAGES", HELLO, "permission"),
        ("ATTACH_FILES", Draft("Look", (picture(),)), "Attach Files"),
    ],
)
def test_a_bot_that_lost_its_place_must_be_reconnected(simulator, lacks, draft, word):
    d = drive(simulator)
    d.set("lacks", [lacks])
    error = d.raises(Unauthorized, draft)
    assert (error.code, error.actor) == ("permission_missing", "account owner")
    assert word in error.message
    assert d.public() == []


def test_a_channel_or_webhook_that_is_gone_must_be_connected_anew(simulator: Simulator):
    for d in (drive(simulator), webhook(simulator)):
        number = d.account.platform_account_id
        d.account = type(d.account)(number[:-4] + "9999", "doves", d.account.token)
        error = d.raises(Unauthorized)
        assert (error.code, error.actor) == ("account_needs_reconnection", "account owner")
        assert error.http_status == 404


@pytest.mark.parametrize(
    ("code", "status", "kind", "ours"),
    [
        (40005, 413, Rejected, "media_rejected"),
        (50045, 400, Rejected, "media_rejected"),
        (20016, 400, RateLimited, "rate_limited"),
        (40004, 403, Rejected, "account_restricted"),
        (200000, 400, Rejected, "content_rejected"),
        (520002, 400, Rejected, "option_rejected"),
        (130000, 400, OutcomeUnknown, "outcome_unknown"),
        (10004, 404, Unauthorized, "permission_missing"),
        (99999, 400, Rejected, "content_rejected"),
        (99999, 403, Unauthorized, "permission_missing"),
        (50035, 503, OutcomeUnknown, "outcome_unknown"),
    ],
)
def test_a_code_of_discord_says_who_must_act(simulator: Simulator, code, status, kind, ours):
    body = json.dumps({"code": code, "message": "Doves say no."})
    error = drive(simulator).refusal(HELLO, "create_message", status, body)
    assert (type(error), error.code, error.platform_code) == (kind, ours, str(code))
    assert error.unmapped == ((code, status) == (99999, 400))


def test_an_invalid_form_names_its_field(simulator: Simulator):
    def refusal(errors: object) -> object:
        body = json.dumps({"code": 50035, "message": "Invalid Form Body", "errors": errors})
        return drive(simulator).refusal(HELLO, "create_message", 400, body)

    long = {"_errors": [{"code": "BASE_TYPE_MAX_LENGTH", "message": "Must be 2000."}]}
    error = refusal({"content": long})
    assert (error.code, "content: Must be 2000." in error.message) == ("text_too_long", True)
    error = refusal({"embeds": {"0": {"url": {"_errors": [{"message": "Not a URL."}]}}}})
    assert (error.code, "embeds.0.url: Not a URL." in error.message) == ("content_rejected", True)
    for odd in ({}, {"a": 5}, {"_errors": []}, {"_errors": [5]}, "no", None):
        assert refusal(odd).message == "Discord refused the post: Invalid Form Body"


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_a_page_in_front_of_discord_proves_nothing(d: Drive, who: str, status: int):
    d.fault(call=CALLS[who], status=status, body="<html>Are you a robot?</html>", times=1)
    error = d.raises(OutcomeUnknown)
    assert "in front of Discord" in error.message
    look = "get_webhook" if who == "webhook" else "get_channel"
    d.checkpoint = {}
    d.fault(call=look, status=status, body="<html>Are you a robot?</html>", times=1)
    assert d.raises(Unavailable).code == "platform_unavailable"


@pytest.mark.parametrize(
    ("body", "seconds"),
    [
        ('{"retry_after": 1336.57, "global": true}', 1336.57),
        ('{"retry_after": "soon"}', None),
        ("<html>", None),
    ],
)
def test_a_limit_lasts_as_long_as_discord_says(simulator: Simulator, body: str, seconds):
    error = drive(simulator).refusal(HELLO, "create_message", 429, body)
    assert (type(error), error.retry_after_seconds) == (RateLimited, seconds)


def test_numbers_are_the_sum_of_all_reactions(simulator: Simulator):
    d = drive(simulator)
    post_id = published(d.finish(HELLO)).id
    for given, likes in (
        ([{"count": 2}, {"count": 3}], 5),
        (None, 0),
        ([{"count": 2}, {"count": "many"}], None),
    ):
        body = json.dumps({"id": post_id, "reactions": given})
        d.fault(call="get_message", status=200, body=body, times=1)
        assert d.read_metrics(post_id)[post_id].likes == likes


def test_a_message_without_an_author_is_no_proof_either_way(simulator: Simulator):
    d = drive(simulator)
    post_id = published(d.finish(HELLO)).id
    for author, own in (({"id": "5"}, False), ({}, None), ("dora", None)):
        body = json.dumps({"id": post_id, "author": author})
        d.fault(call="get_message", status=200, body=body, times=1)
        assert d.shows_as_own(post_id) is own
    assert isinstance(d.find(HELLO), Published)


@pytest.mark.parametrize("body", ['{"id": "a"}', '{"id": ""}', '{"id": "1", "channel_id": ""}'])
def test_an_answer_without_an_id_is_no_answer(d: Drive, who: str, body: str):
    if who != "webhook" and "channel_id" in body:
        body = '{"id": null}'
    d.fault(call=CALLS[who], status=200, body=body, effect=True, times=1)
    d.raises(OutcomeUnknown)
    assert len(d.public()) == 1
