"""Lists of large tables: pages by place, bounded depth, filters as chips, one cost for all."""

import re
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from destinations.admin.destination import DestinationAdmin
from destinations.admin.lists import pages, time_search
from destinations.models import Destination, Event
from posts.admin import post as filters
from posts.models import Post
from tests.destinations.admin.action_steps import text
from tests.factories import make_account, make_post, make_workspace

pytestmark = pytest.mark.django_db
DESTINATIONS = "/admin/destinations/destination/"
EVENTS = "/admin/destinations/event/"
POSTS = "/admin/posts/post/"


@pytest.fixture
def workspace():
    return make_workspace("Acme")


def made(workspace, count, **fields) -> list[Destination]:
    """So many destinations, each a minute older than the one before; the newest first."""
    account, now = make_account(workspace), timezone.now()
    rows = []
    for number in range(count):
        post = make_post(workspace, [account], content=f"text {number}", **fields)
        at = now - timedelta(minutes=number)
        Post.objects.filter(pk=post.pk).update(created_at=at)
        Destination.objects.filter(post=post).update(updated_at=at)
        rows.append(post.destinations.get())
    return rows


def shown(answer) -> list:
    return list(answer.context["cl"].result_list)


def older(answer) -> str:
    """The address of the next page; "" if there is none."""
    found = re.search(r'rel="next" href="([^"]+)"', text(answer))
    return found[1].replace("&amp;", "&") if found else ""


def read_all(client, path, query="") -> list:
    found, address = [], query
    while True:
        answer = client.get(f"{path}{address}")
        assert answer.status_code == 200
        found += shown(answer)
        if not (address := older(answer)):
            return found


def test_all_rows_are_shown_once_in_their_order_page_by_page(admin_client, workspace):
    rows = made(workspace, 7)
    same = timezone.now() - timedelta(hours=1)
    Destination.objects.filter(pk__in=[row.pk for row in rows[3:]]).update(updated_at=same)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DestinationAdmin, "list_per_page", 2)
        found = read_all(admin_client, DESTINATIONS)

    assert found[:3] == rows[:3]
    assert found[3:] == sorted(rows[3:], key=lambda row: row.pk)


def test_a_filter_looks_only_so_far_and_offers_to_look_further(
    admin_client, workspace, monkeypatch
):
    monkeypatch.setattr(pages, "DEPTH", 3)
    rows = made(workspace, 8)
    Destination.objects.filter(pk=rows[6].pk).update(status="published", due_at=None)

    first = admin_client.get(DESTINATIONS, {"status": "published"})

    assert shown(first) == []
    assert "Looked at 3 rows, back to" in text(first)
    assert read_all(admin_client, DESTINATIONS, "?status=published") == [rows[6]]


def test_what_has_an_index_of_its_own_is_found_however_old_it_is(
    admin_client, workspace, monkeypatch
):
    monkeypatch.setattr(pages, "DEPTH", 3)
    rows = made(workspace, 8, due_at=None)
    Destination.objects.filter(pk=rows[7].pk).update(status="failed", error_code="outcome_unknown")

    answer = admin_client.get(DESTINATIONS, {"attention": "may_be_public"})

    assert shown(answer) == [rows[7]]
    assert "1 destination<" in text(answer)


def test_a_count_stops_where_the_page_stops_looking(admin_client, workspace, monkeypatch):
    monkeypatch.setattr(pages, "DEPTH", 3)
    made(workspace, 5)

    assert "3+ destinations" in text(admin_client.get(DESTINATIONS))


def test_what_is_no_place_breaks_no_list(admin_client, workspace):
    made(workspace, 1)
    for path in (DESTINATIONS, EVENTS, POSTS):
        for place in ("x", "_", "2026-01-01T00:00:00_x", "9" * 40, "2026-01-01_"):
            status = admin_client.get(path, {"after": place}).status_code
            assert status in (200, 302), (path, place)


def test_no_list_sorts_by_a_column_without_an_index(admin_client, workspace):
    rows = made(workspace, 3)

    answer = admin_client.get(DESTINATIONS, {"o": "-2"})

    assert shown(answer) == rows
    assert "?o=" not in text(answer)


def test_no_list_skips_rows_or_counts_all_of_them(admin_client, workspace):
    made(workspace, 3)
    for path in (DESTINATIONS, EVENTS, POSTS, "/admin/destinations/attempt/"):
        with CaptureQueriesContext(connection) as asked:
            admin_client.get(path)
        assert not [each for each in asked if "OFFSET" in each["sql"]]
        counts = [each["sql"] for each in asked if "COUNT(*)" in each["sql"]]
        assert all("LIMIT" in sql for sql in counts), counts


def test_active_filters_are_chips_that_lead_to_the_list_without_them(admin_client, workspace):
    made(workspace, 1)
    query = {"workspace__id__exact": str(workspace.pk), "platform": "x", "when": "today"}

    answer = admin_client.get(DESTINATIONS, {**query, "status": ""})

    chips = answer.context["cl"].chips()
    assert [(chip.label, chip.value) for chip in chips] == [
        ("Date", "Today"),
        ("Network", "X"),
        ("Workspace", "Acme"),
    ]
    without = chips[1].without
    assert "platform" not in without
    assert "when=today" in without
    assert admin_client.get(f"{DESTINATIONS}{without}").status_code == 200


def test_a_list_is_filtered_by_days_in_utc(admin_client, workspace, monkeypatch):
    now = datetime.fromisoformat("2026-03-10T12:00:00Z")
    monkeypatch.setattr("destinations.runtime.clock.now", lambda: now)
    rows = made(workspace, 3)
    times = [now, now - timedelta(days=1), now - timedelta(days=20)]
    for row, at in reversed(list(zip(rows, times, strict=True))):
        Destination.objects.filter(pk=row.pk).update(updated_at=at)
        Event.objects.create(destination=row, at=at, move="start", to_status="publishing", by="w")

    for query, expected in (
        ({"when": "today"}, [0]),
        ({"when": "yesterday"}, [1]),
        ({"when": "7d"}, [0, 1]),
        ({"since": "2026-03-01", "until": "2026-03-09"}, [1]),
        ({"until": "2026-03-01"}, [2]),
        ({"since": "nonsense"}, [0, 1, 2]),
    ):
        wanted = [rows[number] for number in expected]
        assert shown(admin_client.get(DESTINATIONS, query)) == wanted, query
        events = shown(admin_client.get(EVENTS, query))
        assert [event.destination for event in events] == wanted, query


def test_the_first_id_of_a_time_is_found_among_gaps(workspace):
    [row] = made(workspace, 1)
    start = timezone.now() - timedelta(days=100)
    for number in range(40):
        Event.objects.create(
            id=1_000_000 + number**3,
            destination=row,
            at=start + timedelta(days=number),
            move="start",
            to_status="publishing",
            by="w",
        )

    for number in (-1, 0, 1, 7, 39, 60):
        at = start + timedelta(days=number)
        found = time_search.first_id(Event, "at", at)
        assert set(Event.objects.filter(pk__gte=found)) == set(Event.objects.filter(at__gte=at))


def test_a_cell_says_which_column_it_is(admin_client, workspace):
    made(workspace, 1)

    page = text(admin_client.get(DESTINATIONS))

    assert '<th scope="row" class="field-text" data-label="Post">' in page
    assert 'data-label="Account"' in page


def test_posts_are_found_by_account_network_and_error_code(admin_client, workspace):
    [row] = made(workspace, 1, status="failed", due_at=None, error_code="text_too_long")
    other = make_post(workspace, [make_account(workspace, "facebook")])

    for query, expected in (
        ({"destinations__account__id__exact": row.account_id}, row.post),
        ({"platform": "facebook"}, other),
        ({"error_code": "text_too_long"}, row.post),
    ):
        assert shown(admin_client.get(POSTS, query)) == [expected]


def test_filters_of_posts_read_the_destinations_of_so_many_posts_at_most(
    admin_client, workspace, monkeypatch
):
    """A join would read all destinations of the network."""
    monkeypatch.setattr(pages, "DEPTH", 12)
    made(workspace, 7)
    facebook = make_account(workspace, "facebook")
    old = make_post(workspace, [facebook, make_account(workspace)])
    Post.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=1))

    first = admin_client.get(POSTS, {"platform": "facebook"})

    assert shown(first) == []
    assert "Looked at 3 rows" in text(first)
    assert read_all(admin_client, POSTS, "?platform=facebook") == [old]
    of_account = f"?destinations__account__id__exact={facebook.pk}"
    assert read_all(admin_client, POSTS, of_account) == [old]
    assert "EXISTS" not in str(filters._with(Post.objects.all(), platform="facebook").query)


def test_failures_of_a_kind_are_found_however_many_others_came_later(
    admin_client, workspace, monkeypatch
):
    monkeypatch.setattr(pages, "DEPTH", 3)
    rows = made(workspace, 8, due_at=None)
    failed = {"status": "failed", "error_code": "text_too_long"}
    Destination.objects.filter(pk=rows[7].pk).update(**failed)

    for path, query, found in (
        (DESTINATIONS, {"attention": "failed_24h", "platform": "x"}, rows[7]),
        (POSTS, {"platform": "x"}, rows[7].post),
    ):
        answer = admin_client.get(path, {**query, "error_code": "text_too_long"})
        assert shown(answer) == [found]


def test_actions_choose_only_what_is_shown(admin_client, workspace, monkeypatch):
    monkeypatch.setattr(DestinationAdmin, "list_per_page", 2)
    made(workspace, 5)

    changelist = admin_client.get(DESTINATIONS).context["cl"]

    assert changelist.result_count == len(changelist.result_list) == 2
