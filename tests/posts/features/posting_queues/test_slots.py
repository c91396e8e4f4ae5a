"""The instants of slots: wall times of zones whose clocks change."""

import random
from datetime import UTC, datetime, time, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo, available_timezones

from posts.features.posting_queues.slots import Slot, first_instant, instants, read
from tests.posts.cases import named

DAYS = range(7)
NINETY = timedelta(days=90)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def daily(*times: str) -> list[Slot]:
    return [Slot(day, time.fromisoformat(each)) for day in DAYS for each in times]


def test_a_wall_time_is_the_first_instant_that_shows_it_or_is_past_it():
    for zone, wall, expected in (
        ("UTC", "2026-03-08T02:30", "2026-03-08T02:30"),
        ("America/New_York", "2026-03-07T09:00", "2026-03-07T14:00"),
        ("America/New_York", "2026-03-08T09:00", "2026-03-08T13:00"),
        # The clocks go from 2:00 to 3:00.
        ("America/New_York", "2026-03-08T01:59", "2026-03-08T06:59"),
        ("America/New_York", "2026-03-08T02:00", "2026-03-08T07:00"),
        ("America/New_York", "2026-03-08T02:30", "2026-03-08T07:00"),
        ("America/New_York", "2026-03-08T03:00", "2026-03-08T07:00"),
        # From 2:00 back to 1:00.
        ("America/New_York", "2026-11-01T01:30", "2026-11-01T05:30"),
        ("America/New_York", "2026-11-01T02:00", "2026-11-01T07:00"),
        # Half an hour only: from 2:00 to 2:30, and back to 1:30.
        ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:30"),
        ("Australia/Lord_Howe", "2026-10-04T02:30", "2026-10-03T15:30"),
        ("Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45"),
        ("Asia/Kathmandu", "2026-06-01T09:00", "2026-06-01T03:15"),
        # Midnight is skipped: from 0:00 to 1:00.
        ("Africa/Cairo", "2026-04-24T00:00", "2026-04-23T22:00"),
        ("Africa/Cairo", "2026-04-24T00:30", "2026-04-23T22:00"),
        ("Africa/Cairo", "2026-04-24T01:00", "2026-04-23T22:00"),
        ("America/Santiago", "2026-09-06T00:15", "2026-09-06T04:00"),
        # A whole day is skipped.
        ("Pacific/Apia", "2011-12-30T12:00", "2011-12-30T10:00"),
        ("Pacific/Apia", "2011-12-31T00:00", "2011-12-30T10:00"),
    ):
        with named(zone, wall, expected):
            assert first_instant(datetime.fromisoformat(wall), ZoneInfo(zone)) == at(expected)


def test_days_of_the_week_count_from_sunday():
    sunday = at("2026-11-29T00:00")
    found = list(instants(daily("12:00"), "UTC", sunday, sunday + timedelta(days=7)))
    assert [each.weekday() for each in found] == [6, 0, 1, 2, 3, 4, 5]
    (only,) = instants([Slot(0, time(12))], "UTC", sunday, sunday + timedelta(days=7))
    assert only == at("2026-11-29T12:00")


def test_the_start_is_included_and_the_end_is_not():
    found = instants(daily("09:00"), "UTC", at("2026-01-05T09:00"), at("2026-01-07T09:00"))
    assert list(found) == [at("2026-01-05T09:00"), at("2026-01-06T09:00")]


def test_the_days_are_those_of_the_zone():
    """It is Sunday evening in New York and Monday in UTC."""
    slots = [Slot(0, time(23))]
    (found,) = instants(slots, "America/New_York", at("2026-01-04T00:00"), at("2026-01-11T00:00"))
    assert found == at("2026-01-05T04:00")


def test_slots_that_a_gap_makes_one_instant_are_one():
    start = at("2026-03-08T05:00")
    slots = daily("02:00", "02:15", "02:30", "03:00", "03:30")
    found = islice(instants(slots, "America/New_York", start, start + NINETY), 3)
    expected = ["2026-03-08T07:00", "2026-03-08T07:30", "2026-03-09T06:00"]
    assert list(found) == [at(each) for each in expected]


def test_a_slot_that_clocks_show_twice_comes_once():
    start = at("2026-11-01T04:00")
    found = islice(instants(daily("01:30"), "America/New_York", start, start + NINETY), 2)
    assert list(found) == [at("2026-11-01T05:30"), at("2026-11-02T06:30")]


def test_slots_are_read_as_they_were_stored():
    slots = [Slot(0, time(9, 5)), Slot(6, time(23, 59))]
    assert read([slot.as_json() for slot in slots]) == slots
    assert slots[0].as_json() == {"day_of_week": 0, "time": "09:05"}


def test_instants_increase_and_are_those_of_their_slots():
    """In any zone, from any moment: each is within the window, and shows a slot's wall time or is
    the end of a gap that has one."""
    for seed in range(150):
        with named(seed):
            chance = random.Random(seed)
            zone_name = chance.choice(sorted(available_timezones()))
            zone = ZoneInfo(zone_name)
            minutes = timedelta(minutes=chance.randrange(80 * 365 * 24 * 60))
            start = at("1970-01-01T00:00") + minutes
            slots = {
                Slot(chance.randrange(7), time(chance.randrange(24), chance.randrange(60)))
                for _ in range(chance.choice([1, 3, 20, 336]))
            }

            found = list(instants(slots, zone_name, start, start + NINETY))

            assert all(one < other for one, other in pairwise(found))
            assert not found or (start <= found[0] and found[-1] < start + NINETY)
            assert len(found) <= len(slots) * 14
            assert len(found) >= len(slots) * 11
            for instant in found:
                shown = instant.astimezone(zone).replace(tzinfo=None)
                before = (instant - timedelta(seconds=1)).astimezone(zone).replace(tzinfo=None)
                is_slot = Slot(shown.isoweekday() % 7, shown.time()) in slots
                assert is_slot or shown - before > timedelta(seconds=1), (zone_name, shown)
