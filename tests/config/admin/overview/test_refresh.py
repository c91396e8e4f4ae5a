"""What the page fetches by itself, and who may."""

import json
import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone

from config.models import Incident
from platforms.registry import ADAPTERS
from tests.config.admin.overview import nine

pytestmark = pytest.mark.django_db
FRAGMENTS = ["/admin/overview/live/", "/admin/overview/charts/"]
PAGES = ["/admin/overview/failures/", "/admin/overview/failures/retry/"]


def staff(client, *codenames):
    user = User.objects.create_user(f"vi {codenames}", password="x", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client.force_login(user)
    return client


def test_a_fragment_asked_for_after_the_logout_reloads_the_page(client):
    for path in FRAGMENTS:
        answer = client.get(path)
        assert (answer.status_code, answer.content) == (403, b""), path
        assert answer.headers["HX-Refresh"] == "true", path


def test_the_page_contains_what_refreshes_it(admin_client):
    nine.make(every=20)
    whole, part = admin_client.get("/admin/"), admin_client.get("/admin/overview/live/")

    assert part.headers["Cache-Control"].startswith("max-age=0")
    for page in (whole, part):
        assert re.search(r"As of <time[^>]+>\d\d:\d\d:\d\d UTC</time>", page.content.decode())
        assert "Facebook looks down" in page.content.decode()


def test_an_operator_without_rights_sees_no_part(client):
    page = staff(client).get("/admin/")

    assert "You have no permission to see these numbers" in page.content.decode()
    assert [client.get(path).status_code for path in (*FRAGMENTS, *PAGES)] == [200, 403, 403, 403]
    assert "Networks" not in client.get(FRAGMENTS[0]).content.decode()


#: The parts of the overview that each right shows.
PARTS = {
    "view_destination": {"networks", "failures", "may_be_live", "backlog"},
    "view_account": {"reconnect"},
    "view_periodictask": {"processes", "queues", "backlog"},
    "view_workspace": {"backlog"},
    "view_webhook": {"webhooks"},
}


def test_each_right_shows_its_own_part_and_a_viewer_is_offered_no_retry(admin_client):
    nine.make(every=20)
    assert b"Retry these" in admin_client.get("/admin/").content
    every = set().union(*PARTS.values()) - {"backlog"}
    for codename, parts in PARTS.items():
        viewer = staff(Client(), codename)
        page = viewer.get("/admin/")
        overview = page.context["overview"]
        shown = {name for name in every if getattr(overview, name)}
        shown |= {"backlog"} if overview.backlog.queues else set()
        assert (codename, shown) == (codename, parts)
        assert b"Retry these" not in page.content, codename
        if codename == "view_destination":
            assert b"Retry these" not in viewer.get(PAGES[0]).content


def test_the_plots_have_a_days_steps_and_a_table_of_its_hours_behind_each(admin_client):
    nine.make(every=20)
    now = timezone.now()
    seen = {"level": "problem", "seen_at": now}
    late = {"cause": "late", "said": "Posts are late.", "opened_at": now - timedelta(minutes=30)}
    Incident.objects.create(**seen, **late)
    Incident.objects.create(**seen, **{**late, "said": "Was late."}, closed_at=now)
    answer = admin_client.get("/admin/overview/charts/")
    page, charts = answer.content.decode(), answer.context["charts"]

    found = re.search(r'<script id="overview-series" type="application/json">(.*?)</script>', page)
    series = json.loads(found[1])
    assert len(series["times"]) == 288
    [marked] = series["incidents"]
    assert 280 <= marked["place"] <= 282
    assert "Posts are late." in page
    assert "Was late." not in page
    viewer = staff(Client(), "view_destination").get("/admin/overview/charts/")
    assert viewer.context["charts"].data["incidents"] == []
    facebook = next(each for each in series["networks"] if each["key"] == "facebook")
    assert {len(values) for values in facebook.values() if isinstance(values, list)} == {288}
    assert page.count("<canvas") == page.count("<details") == 2 + len(ADAPTERS)
    assert page.count('<th scope="row">') == 24 * (2 + len(ADAPTERS))
    assert "<script>" not in page
    x = next(each for each in charts.data["networks"] if each["key"] == "x")
    _, table = charts.outcomes["x"]
    assert table.columns == ("From (UTC)", "Published", "Retried", "Unconfirmed", "Failed")
    newest = table.rows[0]
    assert newest[1] == f"{sum(x['published'][-12:]):,}"
    assert timezone.now().strftime("%H") in {row[0][:2] for row in table.rows}


def test_without_a_days_tries_there_is_nothing_to_plot(admin_client):
    page = admin_client.get("/admin/overview/charts/").content.decode()

    assert "Nothing was published in the last 24 hours." in page
