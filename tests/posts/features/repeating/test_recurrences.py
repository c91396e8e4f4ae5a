"""Rules are changed, paused and deleted together with those of their posts that lie ahead."""

from datetime import datetime, timedelta

import pytest

from destinations.models import Destination
from destinations.runtime import clock
from posts.composing.changes import lock
from posts.errors import RequestRefused
from posts.features.repeating import materialise
from posts.features.repeating.models import Occurrence, Recurrence
from posts.models import Post
from tests.factories import make_account
from tests.posts.conftest import data_of, refused
from tests.posts.factories import make_media
from tests.posts.features.repeating.conftest import DAY, begin, midday, posts, shift, soon


@pytest.fixture(autouse=True)
def _ten_days(monkeypatch):
    monkeypatch.setattr(materialise, "AHEAD", 10 * DAY)


def claimed(post: Post) -> None:
    """A worker has claimed it."""
    Destination.objects.filter(post=post).update(claim="00000000-0000-0000-0000-000000000001")


def test_a_change_of_the_text_changes_the_posts_ahead_and_keeps_their_ids(ada, x):
    row = begin(ada, x)
    before = [each.pk for each in posts(row)]

    answer = ada.patch(f"/recurrences/{row.pk}", {"content": "New"})

    assert answer.json()["data"]["content"] == "New"
    assert [each.pk for each in posts(row)] == before
    assert {each.content for each in posts(row)} == {"New"}
    drafts = Destination.objects.values_list("draft__text", flat=True)
    assert set(drafts) == {"New"}


def test_what_was_edited_deleted_or_has_begun_is_left(ada, x):
    row = begin(ada, x)
    begun, edited, deleted = posts(row)[:3]
    claimed(begun)
    ada.patch(f"/posts/{edited.public_id}", {"content": "Mine"})
    ada.delete(f"/posts/{deleted.public_id}")

    ada.patch(f"/recurrences/{row.pk}", {"content": "New"})

    assert [each.content for each in posts(row)[:3]] == ["Again", "Mine", "New"]
    assert row.occurrences.count() == 10
    # Changing the rule once more still tells them apart.
    ada.patch(f"/recurrences/{row.pk}", {"content": "Newer"})
    assert [each.content for each in posts(row)[:3]] == ["Again", "Mine", "Newer"]


def test_another_time_of_day_moves_them(ada, x):
    row = begin(ada, x)
    wanted = soon(hours=5)

    ada.patch(f"/recurrences/{row.pk}", {"scheduled_at": wanted.isoformat()})

    times = [each.scheduled_for for each in posts(row)]
    assert times[:2] == [wanted, wanted + DAY]
    assert list(row.occurrences.order_by("at").values_list("at", flat=True)) == times


def test_another_rule_takes_back_what_it_has_no_more_and_makes_what_is_new(ada, x):
    row = begin(ada, x)
    edited = posts(row)[1]
    ada.patch(f"/posts/{edited.public_id}", {"content": "Mine"})

    answer = ada.patch(f"/recurrences/{row.pk}", {"recurrence": {"freq": "weekly"}})

    assert answer.json()["data"]["recurrence"]["freq"] == "weekly"
    made = posts(row)
    assert len(made) == 3
    assert made[1].pk == edited.pk
    ada.patch(f"/recurrences/{row.pk}", {"recurrence": {"freq": "daily"}})
    materialise.run()
    assert len(posts(row)) == 10


def test_other_accounts_and_files_reach_the_posts(ada, x):
    row = begin(ada, x)
    other, media = make_account(ada.workspace, "linkedin"), make_media(ada.workspace)

    changes = {"account_ids": [x.pk, other.pk], "media_ids": [str(media.pk)]}
    ada.patch(f"/recurrences/{row.pk}", changes)

    assert Destination.objects.filter(account=other).count() == 10
    assert all(post.media.get() == media for post in posts(row))


def test_a_change_that_is_refused_changes_nothing(ada, x):
    row = begin(ada, x)
    for changes, code in (
        ({}, "validation_error"),
        ({"content": "x" * 400}, "content_too_long"),
        ({"account_ids": [987654321]}, "invalid_accounts"),
        ({"scheduled_at": "2020-01-01T09:00:00Z"}, "past_schedule_time"),
        ({"recurrence": {"freq": "yearly"}}, "validation_error"),
        ({"recurrence": {"freq": "daily", "until": "2020-01-01"}}, "validation_error"),
        ({"recurrence": None}, "validation_error"),
        ({"use_queue": True}, "invalid_field_name"),
    ):
        refused(ada.patch(f"/recurrences/{row.pk}", changes), 400, code)

        after = Recurrence.objects.get()
        assert (after.content, after.updated_at) == (row.content, row.updated_at), changes
        assert {each.content for each in posts(row)} == {"Again"}, changes


def test_a_change_during_the_change_of_a_post_is_refused_as_a_whole(ada, x, monkeypatch):
    row = begin(ada, x)
    edit = materialise.compose.edit
    done = []

    def busy(author, post_id, changes, guard):
        if len(done) == 3:
            raise RequestRefused("conflict", lock.BUSY)
        done.append(post_id)
        return edit(author, post_id, changes, guard)

    monkeypatch.setattr(materialise.compose, "edit", busy)

    refused(ada.patch(f"/recurrences/{row.pk}", {"content": "New"}), 409, "conflict")

    assert {each.content for each in posts(row)} == {"Again"}


def test_a_paused_rule_makes_nothing_until_it_is_resumed_and_makes_up_for_nothing(ada, x):
    row = begin(ada, x)
    edited = posts(row)[2]
    ada.patch(f"/posts/{edited.public_id}", {"content": "Mine"})

    paused = ada.post(f"/recurrences/{row.pk}/pause").json()["data"]

    assert (paused["status"], paused["next_at"]) == ("paused", None)
    assert [each.pk for each in posts(row)] == [edited.pk]
    assert materialise.run() == 0
    assert [each["status"] for each in paused["next_occurrences"]] == ["made"]
    row.refresh_from_db()
    shift(row, days=5)

    resumed = ada.post(f"/recurrences/{row.pk}/resume").json()["data"]
    materialise.run()

    assert resumed["status"] == "active"
    assert not row.occurrences.filter(post_id=None).exists()
    ahead = [each for each in posts(row) if each.scheduled_for > clock.now()]
    assert len(ahead) == 10
    assert ada.post(f"/recurrences/{row.pk}/resume").status_code == 200


def test_deleting_takes_what_has_not_begun_and_leaves_the_rest(ada, x):
    row = begin(ada, x)
    begun, edited = posts(row)[:2]
    claimed(begun)
    ada.patch(f"/posts/{edited.public_id}", {"content": "Mine"})

    data = ada.delete(f"/recurrences/{row.pk}").json()["data"]

    assert data == {"id": str(row.pk), "deleted": True, "deleted_posts": 9}
    assert [each.pk for each in Post.objects.all()] == [begun.pk]
    assert not Occurrence.objects.exists()
    refused(ada.get(f"/recurrences/{row.pk}"), 404, "not_found")


def test_edited_posts_may_be_kept(ada, x):
    row = begin(ada, x)
    edited = posts(row)[1]
    ada.patch(f"/posts/{edited.public_id}", {"content": "Mine"})

    data = ada.delete(f"/recurrences/{row.pk}?keep_edited=true").json()["data"]

    assert data["deleted_posts"] == 9
    assert Post.objects.get().pk == edited.pk


def test_a_rule_that_is_over_says_so(ada, x):
    row = begin(ada, x, recurrence={"freq": "daily", "count": 2})
    shift(row, days=3)

    data = ada.get(f"/recurrences/{row.pk}").json()["data"]

    assert (data["status"], data["next_at"], data["next_occurrences"]) == ("ended", None, [])
    assert len(data["last_occurrences"]) == 2
    response = ada.patch(f"/recurrences/{row.pk}", {"content": "New"})
    refused(response, 400, "validation_error")


def test_a_change_of_a_paused_rule_holds_when_it_is_resumed(ada, x):
    row = begin(ada, x)
    ada.post(f"/recurrences/{row.pk}/pause")

    data = ada.patch(f"/recurrences/{row.pk}", {"content": "New"}).json()["data"]

    assert data["status"] == "paused"
    ada.post(f"/recurrences/{row.pk}/resume")
    assert {each.content for each in posts(row)} == {"New"}


def test_a_time_without_an_offset_is_in_the_zone_of_the_rule(ada, x):
    row = begin(ada, x, recurrence={"freq": "daily", "timezone": "Asia/Tokyo"})
    wall = (soon() + timedelta(days=2)).strftime("%Y-%m-%dT10:00:00")

    data = ada.patch(f"/recurrences/{row.pk}", {"scheduled_at": wall}).json()["data"]

    assert datetime.fromisoformat(data["first_at"]).strftime("%H:%M") == "01:00"


def test_a_rule_that_is_moved_to_later_today_makes_no_second_post_of_today(ada, x):
    row = begin(ada, x, recurrence={"freq": "daily", "timezone": midday()})
    shift(row, hours=2)
    today = posts(row)[0]
    Post.objects.filter(pk=today.pk).update(status="published")
    later = soon(minutes=30)

    data_of(ada.patch(f"/recurrences/{row.pk}", {"scheduled_at": later.isoformat()}))
    materialise.run()
    made = posts(row)
    assert made[0].pk == today.pk
    assert [each.scheduled_for for each in made[1:3]] == [later + DAY, later + 2 * DAY]


def test_a_rule_that_is_paused_edited_and_resumed_skips_what_it_has_had(ada, x):
    row = begin(ada, x, recurrence={"freq": "daily", "timezone": midday()})
    shift(row, hours=2)
    Post.objects.filter(pk=posts(row)[0].pk).update(status="published")
    ada.post(f"/recurrences/{row.pk}/pause", {})
    later = soon(minutes=30)
    ada.patch(f"/recurrences/{row.pk}", {"scheduled_at": later.isoformat()})

    data_of(ada.post(f"/recurrences/{row.pk}/resume", {}))
    materialise.run()
    assert [each.scheduled_for for each in posts(row)[1:3]] == [later + DAY, later + 2 * DAY]
