"""The comparison itself: what it calls by which word, so that no harm can pass as truth."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.chaos import books, table
from tests.chaos.books import Asked, Ours, Verdict

DUE = datetime(2026, 1, 1, tzinfo=UTC)
ASKED = Asked("mark000000000001", "x", 1, "99", DUE)
PUBLISHED = Ours("published", None, "", "7", DUE + timedelta(seconds=4), "x", 1, "", "")
FAILED = replace(PUBLISHED, status="failed", platform_post_id="", error_code="rejected")
MAY_BE_LIVE = replace(FAILED, error_code="outcome_unknown")
WAITING = replace(FAILED, next_retry_at=DUE)


def compared(asked=ASKED, row=PUBLISHED, public=("7",), **allowed):
    options = {"broken_at": {}, "may_stay_unknown": (), "may_be_refused": (), **allowed}
    own = {(asked.mark, asked.account): row} if row else {}
    wall = {(asked.mark, asked.network, asked.network_id): list(public)} if public else {}
    return books.compare([asked], own, wall, **options)


@pytest.mark.parametrize(
    ("row", "public", "word"),
    [
        (PUBLISHED, ("7",), "once"),
        (PUBLISHED, ("7", "8"), "twice"),
        (PUBLISHED, ("8",), "wrong"),
        (PUBLISHED, (), "wrong"),
        (FAILED, ("7",), "wrong"),
        (FAILED, (), "lost"),
        (MAY_BE_LIVE, ("7",), "wrong"),
        (MAY_BE_LIVE, (), "wrong"),
        (WAITING, (), "lost"),
        (replace(PUBLISHED, status="publishing"), ("7",), "lost"),
        (None, (), "lost"),
    ],
)
def test_a_destination_is_once_or_it_is_harm(row, public, word):
    assert [verdict.word for verdict in compared(row=row, public=public)] == [word]


@pytest.mark.parametrize(
    ("row", "public", "word"),
    [
        (MAY_BE_LIVE, ("7",), "unknown"),
        (MAY_BE_LIVE, (), "unknown"),
        (MAY_BE_LIVE, ("7", "8"), "twice"),
        (FAILED, (), "refused"),
        (FAILED, ("7",), "wrong"),
    ],
)
def test_what_a_network_cannot_tell_or_refuses_is_allowed_where_the_scenario_says_so(
    row, public, word
):
    (verdict,) = compared(row=row, public=public, may_stay_unknown=["x"], may_be_refused=["x"])
    assert verdict.word == word


@pytest.mark.parametrize(
    ("wish", "row", "public", "word"),
    [
        ("maybe", None, (), "none"),
        ("maybe", PUBLISHED, ("7",), "once"),
        ("maybe", PUBLISHED, ("7", "8"), "twice"),
        ("maybe", None, ("7",), "lost"),
        ("never", None, (), "none"),
        ("never", None, ("7",), "wrong"),
        ("never", PUBLISHED, ("7",), "wrong"),
    ],
)
def test_what_was_refused_or_cancelled_may_not_be_public_behind_the_customers_back(
    wish, row, public, word
):
    (verdict,) = compared(replace(ASKED, wish=wish), row, public)
    assert verdict.word == word


def test_a_public_post_without_a_request_is_harm():
    wall = {("mark00000000000f", "x", "99"): ["7"]}
    options = {"broken_at": {}, "may_stay_unknown": (), "may_be_refused": ()}
    (verdict,) = books.compare([], {}, wall, **options)
    assert verdict.word == "wrong"


def test_truth_is_counted_from_the_later_of_due_and_break():
    (calm,) = compared()
    (broken,) = compared(broken_at={"x": DUE + timedelta(seconds=3)})
    assert (calm.seconds, broken.seconds) == (4, 1)


def test_parts_of_a_chain_do_not_count_as_a_second_post():
    head = {"id": "7", "network": "x", "account": "99", "text": "mark000000000001", "extra": {}}
    part = {**head, "id": "8", "extra": {"reply": {"in_reply_to_tweet_id": "7"}}}
    assert books.public([head, part]) == {("mark000000000001", "x", "99"): ["7"]}


def test_the_table_has_a_line_per_network_and_one_for_all_and_tells_every_harm():
    found = {
        "storm": [
            Verdict("x", "once", 1),
            Verdict("x", "twice", 9, "mark and ids"),
            Verdict("threads", "unknown", 2),
        ]
    }
    shown = table.rows(found)
    assert [line[:3] for line in shown] == [
        ("storm", "x", "2"),
        ("storm", "threads", "1"),
        ("all", "", "3"),
    ]
    assert shown[0][3:] == ("1", "0", "0", "0", "1", "0", "0", "0", "1.0", "9.0", "9.0")
    assert table.harm(found) == ["storm: twice: mark and ids"]
    assert table.by_scenario(shown)[0] == ("storm", "3", *"11001000", "9.0")
