"""Numbers, times and JSON of other servers are read up to a bound, and are no errors of ours."""

import tracemalloc
from datetime import UTC, datetime, timedelta

import pytest

from platforms import clock, oauth
from platforms.http.client import Answer
from platforms.http.foreign import stated
from platforms.http.foreign.stated import LONGEST_LIFE_SECONDS, WEEK_SECONDS
from platforms.mastodon.limits import NUMBERS, ServerLimits
from platforms.mastodon.limits import stated as limits_of
from platforms.mastodon.text import measure

HUGE = [2**70, 10**400, "9" * 5_000, "\u00b2", "\u0663", "1e400", "nan", "-inf", -1, True, [], {}]


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (5, 5),
        ("5", 5),
        (0, 0),
        (-1, None),
        (True, None),
        ("5.0", None),
        (None, None),
        (2**63, None),
        ("9" * 5_000, None),
        ("\u00b2", None),
    ],
)
def test_only_whole_numbers_count(value, number):
    assert stated.as_count(value) == number


@pytest.mark.parametrize(
    "content",
    ["[" * 100_000, '{"a":' * 100_000, "[" + "{}," * 50_000 + "{}]", "NaN", "9" * 5_000, b"\xff"],
)
def test_json_that_no_server_means_is_unreadable(content):
    with pytest.raises(stated.Unreadable):
        stated.read_json(content)
    answer = Answer(200, {}, content if isinstance(content, bytes) else content.encode())
    assert answer.json_object() == {}


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (3, 3.0),
        ("3", 3.0),
        (2.5, 2.5),
        (10**400, WEEK_SECONDS),
        (float("inf"), WEEK_SECONDS),
        ("9" * 5_000, WEEK_SECONDS),
        (float("nan"), None),
        (-1, None),
        (True, None),
        ("\u00b2", None),
        ("", None),
        (None, None),
        ([], None),
    ],
)
def test_a_pause_is_believed_up_to_a_week(value, seconds):
    assert stated.as_seconds(value) == seconds
    if isinstance(value, str):
        assert Answer(429, {"retry-after": value}, b"").retry_after_seconds() == seconds


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        (0, datetime(1970, 1, 1, tzinfo=UTC)),
        ("2026-12-01T12:00:00+01:00", datetime(2026, 12, 1, 11, tzinfo=UTC)),
        ("2026-12-01T12:00:00", datetime(2026, 12, 1, 12, tzinfo=UTC)),
        ("Tue, 01 Dec 2026 12:00:00 GMT", datetime(2026, 12, 1, 12, tzinfo=UTC)),
        ("0001-01-01T00:00:00+14:00", None),
        ("Tue, 01 Dec 99999999999999999999 12:00:00 GMT", None),
        (10**20, None),
        (float("nan"), None),
        (-1, None),
        ("abc", None),
        ({}, None),
    ],
)
def test_a_time_is_read_in_utc(value, moment):
    assert stated.as_moment(value) == moment


@pytest.mark.parametrize("value", HUGE)
def test_a_lifetime_of_any_kind_is_none_or_believable(value):
    found = oauth.expiry(value)
    longest = clock.now() + timedelta(seconds=LONGEST_LIFE_SECONDS + 1)
    assert found is None or found < longest


@pytest.mark.parametrize("value", HUGE)
def test_a_server_states_no_number_that_a_post_cannot_have(value):
    told: dict = {}
    for group, field, _ in NUMBERS.values():
        told.setdefault(group, {})[field] = value
    for found in (
        limits_of({"configuration": told}),
        ServerLimits.of(dict.fromkeys(NUMBERS, value)),
    ):
        for name, (*_, most) in NUMBERS.items():
            assert 0 < getattr(found, name) <= most
        found.limits()


def test_what_a_server_reserves_for_links_is_computed_and_not_written():
    text = "https://a.example.com/b " * 5_000
    tracemalloc.start()
    length = measure(text, 500_000, 2_000)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert length.count == 5_000 * (2_000 + 1)
    assert most < 20 * len(text)


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("b.png", "https://a.example/b.png"),
        ("//b.example/c", "https://b.example/c"),
        ("https://b.example:1/c", "https://b.example:1/c"),
        ("https://[x/", ""),
        ("data:image/png;base64,AAAA", ""),
    ],
)
def test_an_address_that_is_none_is_empty(url: str, found: str):
    assert stated.as_url("https://a.example/page", url) == found
