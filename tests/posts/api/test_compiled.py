"""Compiled serializers say what the serializers say, and orjson writes it as json does."""

from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from destinations.models import Destination
from destinations.runtime import clock
from destinations.state import outages
from destinations.state.history import AttemptRow, EventRow
from platforms.errors import CODES
from platforms.registry import ADAPTERS
from posts.api.compat.serializers import posts as compat
from posts.api.renderers import EnvelopeRenderer, EnvelopeResponse, PlainResponse
from posts.api.serializers.compiled import compiled, instant
from posts.api.serializers.posts import posts
from posts.api.serializers.posts.events import PostEventSerializer
from posts.models import Media, Post
from posts.read_models import DestinationRow, FileRow, PostRow, ResultRow, WholePostRow
from posts.read_models.posts import METRICS, HeldAccount, Repeats

#: With all that JSON escapes, and what it might.
TEXTS = st.text(st.characters(exclude_categories=["Cs"], include_characters='"\\/\x7f\u2028\u2029'))
MAYBE = st.one_of(st.just(""), TEXTS)
NUMBERS = st.integers(0, 2**63 - 1)
FIRST, LAST = (datetime(year, 1, 1) for year in (1970, 9999))  # noqa: DTZ001
TIMES = st.datetimes(FIRST, LAST, timezones=st.just(UTC))
WRITTEN_TIMES = TIMES.map(instant)
STATUSES = st.sampled_from(Destination.Status.values)
PLATFORMS = st.sampled_from(list(ADAPTERS))


def maybe(values):
    return st.none() | values


DESTINATIONS = st.builds(
    DestinationRow,
    *(st.uuids(), PLATFORMS, STATUSES, TEXTS, NUMBERS, maybe(TIMES), MAYBE, MAYBE, NUMBERS),
)
FILES = st.builds(
    FileRow,
    st.uuids().map(str),
    st.sampled_from(Media.Kind.values),
    *(maybe(st.booleans()), st.text("abc/ü", min_size=1), st.text("abc"), st.booleans()),
)
REPEATS = st.builds(
    Repeats,
    *(maybe(st.uuids().map(str)), maybe(st.just("2026-03-15")), maybe(st.uuids().map(str))),
    st.none(),
)
APPROVAL = {
    "status": "changes_requested",
    "stage": "internal",
    "requested_at": "2026-03-15T14:00:00Z",
    "decided_at": None,
    "by": "key:pe_live_a",
    "comment": 'Say "hello"\u2028',
}
POSTS = st.builds(
    PostRow,
    *(st.uuids(), TEXTS, maybe(TIMES), st.just("Europe/Rome")),
    st.sampled_from(Post.Status.values),
    *(TIMES, TIMES, maybe(NUMBERS)),
    st.builds(SimpleNamespace, metadata=st.dictionaries(TEXTS, TEXTS, max_size=2)),
    *(maybe(st.uuids()), maybe(REPEATS)),
    *(st.lists(FILES, max_size=3), st.lists(DESTINATIONS, max_size=3)),
    maybe(st.just(APPROVAL)),
    maybe(st.lists(st.uuids().map(str), max_size=2)),
)
#: As a list reads them.
LISTED_POSTS = st.builds(
    lambda post, *times: post._replace(
        **dict(zip(("scheduled_for", "created_at", "updated_at"), times, strict=True)),
    ),
    POSTS,
    *(maybe(WRITTEN_TIMES), WRITTEN_TIMES, WRITTEN_TIMES),
)
RESULTS = st.builds(
    ResultRow,
    *(st.uuids(), PLATFORMS, STATUSES, TEXTS, NUMBERS, maybe(TIMES), MAYBE, MAYBE, NUMBERS),
    *(MAYBE, maybe(TIMES), maybe(TIMES), TIMES, maybe(st.uuids().map(str))),
    *(st.sampled_from(list(CODES)), st.lists(TEXTS), st.builds(HeldAccount, maybe(TIMES))),
    maybe(st.dictionaries(st.sampled_from(METRICS), NUMBERS, min_size=1)),
)
ATTEMPTS = st.builds(
    AttemptRow,
    *(NUMBERS, TIMES, maybe(TIMES), maybe(TIMES), maybe(TIMES), MAYBE, MAYBE),
    *(maybe(NUMBERS), MAYBE, MAYBE),
)
EVENTS = st.builds(
    EventRow,
    *(NUMBERS, TIMES, DESTINATIONS, TEXTS, st.just("") | STATUSES),
    *(STATUSES, st.just("worker:a") | TEXTS, MAYBE, MAYBE, maybe(ATTEMPTS)),
)
WHOLE = st.builds(
    WholePostRow,
    *(POSTS, st.dictionaries(TEXTS, st.dictionaries(TEXTS, TEXTS, max_size=2), max_size=2)),
    st.lists(RESULTS, max_size=3),
)
SHOWN = [
    (posts.ListedPostSerializer, LISTED_POSTS),
    (posts.DetailedPostSerializer, POSTS),
    (posts.ResultSerializer, RESULTS),
    (posts.ResultErrorSerializer, RESULTS),
    (PostEventSerializer, EVENTS),
    (compat.PostSerializer, WHOLE),
    (compat.ResultsSerializer, WHOLE),
    (compat.PostEventSerializer, EVENTS),
]


def written(response) -> bytes:
    context = {"response": response}
    body = EnvelopeRenderer().render(response.data, "application/json", context)
    # The time of the answer.
    return body[: body.index(b'"timestamp"')]


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    """Both are asked at the same time."""
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 3, 15, tzinfo=UTC))


@pytest.fixture(autouse=True)
def _no_outage(monkeypatch):
    """Rows are shown without a database."""
    monkeypatch.setattr(outages, "open_outages", list)


def compare(serializer, rows, most):
    @settings(max_examples=most)
    @given(row=rows)
    def both(row):
        plain = PlainResponse([compiled(serializer)(row)])

        usual = EnvelopeResponse(serializer([row], many=True).data, {})
        assert plain.data == usual.data
        assert written(plain) == written(usual)

    both()


each_serializer = pytest.mark.parametrize(
    ("serializer", "rows"), SHOWN, ids=lambda each: str(each)[-40:]
)


@each_serializer
def test_both_show_the_same_bytes(serializer, rows):
    compare(serializer, rows, most=25)


@pytest.mark.thorough
@each_serializer
def test_both_show_the_same_bytes_of_many_rows(serializer, rows):
    compare(serializer, rows, most=250)


def test_a_time_of_another_zone_is_shown_in_utc():
    at = datetime(2026, 3, 15, 1, 30, 0, 999_999, tzinfo=timezone(timedelta(hours=2)))
    row = SimpleNamespace(public_id="post_1", content="", status="draft", queue_id=None)
    row.scheduled_for = row.updated_at = at

    shown = compiled(posts.EditedPostSerializer)(row)

    assert shown == posts.EditedPostSerializer(row).data
    assert shown["updated_at"] == "2026-03-14T23:30:00Z"
