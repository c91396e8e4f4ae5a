"""Looking for a Pin whose answer was lost."""

import dataclasses
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from platforms.drafts import Draft
from platforms.errors import OutcomeUnknown, Unavailable
from platforms.outcomes import Absent, Undeterminable
from platforms.pinterest.board import Board
from platforms.pinterest.lookup import PATIENCE_SECONDS, is_alike
from tests.platforms.driver import Drive, published
from tests.platforms.pinterest import steps
from tests.platforms.samples import JPEG


def lose(d: Drive, draft: Draft, drop: str) -> None:
    d.fault(call="create_pin", drop=drop, times=1)
    assert type(d.fails(draft)) is OutcomeUnknown


def by_hand(d: Drive, text: str) -> str:
    """A Pin that the person makes."""
    kept, d.checkpoint = d.checkpoint, {}
    pin_id = published(d.finish(Draft(text, (JPEG,)))).id
    d.checkpoint = kept
    return pin_id


def listed(d: Drive, *pins: dict[str, Any], bookmark: str | None = None) -> None:
    """What the list of the board shows from now on."""
    body = json.dumps({"items": list(pins), "bookmark": bookmark})
    d.fault(call="list_pins", status=200, body=body)


def shown(number: int, **fields: Any) -> dict[str, Any]:
    """A Pin as it is listed: the one of `steps.IMAGE`, made now, if nothing else is said."""
    said = {"description": "Coo", **steps.SAID, "media": {"media_type": "image"}}
    at = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}"
    return {"id": str(number), "created_at": at, **said, **fields}


@pytest.mark.parametrize(
    "draft", [steps.IMAGE, steps.CAROUSEL, steps.MOVING, steps.COVERED, steps.IN_SECTION]
)
def test_each_kind_of_pin_is_found(d: Drive, draft: Draft):
    by_hand(d, "Before")
    lose(d, draft, "after")
    by_hand(d, "Meanwhile")
    found = published(d.find(draft))
    [post] = [each for each in d.public() if each["text"] == "Coo"]
    assert (found.id, found.url) == (post["id"], post["url"])


def test_the_same_pin_of_before_is_not_taken_for_it(d: Drive):
    published(d.finish(steps.IMAGE))
    d.checkpoint = {}
    lose(d, steps.IMAGE, "before")
    assert d.find(steps.IMAGE) == Absent(proven=False)
    assert d.find(steps.IMAGE, steps.over()) == Absent()


def test_the_same_pin_of_another_destination_is_not_taken_for_it(d: Drive):
    lose(d, steps.IMAGE, "before")
    kept, d.checkpoint = d.checkpoint, {}
    theirs = published(d.finish(steps.IMAGE)).id
    d.checkpoint, d.theirs = kept, {theirs}
    assert d.find(steps.IMAGE, steps.over()) == Absent()


def test_of_two_pins_alike_the_earlier_one_is_ours(d: Drive):
    lose(d, steps.IMAGE, "after")
    [first] = d.public()
    kept, d.checkpoint = d.checkpoint, {}
    published(d.finish(steps.IMAGE))
    d.checkpoint = kept
    assert published(d.find(steps.IMAGE)).id == first["id"]


def test_absence_is_proven_after_five_minutes_once_and_then_a_person_looks(d: Drive):
    by_hand(d, "Before")
    lose(d, steps.IMAGE, "before")
    assert d.find(steps.IMAGE) == Absent(proven=False)
    assert d.find(steps.IMAGE, steps.over()) == Absent()

    lose(d, steps.IMAGE, "before")
    found = d.find(steps.IMAGE, steps.over())
    assert found == Undeterminable("https://www.pinterest.com/doves/")


def test_a_pin_that_no_destination_has_leaves_the_absence_unproven(d: Drive):
    lose(d, steps.IMAGE, "before")
    unknown = by_hand(d, "By hand")
    assert d.find(steps.IMAGE, steps.over()) == Absent(proven=False)

    d.theirs = {unknown}
    assert d.find(steps.IMAGE, steps.over()) == Absent()


def test_pins_of_others_on_a_group_board_are_none_of_ours(d: Drive):
    lose(d, steps.IMAGE, "before")
    listed(d, shown(7, is_owner=False), shown(8, description="Else", is_owner=False))
    assert d.find(steps.IMAGE, steps.over()) == Absent()


def test_a_list_that_does_not_reach_back_proves_nothing(d: Drive):
    by_hand(d, "Before")
    lose(d, steps.IMAGE, "before")
    listed(d, shown(7, is_owner=False), bookmark="7")
    assert d.find(steps.IMAGE, steps.over()) == Absent(proven=False)


def test_a_pin_that_was_moved_to_the_board_does_not_end_the_reading(d: Drive):
    """It is old, and stands before a newer one."""
    by_hand(d, "Before")
    lose(d, steps.IMAGE, "before")
    old = f"{datetime.now(UTC) - timedelta(days=9):%Y-%m-%dT%H:%M:%S}"
    behind = d.checkpoint["behind"][0]
    pins = [
        shown(7, description="Moved", created_at=old),
        shown(8),
        shown(int(behind), description="Before"),
    ]
    listed(d, *pins)
    assert published(d.find(steps.IMAGE)).id == "8"


def test_the_newest_pin_of_before_may_be_gone(d: Drive):
    gone = by_hand(d, "Before")
    lose(d, steps.IMAGE, "after")
    assert d.delete(gone) == "deleted"
    published(d.find(steps.IMAGE))


def test_the_whole_list_is_read_page_by_page(d: Drive, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(Board.pins.__kwdefaults__, "count", 2)
    by_hand(d, "Before")
    lose(d, steps.IMAGE, "after")
    for number in range(3):
        by_hand(d, f"Later {number}")
    published(d.find(steps.IMAGE))


def test_a_list_that_is_refused_before_stops_no_publishing(d: Drive):
    d.fault(call="list_pins", times=1, status=403)
    published(d.finish(steps.IMAGE))


@pytest.mark.parametrize("fault", [{"status": 500}, {"drop": "before"}])
def test_a_list_that_is_not_answered_before_stops_publishing_for_minutes(d: Drive, fault: dict):
    d.fault(call="list_pins", times=3, **fault)
    assert [type(d.fails(steps.IMAGE)) for _ in range(2)] == [Unavailable, Unavailable]
    assert not d.public()
    d.checkpoint["asked_in_vain_since"] -= PATIENCE_SECONDS
    published(d.finish(steps.IMAGE))


def test_without_the_list_of_before_a_pin_is_found_and_no_absence_proven(d: Drive):
    d.fault(call="list_pins", times=1, status=403)
    lose(d, steps.IMAGE, "before")
    assert d.find(steps.IMAGE, steps.over()) == Absent(proven=False)

    listed(d, shown(7, created_at=None), shown(6, created_at="2020-01-01T00:00:00"))
    assert d.find(steps.IMAGE, steps.over()) == Absent(proven=False)
    d.simulator.http.delete("/control/faults")
    lose(d, steps.IMAGE, "after")
    published(d.find(steps.IMAGE))


@pytest.mark.parametrize("body", ["{}", "[]", '{"items": 5}', '{"items": [{"id": "a/b"}]}'])
def test_a_list_that_cannot_be_read_says_nothing(d: Drive, body: str):
    lose(d, steps.IMAGE, "before")
    d.fault(call="list_pins", status=200, body=body)
    with pytest.raises(Unavailable):
        d.find(steps.IMAGE, steps.over())


@pytest.mark.parametrize(
    ("fields", "same"),
    [
        ({}, True),
        ({"description": " Coo! ", "title": "Of  doves"}, True),
        ({"media": None}, True),
        ({"media": {"media_type": "video"}}, False),
        ({"title": None}, False),
        ({"description": "Coo coo"}, False),
        ({"link": "https://example.com/hawks"}, False),
    ],
)
def test_a_pin_is_recognised_by_what_it_says(fields: dict, same: bool):
    assert is_alike(steps.IMAGE, shown(7, **fields)) is same


def test_signs_alone_are_compared_as_they_are():
    draft = dataclasses.replace(steps.IMAGE, text="🕊 🕊")
    assert is_alike(draft, shown(7, description="🕊🕊")) is True
    assert is_alike(draft, shown(7, description="🎉")) is False
