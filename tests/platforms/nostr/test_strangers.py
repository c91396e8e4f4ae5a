"""Relays may send anything: what was not asked for is not there."""

import json
from typing import Any

import pytest

from platforms.http.client import Answer
from platforms.nostr import relays
from platforms.nostr.events import NOTE, PROFILE, Key, is_genuine

OURS, THEIRS = Key("ab" * 32), Key("cd" * 32)
RELAY = "wss://relay.example"


def found(wanted: dict[str, Any], *events: dict[str, Any]) -> list[str]:
    """The texts of the events that are believed of a relay that sends these."""
    said = [*(["EVENT", "dovecote", event] for event in events), ["EOSE", "dovecote"]]
    answer = Answer(200, {}, json.dumps(list(map(json.dumps, said))).encode())
    known = relays.Relays([RELAY], OURS, http=None)  # type: ignore[arg-type] - nothing is called
    return [event["content"] for event in known._found(RELAY, answer, wanted).found.values()]


def test_an_event_of_another_author_is_not_ours():
    profiles = [key.signed(PROFILE, name, [], 1) for key, name in ((OURS, "we"), (THEIRS, "they"))]
    wanted = {"kinds": [PROFILE], "authors": [OURS.pubkey]}
    assert found(wanted, *profiles) == ["we"]


def test_an_event_of_another_id_or_kind_was_not_asked_for():
    one, other = (OURS.signed(NOTE, text, [], 1) for text in ("one", "other"))
    assert found({"ids": [one["id"]]}, other, one) == ["one"]
    assert found({"kinds": [PROFILE]}, one) == []


@pytest.mark.parametrize(
    "wrong",
    [{"created_at": "abc"}, {"created_at": 10**30}, {"kind": "0"}, {"tags": 5}, {"sig": None}],
)
def test_an_event_of_wrong_types_is_not_genuine(wrong: dict[str, Any]):
    assert not is_genuine(OURS.signed(NOTE, "one", [], 1) | wrong)


def test_only_so_many_signatures_are_looked_at(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(relays, "MOST_EVENTS", 3)
    events = [OURS.signed(NOTE, str(number), [], number) for number in range(9)]
    assert found({"kinds": [NOTE]}, *events) == ["0", "1", "2"]
