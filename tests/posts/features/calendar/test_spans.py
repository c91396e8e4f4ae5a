"""Days and hours are those of the zone's clocks, also where these change."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from posts.features.calendar import spans

BERLIN = ZoneInfo("Europe/Berlin")
FORWARD, BACK = date(2026, 3, 29), date(2026, 10, 25)


@pytest.mark.parametrize(("day", "hours"), [(FORWARD, 23), (BACK, 25), (date(2026, 6, 1), 24)])
def test_a_day_has_as_many_hours_as_its_clocks_show(day, hours):
    span = spans.day_span(day, BERLIN)
    found = spans.hours(day, BERLIN)

    assert span.end - span.start == timedelta(hours=hours)
    assert len(found) == hours
    assert (found[0].span.start, found[-1].span.end) == (span.start, span.end)
    assert all(a.span.end == b.span.start for a, b in pairwise(found))


def test_the_hour_that_clocks_skip_is_missing():
    labels = [hour.label for hour in spans.hours(FORWARD, BERLIN)]

    assert labels[1:3] == ["01:00 (UTC+01:00)", "03:00 (UTC+02:00)"]


def test_the_hour_that_comes_twice_is_told_apart_by_its_offset():
    labels = [hour.label for hour in spans.hours(BACK, BERLIN)]

    assert labels[2:4] == ["02:00 (UTC+02:00)", "02:00 (UTC+01:00)"]
    assert spans.hours(date(2026, 6, 1), BERLIN)[2].label == "02:00"


def test_a_change_of_half_an_hour_leaves_whole_hours_on_the_clock():
    found = spans.hours(date(2026, 4, 5), ZoneInfo("Australia/Lord_Howe"))

    assert [hour.label[:5] for hour in found[:4]] == ["00:00", "01:00", "01:30", "02:00"]
    assert sum((hour.span.end - hour.span.start for hour in found), timedelta()) == timedelta(
        hours=24, minutes=30
    )


def test_a_day_whose_midnight_is_skipped_begins_with_the_change():
    # Clocks in Cairo go from 00:00 to 01:00.
    day, cairo = date(2026, 4, 24), ZoneInfo("Africa/Cairo")

    assert spans.midnight(day, cairo) == datetime(2026, 4, 23, 22, tzinfo=UTC)
    assert spans.hours(day, cairo)[0].label == "01:00"


def test_months_and_weeks_are_whole_weeks_from_monday():
    month = spans.month(date(2026, 11, 26))

    assert (month[0], month[-1]) == (date(2026, 10, 26), date(2026, 12, 6))
    assert spans.week(date(2026, 11, 29))[0] == date(2026, 11, 23)


@pytest.mark.parametrize(
    ("view", "before", "after"),
    [
        ("month", date(2025, 12, 1), date(2026, 2, 1)),
        ("week", date(2026, 1, 24), date(2026, 2, 7)),
        ("day", date(2026, 1, 30), date(2026, 2, 1)),
    ],
)
def test_the_periods_around_a_day(view, before, after):
    assert spans.around(date(2026, 1, 31), view) == (before, after)
