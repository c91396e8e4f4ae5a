"""The calendar counts and lists what its filters select, and never reads more than it may."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from posts.features.calendar import details, queries
from posts.features.calendar.queries import CalendarFilters
from posts.features.calendar.spans import Span
from posts.models import Post
from tests.factories import make_account, make_post, make_workspace
from tests.posts.cases import apart
from tests.psql import plan_of, psql

pytestmark = pytest.mark.django_db
START = datetime(2099, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
FIRST_DAY, SECOND_DAY = Span(START, START + DAY), Span(START + DAY, START + 2 * DAY)


def at(workspace, hours, platform="x", *, status="scheduled", account=None):
    account = account or make_account(workspace, platform)
    when = START + timedelta(hours=hours)
    post = make_post(workspace, [account], content=f"at {hours}", scheduled_for=when)
    Post.objects.filter(pk=post.pk).update(status=status)
    return post


def pages(filters, most):
    """The texts of every page of the first day."""
    found, after = [], None
    while True:
        page = queries.page(FIRST_DAY, filters, most, after)
        found.append([entry.text for entry in page.entries])
        if page.next is None:
            return found
        after = page.next


def test_posts_are_counted_by_day_and_status_and_drafts_are_not(workspace):
    for hours, status in ((0, "scheduled"), (23, "failed"), (24, "published"), (48, "scheduled")):
        at(workspace, hours, status=status)
    at(workspace, 1, status="draft")
    make_post(workspace, [make_account(workspace)])

    for filters in (CalendarFilters(), CalendarFilters(workspace.pk)):
        found = [dict(day.by_status) for day in queries.counts([FIRST_DAY, SECOND_DAY], filters)]
        assert found == [{"scheduled": 1, "failed": 1}, {"published": 1}]


def test_the_filters_select_by_workspace_network_and_account(workspace):
    account = make_account(workspace, "threads")
    at(workspace, 1)
    at(workspace, 2, account=account)
    at(make_workspace("Elsewhere"), 3, "threads")

    for filters, texts in (
        (CalendarFilters(), ["at 1", "at 2", "at 3"]),
        (CalendarFilters(workspace.pk), ["at 1", "at 2"]),
        (CalendarFilters(platform="threads"), ["at 2", "at 3"]),
        (CalendarFilters(workspace.pk, "threads"), ["at 2"]),
        (CalendarFilters(workspace.pk, None, account.pk), ["at 2"]),
        (CalendarFilters(workspace.pk, "x", account.pk), []),
    ):
        (entries,) = queries.first([FIRST_DAY], filters, 5)
        assert [entry.text for entry in entries] == texts
        assert queries.counts([FIRST_DAY], filters)[0].total == len(texts)


def test_the_first_posts_of_each_day_come_in_the_order_of_their_times(workspace):
    for hours in (5, 1, 3, 30):
        at(workspace, hours)

    found = queries.first([FIRST_DAY, SECOND_DAY], CalendarFilters(), 2)

    assert [[entry.text for entry in day] for day in found] == [["at 1", "at 3"], ["at 30"]]


def test_pages_hold_every_post_once_also_at_one_time(workspace):
    for most in (1, 2, 3):
        with apart(most):
            for hours in (1, 2, 2, 2, 3):
                at(workspace, hours)

            for filters in (
                CalendarFilters(),
                CalendarFilters(workspace.pk),
                CalendarFilters(platform="x"),
            ):
                found = [text for page in pages(filters, most) for text in page]
                assert found == ["at 1", "at 2", "at 2", "at 2", "at 3"]


def test_more_posts_than_may_be_read_are_at_least_so_many(workspace, monkeypatch):
    monkeypatch.setattr(queries, "CAP", 2)
    for hours in (1, 2, 3, 30):
        at(workspace, hours)

    counts = queries.counts([FIRST_DAY, SECOND_DAY], CalendarFilters())

    assert [(count.total, count.is_at_least) for count in counts] == [(2, True), (1, False)]


def test_pages_go_on_behind_posts_that_do_not_match(workspace, monkeypatch):
    monkeypatch.setattr(queries, "CAP", 2)
    for hours, platform in enumerate(("x", "x", "x", "threads", "x", "threads")):
        at(workspace, hours, platform)

    found = [text for page in pages(CalendarFilters(platform="threads"), 5) for text in page]

    assert found == ["at 3", "at 5"]


def test_places_name_networks_and_what_may_be_live(workspace):
    accounts = [make_account(workspace, platform) for platform in ("x", "threads")]
    post = make_post(workspace, accounts, status="failed", error_code="outcome_unknown")

    (found,) = details.places([post.pk, uuid.uuid4()]).values()

    assert (found.accounts, found.platforms, found.may_be_live) == (2, ["threads", "x"], 2)


def test_drafts_are_those_of_the_workspace_or_of_all_newest_first(workspace):
    for place in (workspace, make_workspace("Elsewhere")):
        at(place, 1, status="draft")
        at(place, 2, status="draft")

    assert [draft.text for draft in details.drafts(workspace.pk, 9)] == ["at 2", "at 1"]
    assert len(details.drafts(None, 3)) == 3


def test_the_usual_zone_is_that_of_most_new_posts(workspace):
    assert details.usual_zone(workspace.pk) == "UTC"
    for zone in ("Asia/Tokyo", "Europe/Berlin", "Asia/Tokyo"):
        Post.objects.filter(pk=at(workspace, 1).pk).update(timezone=zone)

    assert details.usual_zone(workspace.pk) == "Asia/Tokyo"


@pytest.fixture
def a_year(workspace):
    """A post a day, which the planner knows of: with no rows all indexes seem the same to it."""
    now = START
    Post.objects.bulk_create(
        Post(
            workspace=workspace,
            content=f"day {day}",
            status="scheduled",
            scheduled_for=now + timedelta(days=day),
            updated_at=now,
        )
        for day in range(-200, 200)
    )
    psql("ANALYZE posts_post")
    return workspace.pk


@pytest.mark.parametrize(
    ("of_workspace", "platform", "account", "index"),
    [
        (False, None, None, "post_at"),
        (False, "x", None, "post_at"),
        (True, None, None, "post_scheduled"),
        (True, "x", 7, "post_scheduled"),
    ],
)
@pytest.mark.parametrize("query", [queries.COUNT, queries.FIRST])
def test_an_index_gives_the_posts_in_their_order_with_any_filters(
    a_year, query, of_workspace, platform, account, index
):
    filters = CalendarFilters(a_year if of_workspace else None, platform, account)
    sql, values = queries.statement(query, [FIRST_DAY], filters, most=3)
    # Without statistics and with few rows other ways seem as cheap.
    psql("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
    plan = plan_of(sql, values)

    assert f"using {index} on posts_post" in plan
    assert "Seq Scan" not in plan
    inside = plan[plan.index("Limit") :]
    assert "Sort" not in inside[: inside.index(index)]
