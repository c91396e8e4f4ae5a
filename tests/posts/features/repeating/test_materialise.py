"""Occurrences become posts some time ahead, each once, and never late."""

from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F

from destinations.dispatch import claims
from destinations.models import Destination
from destinations.publishing import plan
from destinations.runtime import clock
from posts.composing.destinations import apply_deadline
from posts.errors import RequestRefused
from posts.features.repeating import materialise, worker
from posts.features.repeating.models import Occurrence, Recurrence
from posts.models import Media, Post, Workspace
from tests.posts.at_once import at_once
from tests.posts.features.repeating.conftest import DAY, begin, posts, shift, soon

#: How many days ahead posts are made here: fewer, so that there are fewer of them.
DAYS = 15
REAL_AHEAD = materialise.AHEAD


@pytest.fixture(autouse=True)
def _fifteen_days(monkeypatch):
    monkeypatch.setattr(materialise, "AHEAD", DAYS * DAY)


def test_posts_are_made_ninety_days_ahead_as_ordinary_ones(ada, x, monkeypatch):
    monkeypatch.setattr(materialise, "AHEAD", REAL_AHEAD)
    row = begin(ada, x, metadata={"order": 7})

    made = posts(row)
    assert len(made) == 90
    assert all(b.scheduled_for - a.scheduled_for == DAY for a, b in pairwise(made))
    assert {(each.status, each.content) for each in made} == {("scheduled", "Again")}
    assert all(each.metadata == {"order": 7} for each in made)
    due = Destination.objects.values_list("due_at", flat=True).order_by("due_at")
    assert list(due) == [each.scheduled_for for each in made]


def test_the_next_one_is_made_once_it_comes_near(ada, x):
    row = begin(ada, x)
    row.refresh_from_db()
    assert row.look_at == row.first_at + DAYS * DAY - materialise.AHEAD
    assert materialise.run() == 0

    shift(row, days=1)

    assert materialise.run() == 1
    assert len(posts(row)) == DAYS + 1


def test_a_rule_ends_by_its_number(ada, x):
    row = begin(ada, x, recurrence={"freq": "daily", "count": 3})

    row.refresh_from_db()
    assert (len(posts(row)), row.look_at) == (3, None)


def test_what_came_due_while_nothing_ran_is_missed_and_not_published_late(ada, x):
    row = begin(ada, x, make=False)
    shift(row, days=3)

    materialise.run()

    now = clock.now()
    passed = row.occurrences.filter(at__lte=now).order_by("at")
    assert [each.post_id is None for each in passed] == [False, True, True]
    assert all(each.missed_because == materialise.LATE for each in passed[1:])
    assert len([each for each in posts(row) if each.scheduled_for > now]) == DAYS
    shown = ada.get(f"/recurrences/{row.pk}").json()["data"]["last_occurrences"]
    assert [each["status"] for each in shown] == ["missed", "missed", "made"]


def test_an_edited_or_deleted_occurrence_is_never_made_again(ada, x):
    row = begin(ada, x)
    edited, deleted = posts(row)[1:3]
    ada.patch(f"/posts/{edited.public_id}", {"content": "Other"})
    ada.delete(f"/posts/{deleted.public_id}")
    Recurrence.objects.update(settled_until=row.first_at, look_at=clock.now())

    assert materialise.run() == 0
    assert row.occurrences.count() == DAYS
    shown = ada.get(f"/recurrences/{row.pk}").json()["data"]["next_occurrences"]
    assert [(each["status"], each["edited"]) for each in shown[:4]] == [
        ("made", False),
        ("made", True),
        ("deleted", False),
        ("made", False),
    ]


def test_one_that_cannot_be_made_is_told_and_tried_again_while_its_time_is_ahead(ada, x):
    row = begin(ada, x, make=False)
    x.delete()

    assert materialise.run() == 0

    row.refresh_from_db()
    assert row.problem_code == "invalid_accounts"
    assert timedelta() < row.look_at - clock.now() <= timedelta(hours=1)
    problem = ada.get(f"/recurrences/{row.pk}").json()["data"]["problem"]
    assert problem["code"] == "invalid_accounts"
    assert problem["since"]
    shift(row, days=2)
    materialise.run()
    missed = row.occurrences.get(post_id=None)
    assert missed.missed_because == row.problem


def test_a_problem_that_has_passed_is_forgotten(ada, x):
    campaign = ada.post("/campaigns", {"name": "Spring"}).json()["data"]["id"]
    row = begin(ada, x, make=False, campaign_id=campaign)
    ada.patch(f"/campaigns/{campaign}", {"status": "archived"})
    materialise.run()
    row.refresh_from_db()
    assert row.problem_code == "invalid_campaign"

    ada.patch(f"/campaigns/{campaign}", {"status": "active"})
    Recurrence.objects.update(look_at=clock.now())

    assert materialise.run() == DAYS - 1
    row.refresh_from_db()
    assert (row.problem_code, row.problem_since) == ("", None)


def test_files_are_shared_by_the_posts_and_kept_for_the_rule(ada, media, x):
    fields = {"media_ids": [str(media.pk)], "alt_texts": {str(media.pk): "A dove"}}
    row = begin(ada, x, recurrence={"freq": "monthly", "interval": 6}, **fields)
    shift(row, days=170)
    materialise.run()
    later = posts(row)[-1]
    assert [(each.media_id, each.alt_text) for each in later.attachments.all()] == [
        (media.pk, "A dove")
    ]
    for post in posts(row):
        ada.delete(f"/posts/{post.public_id}")

    response = ada.delete(f"/media/{media.pk}")

    assert response.json()["error"]["code"] == "media_in_use"
    assert response.json()["error"]["details"]["recurrence_ids"] == [str(row.pk)]
    ada.delete(f"/recurrences/{row.pk}")
    assert ada.delete(f"/media/{media.pk}").status_code == 200


def test_a_file_that_was_forced_away_is_a_problem_of_the_rule(ada, media, x):
    row = begin(ada, x, make=False, media_ids=[str(media.pk)])
    assert ada.delete(f"/media/{media.pk}?force=true").status_code == 200
    assert not Media.objects.exists()

    materialise.run()

    row.refresh_from_db()
    assert row.problem_code == "invalid_media"
    answer = ada.patch(f"/recurrences/{row.pk}", {"media_ids": []})
    assert answer.json()["data"]["problem"] is None


def test_one_date_of_a_rule_is_claimed_once(ada, x):
    row = begin(ada, x, make=False)
    claim = row.occurrences.get()

    with pytest.raises(IntegrityError), transaction.atomic():
        Occurrence.objects.create(recurrence=row, date=claim.date, at=claim.at)


def test_a_failure_leaves_neither_post_nor_claim_is_told_and_holds_up_no_other(ada, x, monkeypatch):
    bad = begin(ada, x, make=False, content="Bad")
    good = begin(ada, x, make=False, content="Good")
    claim = materialise.claim

    def breaks(row, when, post):
        if row.pk == bad.pk:
            raise RuntimeError("a bug")
        claim(row, when, post)

    monkeypatch.setattr(materialise, "claim", breaks)
    materialise.run()

    bad.refresh_from_db()
    assert (bad.problem, bad.problem_code) == (worker.CRASHED.message, "internal_error")
    assert bad.look_at > clock.now() + timedelta(minutes=50)
    assert (bad.occurrences.count(), good.occurrences.count()) == (1, DAYS)
    assert Post.objects.filter(content="Bad").count() == 1
    monkeypatch.setattr(materialise, "claim", claim)
    Recurrence.objects.filter(pk=bad.pk).update(look_at=clock.now())
    materialise.run()
    assert Post.objects.filter(content="Bad").count() == DAYS


@pytest.mark.django_db(transaction=True)
def test_two_at_once_make_each_occurrence_once(ada, x):
    rows = [begin(ada, x, make=False) for _ in range(4)]

    at_once([materialise.run] * 4)
    Recurrence.objects.filter(look_at__lt=clock.now() + timedelta(hours=1)).update(
        look_at=clock.now()
    )
    materialise.run()

    assert Post.objects.count() == Occurrence.objects.count() == DAYS * len(rows)
    assert Occurrence.objects.values("post_id").distinct().count() == DAYS * len(rows)


def test_a_time_too_near_to_be_scheduled_is_missed(ada, x, monkeypatch):
    row = begin(ada, x, make=False, scheduled_at=soon(seconds=30).isoformat())
    create = materialise.compose.create

    def late(author, new):
        if new.when == row.first_at + DAY:
            raise RequestRefused("past_schedule_time", "scheduled_at must be in the future.")
        return create(author, new)

    monkeypatch.setattr(materialise.compose, "create", late)
    materialise.run()

    assert row.occurrences.get(post_id=None).at == row.first_at + DAY
    assert len(posts(row)) == DAYS - 1


def latest(post: Post) -> timedelta:
    """How long after its time a post may begin."""
    (row,) = post.destinations.all()
    return row.not_after - post.scheduled_for


def test_an_occurrence_may_begin_until_the_next_one(ada, x):
    row = begin(ada, x, recurrence={"freq": "daily", "interval": 3, "count": 4})

    assert [latest(post) for post in posts(row)] == [3 * DAY] * 4


def test_a_rule_may_say_how_late_its_posts_may_begin(ada, x):
    row = begin(ada, x, recurrence={"freq": "daily", "missed_after_minutes": 30})
    assert {latest(post) for post in posts(row)} == {timedelta(minutes=30)}

    ada.patch(f"/recurrences/{row.pk}", {"recurrence": {"freq": "daily"}})

    assert {latest(post) for post in posts(row)} == {DAY}
    shown = ada.get(f"/recurrences/{row.pk}").json()["data"]["recurrence"]
    assert shown["missed_after_minutes"] is None


def test_the_narrower_limit_of_rule_and_workspace_counts(ada, x):
    Workspace.objects.update(missed_after_minutes=60)
    row = begin(ada, x)
    assert {latest(post) for post in posts(row)} == {timedelta(hours=1)}

    Workspace.objects.update(missed_after_minutes=None)
    apply_deadline(Workspace.objects.get(pk=ada.workspace.pk))

    assert {latest(post) for post in posts(row)} == {DAY}


def test_after_days_without_workers_a_series_publishes_its_last_occurrence_only(ada, x):
    row = begin(ada, x)
    back = 3 * DAY + timedelta(hours=2)
    columns = ("due_at", "wanted_at", "not_after")
    Destination.objects.update(**{name: F(name) - back for name in columns})

    while claimed := claims.claim(1):
        plan.start([each.key for each in claimed], "worker:a")
        Destination.objects.filter(status="publishing").update(due_at=None, claim=None)

    rows = [post.destinations.get() for post in posts(row)]
    assert [each.status for each in rows[:5]] == [*["failed"] * 3, "publishing", "queued"]
    assert {each.error_code for each in rows[:3]} == {"missed_schedule"}
