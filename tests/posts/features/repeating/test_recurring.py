"""Posts that recur, over HTTP."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from posts.features.repeating import materialise
from posts.features.repeating.models import Occurrence, Recurrence
from posts.keys import keys
from posts.models import Post
from tests.factories import make_account
from tests.posts.api.cases import cases
from tests.posts.conftest import Caller, refused
from tests.posts.features.repeating.conftest import begin, body, posts, soon


@pytest.fixture(autouse=True)
def _ten_days(monkeypatch):
    monkeypatch.setattr(materialise, "AHEAD", timedelta(days=10))


def test_the_given_post_is_the_first_occurrence_and_the_answers_name_the_rule(ada, x):
    made = ada.post("/posts", body(x)).json()["data"]

    key = made["recurrence_id"]
    post = ada.get(f"/posts/{made['post_id']}").json()["data"]
    listed = ada.get("/posts").json()["data"]
    assert post["recurrence_id"] == listed[0]["recurrence_id"] == key
    assert post["occurrence_date"] == post["scheduled_for"][:10]
    shown = ada.get(f"/recurrences/{key}").json()["data"]
    assert shown["next_at"] == shown["first_at"] == post["scheduled_for"]
    assert [each["status"] for each in shown["next_occurrences"]] == ["made"] + 9 * ["planned"]
    assert shown["next_occurrences"][0]["post_id"] == made["post_id"]
    assert shown["recurrence"] == {
        "freq": "daily",
        "interval": 1,
        "by_day": [],
        "until": None,
        "count": None,
        "timezone": "UTC",
        "missed_after_minutes": None,
    }


def test_other_posts_do_not_have_the_fields(ada, x):
    ada.post("/posts", body(x, recurrence=None))

    (post,) = ada.get("/posts").json()["data"]
    assert {"recurrence_id", "occurrence_date"}.isdisjoint(post)


def test_on_the_compatibility_mount_posts_are_named_by_their_uuids(ada, x):
    compat = replace(ada, mount="/compat/api/v1")

    made = compat.post("/posts", body(x)).json()["data"]
    shown = compat.get(f"/recurrences/{made['recurrence_id']}").json()["data"]

    post = Post.objects.get()
    assert shown["next_occurrences"][0]["post_id"] == str(post.pk)
    assert shown["next_occurrences"][1]["post_id"] is None
    assert compat.get(f"/posts/{post.pk}").json()["data"]["recurrence_id"] == str(
        Recurrence.objects.get().pk
    )


def test_without_accounts_the_rule_keeps_those_of_the_first_post(ada, x):
    compat = replace(ada, mount="/compat/api/v1")
    wanted = body(x)
    del wanted["account_ids"]

    compat.post("/posts", wanted)

    assert Recurrence.objects.get().account_ids == [x.pk]


@cases(
    ("more", "field"),
    [
        ({"draft": True}, "recurrence"),
        ({"scheduled_at": None}, "scheduled_at"),
        ({"scheduled_at": None, "use_queue": True}, "use_queue"),
        ({"recurrence": {}}, "recurrence.freq"),
        ({"recurrence": {"freq": "hourly"}}, "recurrence.freq"),
        ({"recurrence": {"freq": "daily", "interval": 0}}, "recurrence.interval"),
        ({"recurrence": {"freq": "daily", "interval": 101}}, "recurrence.interval"),
        ({"recurrence": {"freq": "daily", "count": 0}}, "recurrence.count"),
        ({"recurrence": {"freq": "daily", "count": 2, "until": "2099-01-01"}}, "recurrence.count"),
        ({"recurrence": {"freq": "daily", "until": "tomorrow"}}, "recurrence.until"),
        ({"recurrence": {"freq": "daily", "until": "2020-01-01"}}, "recurrence.until"),
        ({"recurrence": {"freq": "weekly", "by_day": []}}, "recurrence.by_day"),
        ({"recurrence": {"freq": "weekly", "by_day": ["monday"]}}, "recurrence.by_day[0]"),
        ({"recurrence": {"freq": "monthly", "by_day": ["MO"]}}, "recurrence.by_day"),
    ],
)
def test_what_makes_no_rule_is_refused_here_and_by_validate(ada, x, more, field):
    for path in ("/posts", "/posts/validate"):
        error = refused(ada.post(path, body(x, **more)), 400, "validation_error")
        assert error["details"]["validation_errors"][0]["field"] == field
    assert not Post.objects.exists()
    assert not Recurrence.objects.exists()


def test_an_unknown_zone_is_refused(ada, x):
    wanted = body(x, recurrence={"freq": "daily", "timezone": "Mars/Olympus"})

    for path in ("/posts", "/posts/validate"):
        refused(ada.post(path, wanted), 400, "invalid_timezone")


def test_a_first_occurrence_on_another_day_is_refused(ada, x):
    first = soon()
    other = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")[(first.weekday() + 1) % 7]

    wanted = body(x, recurrence={"freq": "weekly", "by_day": [other]})

    error = refused(ada.post("/posts", wanted), 400, "validation_error")
    assert "name that day too" in error["message"]


def test_a_workspace_has_so_many_rules_and_no_more(ada, x, settings):
    settings.RECURRENCE_LIMIT = 1
    begin(ada, x, make=False)

    refused(ada.post("/posts", body(x)), 409, "recurrence_limit_reached")

    assert Post.objects.count() == 1


def test_a_bulk_call_takes_them_and_refuses_one_by_one(ada, x):
    wanted = [body(x), body(x, draft=True), body(x, recurrence=None)]

    data = ada.post("/posts/bulk", {"posts": wanted}).json()["data"]

    assert [each["ok"] for each in data["results"]] == [True, False, True]
    assert data["results"][0]["post"]["recurrence_id"] == str(Recurrence.objects.get().pk)


def test_the_same_request_sent_again_begins_one_rule(ada, x):
    wanted, headers = body(x), {"Idempotency-Key": "again"}

    first, second = (ada.post("/posts", wanted, headers=headers) for _ in range(2))

    assert first.json()["data"] == second.json()["data"]
    assert Recurrence.objects.count() == Occurrence.objects.count() == 1


def test_a_post_is_changed_without_its_rule(ada, x):
    row = begin(ada, x)
    post = posts(row)[0]

    refused(
        ada.patch(f"/posts/{post.public_id}", {"recurrence": {"freq": "daily"}}),
        400,
        "invalid_field_name",
    )
    assert ada.patch(f"/posts/{post.public_id}", {"content": "Mine"}).status_code == 200
    row.refresh_from_db()
    assert row.content == "Again"


def test_rules_are_listed_newest_first_by_pages(ada, x):
    rows = [begin(ada, x, make=False) for _ in range(3)]

    data = ada.get("/recurrences?limit=2").json()["data"]

    assert [each["id"] for each in data["recurrences"]] == [str(row.pk) for row in rows[:0:-1]]
    assert data["pagination"] == {"limit": 2, "offset": 0, "total": 3, "has_more": True}


def test_a_restricted_key_sees_and_changes_only_rules_of_its_accounts(ada, x):
    other = make_account(ada.workspace, "linkedin")
    mine = begin(ada, x, make=False)
    both = begin(ada, x, make=False, account_ids=[x.pk, other.pk])
    made = keys.create(ada.workspace, "Bo", ["read", "write"], accounts=[x])
    bo = Caller(ada.workspace, *made)

    listed = bo.get("/recurrences").json()["data"]["recurrences"]

    assert [each["id"] for each in listed] == [str(mine.pk)]
    for call in (bo.get, bo.delete):
        refused(call(f"/recurrences/{both.pk}"), 404, "not_found")
    for name in ("pause", "resume"):
        refused(bo.post(f"/recurrences/{both.pk}/{name}"), 404, "not_found")
    refused(bo.patch(f"/recurrences/{both.pk}", {"content": "New"}), 404, "not_found")
    changes = {"account_ids": [other.pk]}
    refused(bo.patch(f"/recurrences/{mine.pk}", changes), 400, "invalid_accounts")


def test_reading_posts_takes_as_many_statements_as_without_rules(ada, x):
    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert ada.get("/posts").status_code == 200
        return len(captured)

    ada.post("/posts", body(x, recurrence=None))
    ada.get("/posts")
    before = statements()
    begin(ada, x)

    assert statements() == before
