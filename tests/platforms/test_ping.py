"""What pings make of answers that only some networks give."""

import json

import pytest

from platforms.errors import Unauthorized, Unavailable
from tests.platforms.facts import connect
from tests.platforms.nostr.account import FIRST, SECOND
from tests.platforms.nostr.account import drive as nostr

MISSING = {"code": 100, "error_subcode": 33, "message": "Unsupported get request."}


@pytest.mark.parametrize("key", ["facebook", "instagram", "threads"])
def test_an_account_that_its_token_may_no_longer_see_is_an_answer(simulator, key):
    drive = connect(simulator, key, "17841400000000003")
    drive.fault(status=400, body=json.dumps({"error": MISSING}))

    assert isinstance(drive.ping(), Unauthorized)
    assert len(drive.requests) == 1


def test_one_relay_that_answers_is_enough(simulator):
    drive = nostr(simulator, FIRST, SECOND)
    simulator.set("nostr", "away", [FIRST.removeprefix("wss://")])
    assert drive.ping() is None

    simulator.set("nostr", "away", [url.removeprefix("wss://") for url in (FIRST, SECOND)])
    assert isinstance(drive.ping(), Unavailable)


def test_the_refusal_of_one_relay_is_an_answer_although_another_is_away(simulator):
    drive = nostr(simulator, FIRST, SECOND)
    simulator.set("nostr", "away", [FIRST.removeprefix("wss://")])
    drive.fault(call="query", status=403)

    assert isinstance(drive.ping(), Unauthorized)


def test_an_account_without_relays_says_nothing_of_the_network(simulator):
    assert isinstance(nostr(simulator, " ").ping(), Unauthorized)
