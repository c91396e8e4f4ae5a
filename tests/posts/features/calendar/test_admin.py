"""The calendar's page: what it shows, in which zone, to whom, and how posts are moved from it."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User

# The admin asks each feature for its pages, and this one asks the admin.
import posts.admin  # noqa: F401
from posts.features.approval.models import Approval
from posts.features.calendar import pages as calendar
from posts.models import Campaign, Post, PostingQueue
from tests.destinations.admin.action_steps import messages_of, staff, text
from tests.factories import make_account, make_post, make_workspace
from tests.posts.cases import apart

pytestmark = pytest.mark.django_db
PAGE = "/admin/posts/post/calendar/"
LIST = "/admin/posts/post/"
#: In Tokyo it is the next day already.
THEN = datetime(2099, 1, 15, 18, 30, tzinfo=UTC)


@pytest.fixture
def post(workspace):
    return at(workspace, THEN)


def at(workspace, when, *, account=None, status="scheduled", content="Seen", **fields):
    account = account or make_account(workspace)
    post = make_post(workspace, [account], content=content, scheduled_for=when, **fields)
    Post.objects.filter(pk=post.pk).update(status=status)
    return post


def show(client, **query):
    page = client.get(PAGE, {"day": "2099-01-15", **query})
    assert page.status_code == 200
    return page


def days(page) -> dict[str, int]:
    """How many posts each day with posts has."""
    cells = [cell for week in page.context["weeks"] for cell in week]
    return {f"{cell.day}": cell.counted.count.total for cell in cells if cell.counted.count.total}


def test_a_post_stands_on_its_day_in_the_chosen_zone(admin_client, post):
    assert days(show(admin_client)) == {"2099-01-15": 1}

    page = show(admin_client, zone="Asia/Tokyo")
    assert days(page) == {"2099-01-16": 1}
    assert ">03:30</time>" in text(page)
    assert "zone=Asia%2FTokyo" in page.context["later"]


def test_a_post_names_its_queue_and_its_campaign(admin_client, workspace, post):
    for view in ("month", "week", "day"):
        with apart(view):
            named = {"workspace": workspace, "updated_at": THEN}
            queue = PostingQueue.objects.create(name="Mornings", slots=[], **named)
            campaign = Campaign.objects.create(name="Spring sale", color="#16a34a", **named)
            assert "dovecote-entry-plan" not in text(show(admin_client, view=view))

            Post.objects.update(posting_queue=queue, slot_at=THEN, campaign=campaign)
            page = text(show(admin_client, view=view))
            assert "Mornings" in page
            assert 'fill="#16a34a"/></svg> Spring sale' in page

            Campaign.objects.update(deleted_at=THEN)
            assert "Spring sale" not in text(show(admin_client, view=view))


@pytest.mark.parametrize(
    ("status", "word"), [("pending", "Not approved"), ("approved", "Scheduled")]
)
def test_a_post_that_is_not_approved_does_not_look_scheduled(admin_client, post, status, word):
    Approval.objects.create(post=post, workspace=post.workspace, status=status)

    [entry] = [
        each
        for week in show(admin_client).context["weeks"]
        for cell in week
        for each in cell.entries
    ]

    assert entry.state.word == word


def test_the_zone_is_the_workspaces_usual_one_unless_chosen(admin_client, workspace, post):
    Post.objects.update(timezone="Asia/Tokyo")

    assert show(admin_client).context["asked"].zone_name == "UTC"
    assert show(admin_client, workspace=workspace.pk).context["asked"].zone_name == "Asia/Tokyo"
    chosen = show(admin_client, workspace=workspace.pk, zone="Europe/Berlin")
    assert chosen.context["asked"].zone_name == "Europe/Berlin"


@pytest.mark.parametrize("view", ["month", "week"])
def test_a_full_day_shows_its_first_posts_and_leads_to_the_others(
    admin_client, workspace, monkeypatch, view
):
    monkeypatch.setitem(calendar.FEW, view, 2)
    account = make_account(workspace)
    for minutes in range(5):
        at(workspace, THEN + timedelta(minutes=minutes), account=account, content=f"no {minutes}.")

    page = text(show(admin_client, view=view))

    assert "5 posts" in page
    assert "+3 more" in page
    assert [f"no {minutes}." in page for minutes in range(5)] == [True, True, False, False, False]


def test_a_day_is_grouped_by_hour_and_has_pages(admin_client, workspace, monkeypatch):
    monkeypatch.setattr(calendar, "PAGE", 2)
    account = make_account(workspace)
    for minutes in (0, 20, 40):
        at(workspace, THEN + timedelta(minutes=minutes), account=account, content=f"no {minutes}.")

    page = show(admin_client, view="day")
    counts = {h["hour"].label: h["counted"].count.total for h in page.context["hours"]}
    assert (len(counts), counts["18:00"], counts["19:00"]) == (24, 2, 1)
    assert "no 20." in text(page)
    assert "no 40." not in text(page)

    assert "no 40." in text(admin_client.get(PAGE + page.context["next_page"]))
    (late,) = [h["url"] for h in page.context["hours"] if h["hour"].label == "19:00"]
    jumped = text(admin_client.get(PAGE + late))
    assert "no 40." in jumped
    assert "no 20." not in jumped


def test_a_day_whose_clocks_change_shows_each_of_its_hours(admin_client):
    page = show(admin_client, view="day", day="2026-10-25", zone="Europe/Berlin")

    assert len(page.context["hours"]) == 25
    assert "02:00 (UTC+01:00)" in text(page)


def test_the_past_shows_outcomes_in_words(admin_client, workspace):
    account = make_account(workspace)
    now = datetime.now(UTC)
    for status in ("published", "failed", "partial", "publishing", "scheduled"):
        at(workspace, now - timedelta(minutes=5), account=account, status=status)
    at(workspace, now, status="failed", error_code="outcome_unknown").destinations.update(
        status="failed"
    )

    page = text(admin_client.get(PAGE, {"view": "day", "day": f"{now:%Y-%m-%d}"}))

    # The post of five minutes ago may have been yesterday's.
    page += text(admin_client.get(PAGE, {"view": "day", "day": f"{now - timedelta(1):%Y-%m-%d}"}))
    for word in ("Published", "Failed", "Partial", "Publishing", "Late", "May be live"):
        assert f"</span>{word}</span>" in page


def test_filters_choose_workspace_network_and_account(admin_client, workspace, post):
    other = make_account(make_workspace("Elsewhere"), "threads")
    at(other.workspace, THEN, account=other)

    for query, count in (
        ({}, 2),
        ({"workspace": workspace.pk}, 1),
        ({"network": "threads"}, 1),
        ({"account": other.pk}, 1),
        ({"workspace": workspace.pk, "account": other.pk}, 1),
        ({"workspace": workspace.pk, "network": "threads"}, 0),
    ):
        assert sum(days(show(admin_client, **query)).values()) == count


def test_an_address_that_makes_no_sense_gets_defaults(admin_client):
    for query in (
        {"view": "year", "day": "soon", "zone": "Nowhere", "workspace": "x", "network": "x y"},
        {"day": "0001-01-01", "account": "9" * 40, "at": "x", "after": "2099-01-01T00:00:00Z_x"},
        {"day": "9999-12-31", "view": "day", "after": "_", "account": "²"},
        {"workspace": "00000000-0000-0000-0000-000000000000", "at": "0001-01-01T00:00:00+14:00"},
    ):
        with apart(query):
            assert show(admin_client, **query).status_code == 200


def test_drafts_stand_beside(admin_client, workspace):
    at(workspace, THEN, status="draft", content="Not yet")

    page = show(admin_client)

    assert days(page) == {}
    assert "Not yet" in text(page)
    assert "noted for 2099-01-15 18:30 UTC" in text(page)


def test_only_those_who_may_see_posts_see_it_and_only_those_who_may_change_them_move(client, post):
    looking = text(show(staff(client)))
    assert "Seen" in looking
    assert "Move…" not in looking
    assert "draggable=" not in looking.replace('draggable="false"', "")

    stranger = User.objects.create_user("no", password="x", is_staff=True)
    client.force_login(stranger)
    assert client.get(PAGE).status_code == 403
    client.logout()
    assert client.get(PAGE).status_code == 302


def test_only_scheduled_posts_can_be_moved(admin_client, workspace):
    account = make_account(workspace)
    for status in ("published", "failed", "publishing"):
        at(workspace, THEN, account=account, status=status)

    assert 'name="_selected_action" value="' not in text(show(admin_client, view="day")).replace(
        'name="_selected_action" value=""', ""
    )


def test_a_drop_asks_first_then_moves_and_returns_to_the_calendar(admin_client, post):
    there = f"{PAGE}?view=month&day=2099-01-15&zone=Asia%2FTokyo"
    assert f'data-post="{post.pk}" data-day="2099-01-16" data-time="03:30"' in text(
        admin_client.get(there)
    )
    dropped = {
        "action": "move",
        "_selected_action": post.pk,
        "when": "2099-01-20T03:30",
        "zone": "Asia/Tokyo",
        "unit": "hours",
        "next": there,
    }

    asked = text(admin_client.post(LIST, dropped))
    assert "Mon 2099-01-19 18:30 UTC, Tue 2099-01-20 03:30 in Asia/Tokyo" in asked
    assert Post.objects.get().scheduled_for == THEN

    (seen,) = re.findall(r'name="seen" value="([^"]+)"', asked)
    page = admin_client.post(LIST, {**dropped, "confirmed": "yes", "seen": seen}, follow=True)
    assert page.redirect_chain == [(there, 302)]
    assert messages_of(page) == ["1 post moved."]
    assert Post.objects.get().scheduled_for == datetime(2099, 1, 19, 18, 30, tzinfo=UTC)


def test_the_number_of_queries_does_not_grow_with_the_posts(
    admin_client, workspace, post, django_assert_max_num_queries
):
    for view in ("month", "week", "day"):
        with apart(view):
            account = make_account(workspace)
            for hours in range(12):
                at(workspace, THEN + timedelta(hours=hours), account=account)

            with django_assert_max_num_queries(30):
                show(admin_client, view=view, workspace=workspace.pk, network="x")
