"""Publishing at relays: several at once, what each says, and never a second event."""

import dataclasses
import json

import pytest

from platforms.drafts import Draft
from platforms.errors import (
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Unauthorized,
    Unavailable,
)
from platforms.nostr import nip19
from platforms.nostr.events import tag_values
from platforms.outcomes import Absent, PartiallyPublished
from tests.conftest import Simulator
from tests.platforms.driver import Drive, published
from tests.platforms.nostr.account import FIRST, SECOND, drive
from tests.platforms.nostr.facts import ABOUT, PIGEON, prepare
from tests.platforms.nostr.steps import events_at, say
from tests.platforms.samples import CLIP, PICTURE, THREAD

HELLO = Draft("Hello")
AWAY = [SECOND.removeprefix("wss://")]


@pytest.fixture
def both(simulator: Simulator) -> Drive:
    """An account at two relays."""
    return drive(simulator, FIRST, SECOND)


def refuse(known: Drive, words: str, *relays: str) -> None:
    known.set("refusals", {relay.removeprefix("wss://"): words for relay in relays})


def test_all_relays_get_the_same_event(both: Drive):
    result = published(both.publish(HELLO))
    [event] = events_at(both.simulator, FIRST, result.id)
    assert events_at(both.simulator, SECOND, result.id) == [event]
    assert result.url == f"https://njump.me/{nip19.nevent(result.id, event['pubkey'])}"
    assert (result.notes, both.sends, len(both.requests)) == ((), 1, 2)


def test_one_relay_is_enough_and_the_others_are_told_of(both: Drive):
    refuse(both, "blocked: no doves", FIRST)
    result = published(both.publish(HELLO))
    assert events_at(both.simulator, FIRST, result.id) == []
    assert len(events_at(both.simulator, SECOND, result.id)) == 1
    count, why = result.notes
    assert count == "1 of 2 relays took all of the post."
    assert why == f"{FIRST} blocks the account: no doves"


def test_a_relay_that_is_away_keeps_no_post_back(both: Drive):
    both.simulator.set("nostr", "away", AWAY)
    result = published(both.publish(HELLO))
    assert "instead of opening a websocket" in result.notes[1]


@pytest.mark.parametrize(
    ("words", "error", "code"),
    [
        ("blocked: banned", Unauthorized, "account_restricted"),
        ("restricted: members only", Unauthorized, "permission_missing"),
        ("auth-required: who?", Unauthorized, "permission_missing"),
        ("rate-limited: slow down", RateLimited, "rate_limited"),
        ("pow: 28 bits", Rejected, "account_restricted"),
        ("invalid: too large", Rejected, "content_rejected"),
        ("mute: no one listens", Rejected, "content_rejected"),
        ("error: the database", OutcomeUnknown, "outcome_unknown"),
        ("we do not like it", Rejected, "content_rejected"),
    ],
)
def test_each_word_of_relays_has_a_code(both: Drive, words: str, error: type, code: str):
    refuse(both, words, FIRST, SECOND)
    raised = both.raises(error, HELLO)
    assert (raised.code, raised.unmapped) == (code, words.startswith("we"))
    assert both.public() == []
    said = words.partition(": ")[2] or words
    assert raised.message.count(said) == 2
    assert both.state == ("sent" if error is OutcomeUnknown else "answered")


def test_a_refusal_that_names_no_event_is_one(both: Drive):
    both.set("names_refused", False)
    refuse(both, "invalid: no", FIRST, SECOND)
    assert "no" in both.raises(Rejected, HELLO).message
    assert both.state == "answered"


@pytest.mark.parametrize(
    ("words", "error"),
    [("rate-limited: slow", RateLimited), ("error: ?", OutcomeUnknown), ("invalid: ?", Rejected)],
)
def test_what_may_pass_outweighs_what_will_not(both: Drive, words: str, error: type):
    refuse(both, "blocked: banned", FIRST)
    both.set("refusals", {FIRST[6:]: "blocked: banned", SECOND[6:]: words})
    raised = both.raises(error, HELLO)
    assert "banned" in raised.message


def test_a_relay_that_was_not_reached_outweighs_one_that_refuses(both: Drive):
    both.simulator.set("nostr", "away", AWAY)
    refuse(both, "invalid: no", FIRST)
    both.raises(Unavailable, HELLO)
    assert both.state == "answered"


@pytest.mark.parametrize("drop", ["before", "after"])
def test_after_a_lost_answer_the_very_same_event_is_sent(both: Drive, drop: str):
    both.fault(call="publish", drop=drop)
    both.raises(OutcomeUnknown, HELLO)
    signed = both.checkpoint["signed"]
    both.simulator.http.delete("/control/faults").raise_for_status()
    result = published(both.publish(HELLO))
    assert both.checkpoint["signed"] == signed
    assert [post["id"] for post in both.public()] == [result.id] == [signed["events"][0]["id"]]


def test_a_repeat_that_relays_refuse_as_known_is_published(both: Drive):
    both.set("denies_duplicates", True)
    both.fault(call="publish", drop="after")
    both.raises(OutcomeUnknown, HELLO)
    both.simulator.http.delete("/control/faults").raise_for_status()
    assert published(both.publish(HELLO)).notes == ()
    assert len(both.public()) == 1


def test_what_was_edited_after_a_failure_is_signed_anew(both: Drive):
    refuse(both, "invalid: no", FIRST, SECOND)
    both.raises(Rejected, HELLO)
    before = both.checkpoint["signed"]["events"][0]["id"]
    refuse(both, "")
    result = published(both.publish(Draft("Hello again")))
    assert result.id != before
    assert [post["text"] for post in both.public()] == ["Hello again"]


def test_an_article_keeps_its_name_when_it_is_edited(both: Drive):
    refuse(both, "invalid: no", FIRST, SECOND)
    article = Draft("One", settings={"title": "Doves"}, post_type="Article")
    both.raises(Rejected, article)
    [before] = both.checkpoint["signed"]["events"]
    refuse(both, "")
    result = published(both.publish(dataclasses.replace(article, text="Two")))
    [event] = events_at(both.simulator, FIRST, result.id)
    assert tag_values(event, "d") == tag_values(before, "d")


def test_a_lookup_asks_each_relay_that_may_have_the_post(both: Drive):
    both.fault(call="publish", drop="before")
    both.raises(OutcomeUnknown, HELLO)
    both.simulator.http.delete("/control/faults").raise_for_status()
    assert both.find(HELLO) == Absent()
    both.simulator.set("nostr", "away", AWAY)
    with pytest.raises(Unavailable, match="instead of opening a websocket"):
        both.find(HELLO)


def test_a_relay_that_refused_proves_nothing_and_is_not_waited_for(both: Drive):
    both.simulator.set("nostr", "away", AWAY)
    both.fault(call="publish", drop="before")
    both.raises(OutcomeUnknown, HELLO)
    both.simulator.http.delete("/control/faults").raise_for_status()
    # The second relay never got it: only the first one may have it.
    assert both.checkpoint["doubtful"] == [FIRST]
    assert both.find(HELLO) == Absent()


def test_a_crash_leaves_all_relays_in_doubt(both: Drive):
    both.crash(HELLO, 1)
    assert both.checkpoint["doubtful"] == [FIRST, SECOND]
    assert both.find(HELLO) == Absent()


def test_a_lookup_asks_relays_that_the_account_no_longer_has(both: Drive):
    both.fault(call="publish", drop="after")
    both.raises(OutcomeUnknown, HELLO)
    both.simulator.http.delete("/control/faults").raise_for_status()
    extra = {**both.account.extra, "relays": "wss://purplepag.es"}
    both.account = dataclasses.replace(both.account, extra=extra)
    assert published(both.find(HELLO)).id == both.public()[0]["id"]


def test_a_thread_is_public_in_order(both: Drive):
    result = published(both.publish(THREAD))
    assert [post["text"] for post in both.public()] == ["Three", "Two", "One"]
    assert both.adapter.public_parts(both.checkpoint)[0] == result.id
    assert both.sends == 1


def test_a_thread_that_breaks_off_goes_on_with_the_same_parts(simulator: Simulator):
    known = drive(simulator)
    known.fault(call="publish", drop="after", skip=1, times=1)
    known.raises(OutcomeUnknown, THREAD)
    [second, first] = known.public()
    found = known.find(THREAD)
    assert found == PartiallyPublished(first["id"])
    published(known.publish(THREAD))
    assert [post["text"] for post in known.public()] == ["Three", "Two", "One"]
    assert known.public()[1]["id"] == second["id"]


def test_a_refused_part_says_what_is_public(simulator: Simulator):
    known = drive(simulator)
    known.fault(call="publish", status=400, skip=1)
    raised = known.raises(Rejected, THREAD)
    assert raised.message.startswith("1 of 3 parts are public at https://njump.me/nevent1")
    assert [post["text"] for post in known.public()] == ["One"]


def test_a_relay_that_wants_to_know_who_posts_is_told(both: Drive):
    both.simulator.set("nostr", "challenges", True)
    assert published(both.publish(THREAD)).notes == ()
    assert len(both.public()) == 3


def test_a_key_of_another_account_publishes_nothing(both: Drive):
    both.account = dataclasses.replace(both.account, platform_account_id=PIGEON)
    raised = both.raises(Unauthorized, HELLO)
    assert (raised.code, both.requests) == ("account_needs_reconnection", [])


def test_an_account_without_relays_says_so(simulator: Simulator):
    known = drive(simulator)
    known.account = dataclasses.replace(known.account, extra={})
    assert "no relays" in known.raises(Unauthorized, HELLO).message


def test_a_reply_finds_its_parent_at_the_accounts_relays(both: Drive):
    prepare(both.simulator)
    draft = Draft("Coo yourself", settings={"replyTo": ABOUT})
    result = published(both.publish(draft))
    [event] = events_at(both.simulator, FIRST, result.id)
    assert tag_values(event, "p") == [[PIGEON]]


def test_a_reply_to_nothing_is_refused(both: Drive):
    for link in (nip19.nevent("ab" * 32), nip19.encode("note", bytes(32))):
        raised = both.raises(Rejected, Draft("Coo", settings={"replyTo": link}))
        assert raised.code == "target_missing"
    both.simulator.set("nostr", "away", AWAY)
    both.raises(Unavailable, Draft("Coo", settings={"replyTo": nip19.nevent("ab" * 32)}))


def test_a_reply_to_an_article_is_refused(both: Drive):
    article = Draft("One", settings={"title": "Doves"}, post_type="Article")
    other = published(both.publish(article))
    both.checkpoint = {}
    raised = both.raises(Rejected, Draft("Coo", settings={"replyTo": other.url}))
    assert raised.code == "option_rejected"


# Files


def test_a_file_is_stored_once_and_shown(simulator: Simulator):
    known = drive(simulator)
    result = published(known.publish(PICTURE))
    [post] = known.public()
    assert len(post["media"]) == 1
    [event] = events_at(simulator, FIRST, result.id)
    [facts] = tag_values(event, "imeta")
    assert facts[0].removeprefix("url ") in event["content"]


def test_files_that_were_stored_are_not_sent_again(simulator: Simulator):
    known = drive(simulator)
    draft = Draft("Look", (*PICTURE.media, *CLIP.media))
    known.fault(call="upload", status=500, skip=1, times=1)
    known.raises(Unavailable, draft)
    known.requests.clear()
    published(known.publish(draft))
    assert [each.split()[0] for each in known.requests] == ["PUT", "WS"]


@pytest.mark.parametrize(
    ("status", "error", "code"),
    [
        (401, Rejected, "media_rejected"),
        (402, Rejected, "media_rejected"),
        (403, Rejected, "media_rejected"),
        (409, Rejected, "media_rejected"),
        (413, Rejected, "media_rejected"),
        (415, Rejected, "media_rejected"),
        (400, Rejected, "content_rejected"),
        (302, Unavailable, "address_refused"),
        (429, RateLimited, "rate_limited"),
        (500, Unavailable, "platform_unavailable"),
    ],
)
def test_a_media_server_that_refuses_says_nothing_of_the_account(
    simulator: Simulator, status: int, error: type, code: str
):
    known = drive(simulator)
    known.fault(call="upload", status=status)
    raised = known.raises(error, PICTURE)
    assert (raised.code, raised.http_status) == (code, status)
    assert known.public() == []


def test_an_account_without_a_media_server_publishes_texts_only(simulator: Simulator):
    known = drive(simulator, media="")
    assert known.raises(Rejected, PICTURE).code == "media_rejected"
    published(known.publish(HELLO))


@pytest.mark.parametrize("url", ["http://a.example/x.jpg", "https://a.example/x y", "", 7])
def test_a_media_server_that_stored_something_else_is_not_believed(
    simulator: Simulator, url: object
):
    known = drive(simulator)
    for told in ({"url": url, "sha256": "0" * 64}, {"url": url}):
        known.fault(call="upload", status=200, body=json.dumps(told), effect=True, times=1)
        known.raises(Unavailable, PICTURE)


# Deleting


def test_a_deletion_request_goes_to_the_relays_that_have_the_post(both: Drive):
    refuse(both, "blocked: no", SECOND)
    post_id = published(both.publish(HELLO)).id
    both.requests.clear()
    assert both.delete(post_id) == "deleted"
    assert both.requests.count(f"WS /{FIRST[6:]}/") == 2
    assert both.requests.count(f"WS /{SECOND[6:]}/") == 1
    assert both.public() == []
    assert both.delete(post_id) == "already_gone"


def test_an_article_is_deleted_by_its_name_too(simulator: Simulator):
    known = drive(simulator)
    article = Draft("One", settings={"title": "A", "identifier": "doves"}, post_type="Article")
    assert known.delete(published(known.publish(article)).id) == "deleted"
    assert known.public() == []


def test_a_relay_that_is_away_proves_no_deletion(both: Drive):
    post_id = published(both.publish(HELLO)).id
    assert both.delete(post_id) == "deleted"
    both.simulator.set("nostr", "away", AWAY)
    with pytest.raises(Unavailable):
        both.delete(post_id)


def test_a_post_is_its_owners(both: Drive):
    post_id = published(both.publish(HELLO)).id
    assert both.shows_as_own(post_id) is True
    assert drive(both.simulator).shows_as_own(post_id) is False
    both.simulator.set("nostr", "away", AWAY)
    with pytest.raises(Unavailable):
        both.shows_as_own("0" * 64)


# The simulated relay


@pytest.mark.parametrize(
    "message",
    ["coo", "[]", '["EVENT", 7]', '["REQ", "", {"ids": []}]', '["EVENT", {"a": 1, "a": 2}]'],
)
def test_the_relay_refuses_what_is_no_message(simulator: Simulator, message: str):
    [[word, *_]] = say(simulator, FIRST, message)
    assert word == "NOTICE"


def test_the_relay_verifies_events(both: Drive):
    published(both.publish(HELLO))
    [event] = both.checkpoint["signed"]["events"]
    for name, value in (("content", "Roo"), ("sig", "0" * 128), ("id", "0" * 64), ("kind", "1")):
        [[word, _, is_taken, why]] = say(both.simulator, FIRST, ["EVENT", {**event, name: value}])
        assert (word, is_taken, why[:8]) == ("OK", False, "invalid:"), name
