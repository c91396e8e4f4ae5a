"""The log of API requests in the admin."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from destinations.admin.lists import pages, time_search
from posts.features.request_log import recorder
from posts.features.request_log.models import ApiRequest
from posts.keys import keys
from tests.destinations.admin.action_steps import staff, text
from tests.factories import make_workspace
from tests.posts.cases import apart
from tests.posts.features.request_log.conftest import a_call

pytestmark = pytest.mark.django_db
LIST = "/admin/posts/apirequest/"


@pytest.fixture
def viewer(client):
    return staff(client)


@pytest.fixture
def key():
    return keys.create(make_workspace("Acme"), "night", ["read"])[0]


def log(*calls: dict, key=None) -> list[ApiRequest]:
    """Rows in this order."""
    owner = {}
    if key:
        owner = {"api_key": key.pk, "key_prefix": key.prefix, "workspace": key.workspace_id}
    recorder.insert([a_call(**{**owner, **fields}) for fields in calls])
    return list(ApiRequest.objects.order_by("pk"))


def paths(page) -> list[str]:
    return [row.path for row in page.context["cl"].result_list]


def test_the_list_shows_each_request_newest_first(viewer, key):
    log(
        {"path": "/first", "duration_ms": 1234.5},
        {"path": "/second", "status": 404, "error_code": "not_found"},
        key=key,
    )

    page = viewer.get(LIST)

    assert paths(page) == ["/second", "/first"]
    for shown in ("GET /first", "1,234.5 ms", "404", "not_found", f"night ({key.prefix}…)", "Acme"):
        assert shown in text(page)
    assert key.digest not in text(page)


def test_the_page_of_a_request_leads_to_its_key_and_to_what_it_made(viewer, key):
    [row] = log({"request_id": "req_abcdef012345"}, key=key)

    page = text(viewer.get(f"{LIST}{row.pk}/change/"))

    assert f"/admin/posts/apikey/{key.pk}/change/" in page
    assert f"/admin/posts/workspace/{key.workspace_id}/change/" in page
    assert "/admin/search/?q=req_abcdef012345" in page


def test_a_request_of_a_deleted_key_or_of_none_has_a_page(viewer, key):
    log({}, key=key)
    log({"status": 401, "key_prefix": "pe_live_abcd"}, {"status": 401})
    key.delete()

    listed = text(viewer.get(LIST))

    assert "pe_live_abcd… (unknown)" in listed
    for row in ApiRequest.objects.all():
        assert viewer.get(f"{LIST}{row.pk}/change/").status_code == 200


def test_filters_and_the_search_of_a_request_id(viewer, key):
    for query, found in (
        ({"status": "2xx"}, ["/ok"]),
        ({"status": "4xx"}, ["/none", "/many"]),
        ({"status": "429"}, ["/many"]),
        ({"status": "5xx"}, ["/broken"]),
        ({"method": "POST"}, ["/broken"]),
        ({"code": "not_found"}, ["/none"]),
        ({"status": "4xx", "code": "not_found"}, ["/none"]),
        ({"q": "req_0000000000ff"}, ["/many"]),
        ({"q": "req_0000000000"}, []),
        ({"status": "all of them"}, ["/none", "/broken", "/many", "/ok"]),
    ):
        with apart(query, found):
            log(
                {"path": "/ok"},
                {"path": "/many", "status": 429, "request_id": "req_0000000000ff"},
                {
                    "path": "/broken",
                    "status": 500,
                    "method": "POST",
                    "error_code": "internal_error",
                },
                {"path": "/none", "status": 404, "error_code": "not_found"},
                key=key,
            )

            assert paths(viewer.get(LIST, query)) == found


def test_the_requests_of_a_key_and_of_a_workspace(viewer, key):
    other = keys.create(make_workspace("Other"), "day", ["read"])[0]
    log({"path": "/ours"}, key=key)
    log({"path": "/theirs"}, key=other)

    of_key = viewer.get(LIST, {"api_key__id__exact": str(key.pk)})
    of_workspace = viewer.get(LIST, {"workspace__id__exact": str(key.workspace_id)})

    assert paths(of_key) == paths(of_workspace) == ["/ours"]


def test_the_pages_of_a_key_and_a_workspace_lead_to_their_requests(admin_client, key):
    log({"path": "/ours"}, key=key)
    pages = (f"/admin/posts/apikey/{key.pk}", f"/admin/posts/workspace/{key.workspace_id}")
    for page in pages:
        [url] = re.findall(
            r'href="(/admin/posts/apirequest/\?[^"]+)"', text(admin_client.get(f"{page}/change/"))
        )
        assert paths(admin_client.get(url)) == ["/ours"]
    assert admin_client.get("/admin/posts/workspace/add/").status_code == 200


def test_a_day_is_found_by_halving_the_log(viewer, monkeypatch):
    monkeypatch.setattr(time_search, "SLACK", timedelta(seconds=1))
    rows = log(*({"path": f"/{number}"} for number in range(60)))
    for number, row in enumerate(rows):
        at = timezone.now() - timedelta(days=(59 - number) // 10)
        ApiRequest.objects.filter(pk=row.pk).update(at=at)
    yesterday = f"{timezone.now() - timedelta(days=1):%Y-%m-%d}"

    with CaptureQueriesContext(connection) as asked:
        page = viewer.get(LIST, {"since": yesterday, "until": yesterday})

    assert paths(page) == [f"/{number}" for number in range(49, 39, -1)]
    assert len([each for each in asked if "posts_apirequest" in each["sql"]]) < 20


def test_pages_are_turned_without_counting_or_skipping_rows(viewer):
    log(*({"path": f"/{number}"} for number in range(120)))
    seen, url = [], LIST

    for _ in range(3):
        with CaptureQueriesContext(connection) as asked:
            page = viewer.get(url)
        seen += paths(page)
        for each in asked:
            assert "OFFSET" not in each["sql"]
            is_count = "COUNT(" in each["sql"] and "posts_apirequest" in each["sql"]
            assert "LIMIT" in each["sql"] or not is_count
        url = LIST + page.context["cl"].older

    assert seen == [f"/{number}" for number in range(119, -1, -1)]
    assert 'rel="next"' not in text(page)


def test_a_search_for_what_is_rare_looks_at_so_many_rows_and_goes_on_if_asked(viewer, monkeypatch):
    monkeypatch.setattr(pages, "DEPTH", 10)
    log({"path": "/rare", "method": "DELETE"}, *({"path": "/usual"} for _ in range(25)))

    seen, url = [], f"{LIST}?method=DELETE"
    for _ in range(3):
        page = viewer.get(url)
        seen.append(paths(page))
        url = LIST + page.context["cl"].older

    assert seen == [[], [], ["/rare"]]
    assert "Look further back" not in text(page)
    assert "Look further back" in text(viewer.get(LIST, {"method": "DELETE"}))


def test_no_value_in_an_address_breaks_or_sorts_the_list(viewer):
    for query in (
        {"after": "-1"},
        {"after": "٣"},
        {"since": "2026-13-99"},
        {"since": "0001-01-01"},
        {"until": "9999-12-31"},
        {"o": "1"},
        {"p": "7"},
    ):
        with apart(query):
            log({"path": "/first"}, {"path": "/second"})

            page = viewer.get(LIST, query)

            assert page.status_code == 200
            if "after" not in query:
                assert paths(page) == ["/second", "/first"]


def test_the_log_is_for_operators_who_may_see_it_and_none_may_change_it(client, admin_client):
    [row] = log({})
    assert client.get(LIST).status_code == 302
    page = admin_client.get(f"{LIST}{row.pk}/change/")
    assert page.status_code == 200
    assert not re.search(r'name="_save"', text(page))
    assert admin_client.post(f"{LIST}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert admin_client.post(f"{LIST}add/", {}).status_code == 403

    some = staff(client)
    User.objects.get(username="vi").user_permissions.clear()
    assert some.get(LIST).status_code == 403
    assert some.get(f"{LIST}{row.pk}/change/").status_code == 403
