"""The comparison itself: what it calls by which word, so that no harm can pass as truth."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.chaos import books, table
from tests.chaos.books import Asked, Ours, Verdict

DUE = datetime(2026, 1, 1, tzinfo=UTC)
MARK = "mark000000000001"
ASKED = Asked(MARK, "x", 1, "99", DUE)
PUBLISHED = Ours("published", None, "", "7", DUE + timedelta(seconds=4), "x", 1, "", "")
FAILED = replace(PUBLISHED, status="failed", platform_post_id="", error_code="rejected")
MAY_BE_LIVE = replace(FAILED, error_code="outcome_unknown")
WAITING = replace(FAILED, next_retry_at=DUE)


def post(post_id, text):
    at = int(post_id)
    return {
        "id": post_id,
        "network": "x",
        "account": "99",
        "text": text,
        "extra": {},
        "created_at": at,
    }


def compared(asked=ASKED, row=PUBLISHED, public=("7",), more=None, **allowed):
    """`more` is what is public besides."""
    options = {"broken_at": {}, "may_stay_unknown": (), "may_be_refused": (), **allowed}
    own = {(asked.mark, asked.account): row} if row else {}
    wall = {(asked.mark, asked.network, asked.network_id): list(public)} if public else {}
    wall |= more or {}
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


def test_parts_of_a_chain_have_a_place_of_their_own():
    assert books.public([post("7", f"Post {MARK}"), post("8", f"Part 2 {MARK}")]) == {
        (MARK, "x", "99"): ["7"],
        (f"{MARK} part 2", "x", "99"): ["8"],
    }


@pytest.mark.parametrize(
    ("second", "third", "word"),
    [
        (["8"], ["9"], "once"),
        (["8", "10"], ["9"], "twice"),
        (["8"], [], "wrong"),
        ([], [], "wrong"),
    ],
)
def test_each_part_of_a_chain_is_public_once(second, third, word):
    chain = replace(ASKED, parts=(2, 3))
    parts = {2: second, 3: third}
    more = {(f"{MARK} part {number}", "x", "99"): ids for number, ids in parts.items() if ids}

    (verdict,) = compared(chain, more=more)

    assert verdict.word == word


def test_a_part_that_no_one_asked_for_is_harm():
    more = {(f"{MARK} part 4", "x", "99"): ["8"]}

    assert [verdict.word for verdict in compared(more=more)] == ["once", "wrong"]


@pytest.mark.parametrize(
    ("ids", "word"), [(["7"], "once"), (["7", "8"], "twice"), (["8"], "wrong"), ([], "wrong")]
)
def test_a_story_is_known_by_its_account_and_its_id(ids, word):
    shown = books.public([post(post_id, "") for post_id in ids])

    (verdict,) = compared(replace(ASKED, is_silent=True), public=(), more=shown)

    assert verdict.word == word


def test_what_shows_no_text_and_is_no_story_is_harm():
    assert [each.word for each in compared(more=books.public([post("8", "")]))] == ["once", "wrong"]


def test_a_kind_that_cannot_be_asked_for_may_be_live():
    (verdict,) = compared(replace(ASKED, may_be_live=True), MAY_BE_LIVE)

    assert verdict.word == "unknown"


def test_the_table_has_a_line_per_network_and_one_for_all_and_tells_every_harm():
    found = {
        "storm": [
            Verdict("x", "once", 1, waited=1.0),
            Verdict("x", "twice", 9, "mark and ids", waited=9.0),
            Verdict("x", "once", 9, waited=90.0, excuse="absence"),
            Verdict("x", "late", 9, "mark and time", waited=9.0),
            Verdict("threads", "unknown", 2),
        ]
    }
    shown = table.rows(found)
    assert [line[:3] for line in shown] == [
        ("storm", "x", "3"),
        ("storm", "threads", "1"),
        ("all", "", "4"),
    ]
    counts = dict(zip(table.HEADS, shown[0], strict=True))
    assert {name: counts[name] for name in ("once", "twice", "late", "excepted", "max s")} == {
        "once": "2",
        "twice": "1",
        "late": "1",
        "excepted": "1",
        "max s": "9.0",
    }
    assert shown[1][-3:] == (table.NO_TIME,) * 3
    assert table.harm(found) == ["storm: twice: mark and ids", "storm: late: mark and time"]
    assert [line[2] for line in table.by_scenario(found)] == ["4", "4"]
    assert "| storm | 4 | 2 |" in table.markdown(found)
