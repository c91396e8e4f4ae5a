"""What became of a message whose answer was lost: the channel is read, and a webhook cannot ask."""

import json

import pytest

from deploy.simulator.discord.demo import GUILD
from platforms.drafts import Draft
from platforms.errors import OutcomeUnknown, Unauthorized, Unavailable
from platforms.outcomes import Absent, Undeterminable
from tests.conftest import Simulator
from tests.platforms.discord.account import (
    CALLS,
    FORUM,
    TEXT,
    drive,
    over,
    picture,
    webhook,
)
from tests.platforms.discord.steps import CARD, POLL
from tests.platforms.driver import HELLO, Drive, published


@pytest.mark.parametrize("drop", ["after", "middle"])
@pytest.mark.parametrize("lists_nonces", [False, True])
@pytest.mark.parametrize("kind", [TEXT, FORUM])
@pytest.mark.parametrize(
    "draft",
    [
        Draft("Hello *dove*"),
        Draft("", (picture(), picture(640)), {"threadName": "a"}),
        Draft("", settings={"embeds": [CARD], "threadName": "a"}),
        Draft("Vote", settings=POLL),
        Draft("\U0001f54a\ufe0f"),
    ],
    ids=["text", "files", "embed", "poll", "emoji"],
)
def test_a_lost_answer_is_found_in_the_channel(simulator, drop, lists_nonces, kind, draft):
    d = drive(simulator, kind)
    if kind == TEXT:
        draft = Draft(
            draft.text, draft.media, {n: v for n, v in draft.settings.items() if n != "threadName"}
        )
    d.set("lists_nonces", lists_nonces)
    d.finish(Draft("Earlier"))
    d.checkpoint = {}
    d.fault(call="create_message" if kind == TEXT else "create_thread", drop=drop, times=1)
    d.raises(OutcomeUnknown, draft)
    found = published(d.find(draft))
    [post, _] = d.public()
    assert (found.id, found.url) == (post["id"], post["url"])


def test_a_webhooks_lost_answer_cannot_be_asked_for(simulator: Simulator):
    d = webhook(simulator)
    d.fault(call="execute_webhook", drop="after", times=1)
    d.raises(OutcomeUnknown)
    d.requests.clear()
    found = d.find(HELLO, over())
    assert isinstance(found, Undeterminable)
    assert found.look_at.startswith(f"https://discord.com/channels/{GUILD}/")
    assert d.requests == []


@pytest.mark.parametrize("kind", [TEXT, FORUM])
def test_what_a_whole_list_does_not_show_is_sent_once_more(simulator: Simulator, kind: int):
    d = drive(simulator, kind)
    call = "create_message" if kind == TEXT else "create_thread"
    d.fault(call=call, drop="before", times=2)
    d.raises(OutcomeUnknown)
    assert d.find(HELLO) == Absent(proven=False)
    assert d.find(HELLO, over()) == Absent()
    nonce = d.checkpoint["nonce"]
    d.raises(OutcomeUnknown)
    assert d.checkpoint["nonce"] == nonce
    assert isinstance(d.find(HELLO, over()), Undeterminable)
    assert d.public() == []


def test_a_repeat_within_minutes_returns_the_first_message(simulator: Simulator):
    d = drive(simulator)
    first = published(d.finish(HELLO))
    assert published(d.finish(HELLO)).id == first.id
    assert len(d.public()) == 1
    d.checkpoint["nonce"] = "another"
    assert published(d.finish(HELLO)).id != first.id


@pytest.mark.parametrize("kind", [TEXT, FORUM])
def test_a_list_that_may_be_hidden_proves_nothing(simulator: Simulator, kind: int):
    d = drive(simulator, kind)
    call = "create_message" if kind == TEXT else "create_thread"
    d.fault(call=call, drop="after", times=1)
    d.raises(OutcomeUnknown)
    d.set("lacks", ["READ_MESSAGE_HISTORY"])
    if kind == TEXT:
        assert d.find(HELLO, over()) == Absent(proven=False)
    else:
        with pytest.raises(Unauthorized):
            d.find(HELLO, over())


def test_another_destinations_equal_message_is_not_taken(simulator: Simulator):
    d = drive(simulator)
    d.fault(call="create_message", drop="before", times=1)
    d.raises(OutcomeUnknown)
    lost = dict(d.checkpoint)
    d.checkpoint = {}
    other = published(d.finish(HELLO))
    d.checkpoint, d.theirs = lost, {other.id}
    assert d.find(HELLO, over()) == Absent()
    d.checkpoint, d.theirs = lost, set()
    assert published(d.find(HELLO, over())).id == other.id


@pytest.mark.parametrize("lists_nonces", [False, True])
def test_an_own_message_that_no_one_knows_leaves_it_open(simulator: Simulator, lists_nonces):
    d = drive(simulator)
    d.set("lists_nonces", lists_nonces)
    d.fault(call="create_message", drop="before", times=1)
    d.raises(OutcomeUnknown)
    lost = dict(d.checkpoint)
    d.checkpoint = {}
    d.finish(Draft("Quite another"))
    d.checkpoint = lost
    assert d.find(HELLO, over()) == Absent(proven=lists_nonces)


def test_messages_of_others_and_of_the_system_are_not_the_bots(simulator: Simulator):
    d = drive(simulator)
    d.fault(call="create_message", drop="before", times=1)
    d.raises(OutcomeUnknown)
    own = d.account.platform_account_id.partition("@")[0]
    listed = [
        {"id": "9", "type": 0, "author": {"id": "5"}, "content": "Hello"},
        {"id": "8", "type": 46, "author": {"id": own}, "content": ""},
        {"id": "7", "content": "Hello"},
    ]
    d.fault(call="list_messages", status=200, body=json.dumps(listed), times=1)
    assert d.find(HELLO, over()) == Absent()


def test_a_busy_channel_is_read_page_by_page_up_to_a_bound(simulator: Simulator):
    d = drive(simulator)
    d.fault(call="create_message", drop="before", times=1)
    d.raises(OutcomeUnknown)
    page = [{"id": str(n), "author": {"id": "5"}} for n in range(1, 101)]
    d.fault(call="list_messages", status=200, body=json.dumps(page), times=3)
    d.requests.clear()
    assert d.find(HELLO, over()) == Absent()
    assert len(d.requests) == 4
    assert [query["after"] for _, query in d.queries[-3:]] == ["100"] * 3
    d.checkpoint.pop("sent_again")
    d.fault(call="list_messages", status=200, body=json.dumps(page))
    assert d.find(HELLO, over()) == Absent(proven=False)
    simulator.http.delete("/control/faults")


@pytest.mark.parametrize("body", ["{}", "<html>", '[{"id": "x"}]', "[5]", "null"])
def test_a_list_that_cannot_be_read_proves_nothing(simulator: Simulator, body: str):
    for kind, made, listed in (
        (TEXT, "create_message", "list_messages"),
        (FORUM, "create_thread", "active_threads"),
    ):
        d = drive(simulator, kind)
        d.fault(call=made, drop="before", times=1)
        d.raises(OutcomeUnknown)
        d.fault(call=listed, status=200, body=body, times=1)
        with pytest.raises(Unavailable):
            d.find(HELLO, over())


def test_a_thread_that_rests_already_is_found(simulator: Simulator):
    d = drive(simulator, FORUM)
    d.finish(Draft("Earlier"))
    d.checkpoint = {}
    d.fault(call="create_thread", drop="after", times=1)
    d.raises(OutcomeUnknown)
    d.set("archived", True)
    assert published(d.find(HELLO)).id == d.public()[0]["id"]


@pytest.mark.parametrize(
    ("rested", "proven"),
    [("2015-01-02T00:00:00+00:00", True), ("2999-01-01T00:00:00+00:00", False), ("?", False)],
)
def test_the_list_of_resting_threads_must_reach_back(simulator: Simulator, rested, proven):
    d = drive(simulator, FORUM)
    d.finish(Draft("Earlier"))
    d.checkpoint = {}
    d.fault(call="create_thread", drop="before", times=1)
    d.raises(OutcomeUnknown)
    old = {"id": "5", "parent_id": "1", "thread_metadata": {"archive_timestamp": rested}}
    body = json.dumps({"threads": [old], "has_more": True})
    d.fault(call="archived_threads", status=200, body=body, times=1)
    assert d.find(HELLO, over()) == Absent(proven=proven)


def test_a_thread_whose_first_message_is_gone_leaves_it_open(simulator: Simulator):
    d = drive(simulator, FORUM)
    d.fault(call="create_thread", drop="after", times=1)
    d.raises(OutcomeUnknown)
    d.fault(call="get_message", status=404, body='{"code": 10008, "message": "a"}', times=1)
    assert d.find(HELLO, over()) == Absent(proven=False)


@pytest.mark.parametrize("is_stored", [True, False])
def test_a_worker_that_dies_before_the_call_publishes_once(d: Drive, *, is_stored: bool):
    d.crash(HELLO, 1, is_stored=is_stored)
    d.finish(HELLO)
    assert len(d.public()) == 1


def test_a_refusal_keeps_the_nonce_and_a_later_try_is_public_once(d: Drive, who: str):
    d.fault(call=CALLS[who], status=403, times=1)
    d.raises(Unauthorized)
    d.finish(HELLO)
    assert (len(d.public()), d.sends) == (1, 2)
