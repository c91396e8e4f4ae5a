"""When rules have their occurrences."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from posts.features.repeating.rules import DAYS, Rule

#: Zones that change their clocks by an hour or half an hour, at either end of the year, or never.
FROM = datetime.fromisoformat("2024-01-01T00:00:00")
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "UTC")


def rule(freq: str, first: str, zone: str = "UTC", **more: object) -> Rule:
    """`first`: a wall time in the zone."""
    wall = datetime.fromisoformat(first).replace(tzinfo=ZoneInfo(zone))
    return Rule(freq, wall.astimezone(UTC), zone, **more)


def walls(found: Rule, count: int) -> list[str]:
    start = found.first_at - timedelta(seconds=1)
    return [
        f"{when.at.astimezone(found.zone):%Y-%m-%d %H:%M}"
        for when in islice(found.after(start), count)
    ]


def test_a_time_of_day_is_kept_when_clocks_change():
    assert walls(rule("daily", "2027-03-27 09:00", "Europe/Berlin"), 3) == [
        "2027-03-27 09:00",
        "2027-03-28 09:00",
        "2027-03-29 09:00",
    ]


def test_a_time_that_clocks_skip_moves_by_the_gap_on_that_day_alone():
    found = rule("daily", "2027-03-27 02:30", "Europe/Berlin")

    assert walls(found, 3) == ["2027-03-27 02:30", "2027-03-28 03:30", "2027-03-29 02:30"]


def test_of_two_equal_times_the_first_counts():
    found = list(
        islice(
            rule("daily", "2027-10-30 02:30", "Europe/Berlin").after(
                datetime(2027, 10, 30, tzinfo=UTC)
            ),
            2,
        )
    )

    assert found[1].at == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("first", "days"),
    [
        ("2027-01-31 09:00", ["01-31", "02-28", "03-31", "04-30"]),
        ("2028-01-30 09:00", ["01-30", "02-29", "03-30", "04-30"]),
        ("2028-01-29 09:00", ["01-29", "02-29", "03-29", "04-29"]),
        ("2027-01-29 09:00", ["01-29", "02-28", "03-29", "04-29"]),
        ("2027-01-28 09:00", ["01-28", "02-28", "03-28", "04-28"]),
    ],
)
def test_a_month_without_the_day_has_its_last_day(first, days):
    assert [each[5:10] for each in walls(rule("monthly", first), 4)] == days


def test_every_other_week_on_some_days():
    found = rule("weekly", "2027-01-04 09:00", interval=2, by_day=("MO", "TH"))

    assert [each[5:10] for each in walls(found, 4)] == ["01-04", "01-07", "01-18", "01-21"]


def test_a_week_without_days_has_the_day_of_the_first():
    assert [each[5:10] for each in walls(rule("weekly", "2027-01-05 09:00"), 3)] == [
        "01-05",
        "01-12",
        "01-19",
    ]


def test_it_ends_after_its_last_date_or_its_number():
    assert len(walls(rule("daily", "2027-01-01 09:00", until=date(2027, 1, 3)), 9)) == 3
    assert len(walls(rule("daily", "2027-01-01 09:00", count=4), 9)) == 4


def test_the_last_date_is_one_of_the_zone():
    """23:30 in New York is the next day in UTC."""
    found = rule("daily", "2027-01-01 23:30", "America/New_York", until=date(2027, 1, 2))

    assert walls(found, 9) == ["2027-01-01 23:30", "2027-01-02 23:30"]


def test_a_day_that_a_zone_skipped_gives_no_second_post_at_the_same_instant():
    """Samoa had no 30 December 2011."""
    found = rule("daily", "2011-12-29 09:00", "Pacific/Apia")

    instants = [each.at for each in islice(found.after(found.first_at), 3)]
    assert len(set(instants)) == 3
    assert instants == sorted(instants)


@pytest.mark.parametrize(("day", "fits"), [("MO", True), ("TU", False)])
def test_it_knows_whether_its_first_occurrence_is_its_own(day, fits):
    assert rule("weekly", "2027-01-04 09:00", by_day=(day,)).has_its_first() is fits


def test_it_says_what_it_does():
    found = rule("weekly", "2027-01-04 09:00", "Europe/Berlin", interval=2, by_day=("MO",), count=3)

    assert found.words() == ("every 2 weeks on MO at 09:00 Europe/Berlin, from 2027-01-04, 3 times")


@given(
    freq=some.sampled_from(("daily", "weekly", "monthly")),
    zone=some.sampled_from(ZONES),
    wall=some.datetimes(FROM, FROM + timedelta(days=3000)),
    interval=some.integers(1, 5),
    later=some.integers(0, 800),
)
def test_each_occurrence_shows_the_wall_time_or_is_in_a_gap(freq, zone, wall, interval, later):
    place = ZoneInfo(zone)
    first = wall.replace(tzinfo=place).astimezone(UTC)
    wall = first.astimezone(place).replace(tzinfo=None)
    found = Rule(freq, first, zone, interval)

    ahead = list(islice(found.after(first + timedelta(days=later)), 8))

    for when in ahead:
        shown = when.at.astimezone(place).replace(tzinfo=None)
        meant = datetime.combine(when.date, wall.time())
        both = [meant.replace(tzinfo=place, fold=fold).utcoffset() for fold in (0, 1)]
        assert shown == meant or (both[0] != both[1] and shown - meant == both[1] - both[0])
        assert when.at == meant.replace(tzinfo=place).astimezone(UTC)
        assert when.at > first + timedelta(days=later)
    assert all(a.at < b.at and a.date < b.date for a, b in pairwise(ahead))


@given(days=some.sets(some.sampled_from(DAYS), min_size=1), interval=some.integers(1, 4))
def test_a_window_has_the_same_occurrences_from_wherever_it_is_asked(days, interval):
    start = datetime(2027, 1, 4, 9, tzinfo=UTC)
    by_day = tuple(sorted(days, key=DAYS.index))
    first = start + timedelta(days=DAYS.index(by_day[0]))
    found = Rule("weekly", first, "UTC", interval, by_day)
    every = list(islice(found.after(first - timedelta(1)), 20))

    for index, when in enumerate(every[:10]):
        assert list(islice(found.after(when.at), 5)) == every[index + 1 : index + 6]


def test_time_of_day_keeps_its_seconds():
    found = Rule("daily", datetime(2027, 1, 1, 9, 0, 30, 5, tzinfo=UTC), "UTC")

    assert found.next(found.first_at).at.time() == time(9, 0, 30, 5)
