"""Counting in the face of late commits, deletions and a second worker."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest
from django.db import connection, transaction

from destinations.access import Reach
from destinations.runtime import clock
from destinations.state import transitions
from posts.features.analytics import counting, tallies
from posts.features.analytics.models import CountedPost, DeletedPost, PostTally, TallyProgress
from posts.features.analytics.tallies import TallyWindow
from posts.models import Post
from tests.factories import make_account, make_campaign, make_post
from tests.posts.conftest import refused


def total(caller) -> int:
    return int(caller.get("/analytics/summary?period=all").json()["data"]["posts"]["total"])


def failed(caller) -> int:
    data = caller.get("/analytics/summary?period=all").json()["data"]
    return int(data["by_platform"][0]["failed"])


def tallied() -> int:
    rows = PostTally.objects.filter(campaign_number=0, part__startswith="/")
    return sum(rows.values_list("count", flat=True))


def test_a_change_that_is_committed_late_is_counted(ada, account):
    counting.count()
    make_post(ada.workspace, [account])
    counting.count()
    # As if its transaction had begun before the last run and ended after it.
    late = make_post(ada.workspace, [account])
    at = clock.now() - counting.LATE_COMMITS / 2
    Post.objects.filter(pk=late.pk).update(updated_at=at)

    assert total(ada) == 2
    assert counting.count() == 1
    assert (total(ada), tallied()) == (2, 2)


def test_posts_that_are_deleted_before_or_after_they_were_counted_count_no_more(ada, account):
    kept, counted, early = (make_post(ada.workspace, [account]) for _ in range(3))
    early.delete()
    counting.count()
    assert tallied() == 2
    counted.delete()

    assert total(ada) == 1
    counting.count()

    assert (total(ada), tallied()) == (1, 1)
    assert CountedPost.objects.get().post_id == kept.pk
    assert not DeletedPost.objects.exists()


def test_a_workspace_with_all_its_posts_can_be_deleted(ada, account):
    make_post(ada.workspace, [account])
    counting.count()

    ada.workspace.delete()

    assert not PostTally.objects.exists()
    assert not TallyProgress.objects.exists()


def test_a_post_in_a_campaign_that_is_cleared_stays_in_the_tallies(ada, account):
    campaign = make_campaign(ada.workspace)
    post = make_post(ada.workspace, [account], campaign=campaign.pk)
    counting.count()
    Post.objects.filter(pk=post.pk).update(campaign=None)
    assert total(ada) == 1
    Post.objects.filter(pk=post.pk).update(updated_at=clock.now() + timedelta(seconds=1))

    counting.count()

    assert (total(ada), tallied()) == (1, 1)
    of_campaign = PostTally.objects.filter(campaign_number=campaign.pk)
    assert set(of_campaign.values_list("count", flat=True)) == {0}


HOUR, INSTANT = datetime(2026, 3, 15, 12, tzinfo=UTC), timedelta.resolution


@pytest.mark.parametrize("made", [HOUR - INSTANT, HOUR, HOUR + INSTANT])
@pytest.mark.parametrize("end", [HOUR - INSTANT, HOUR, HOUR + INSTANT, HOUR + 2 * INSTANT])
def test_around_a_full_hour_a_post_is_before_an_end_or_not(ada, account, made, end):
    post = make_post(ada.workspace, [account])
    Post.objects.filter(pk=post.pk).update(created_at=made)
    reach, window = Reach(ada.workspace.pk), TallyWindow(None, end)
    is_before = int(made < end)

    assert tallies.in_window(reach, window).get("/publishing", 0) == is_before
    counting.count()
    assert tallies.in_window(reach, window).get("/publishing", 0) == is_before


def test_a_clock_that_is_late_misses_no_post(ada, account, monkeypatch):
    """As where the database's answer to the question for its time took two seconds."""
    late = clock.Measurement(clock.now() - timedelta(seconds=2), time.clock_gettime(clock.STEADY))
    monkeypatch.setattr(clock, "_last", late)
    make_post(ada.workspace, [account])

    assert total(ada) == 1
    counting.count()
    assert total(ada) == 1


def test_a_retry_that_begins_unseen_is_seen_by_readers(ada, account):
    post = make_post(ada.workspace, [account, make_account(ada.workspace)])
    first, second = post.destinations.order_by("position")
    for row in (first, second):
        transitions.move("start", row.pk, by="test", attempts=1)
    transitions.move("retry", first.pk, by="test", next_retry_at=clock.now())
    counting.count()
    assert failed(ada) == 1
    changed_at = Post.objects.get().updated_at

    transitions.move("start", first.pk, by="test", attempts=2)

    assert Post.objects.get().updated_at == changed_at
    assert failed(ada) == 0
    assert counting.count() == 0
    assert failed(ada) == 0
    transitions.move("fail", first.pk, by="test")
    transitions.move("succeed", second.pk, by="test", published_at=clock.now())
    counting.count()
    assert failed(ada) == 1


def test_while_most_is_uncounted_a_summary_says_to_try_again(ada, account, monkeypatch):
    monkeypatch.setattr(tallies, "MOST_UNCOUNTED", 2)
    campaign = make_campaign(ada.workspace)
    for _ in range(3):
        make_post(ada.workspace, [account], campaign=campaign.pk)

    answer = ada.get("/analytics/summary")

    refused(answer, 503, "service_unavailable")
    assert answer.headers["Retry-After"] == "60"
    assert ada.get(f"/campaigns/{campaign.pk}").json()["data"]["post_count"] == 3
    counting.count()
    assert total(ada) == 3
    # Nothing has happened for long.
    TallyProgress.objects.update(upto=clock.now() - timedelta(days=1))
    Post.objects.update(updated_at=clock.now() - timedelta(days=2))
    assert total(ada) == 3


@pytest.mark.django_db(transaction=True)
def test_while_one_worker_counts_another_does_nothing_and_readers_are_exact(ada, account):
    for _ in range(5):
        make_post(ada.workspace, [account])
    is_counted, may_end = Event(), Event()

    def count() -> int:
        try:
            with transaction.atomic():
                found = counting.count()
                is_counted.set()
                assert may_end.wait(30)
                return found
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as other:
        running = other.submit(count)
        assert is_counted.wait(30)
        assert counting.count() == 0
        assert (total(ada), tallied()) == (5, 0)
        Post.objects.latest("created_at").delete()
        assert total(ada) == 4
        may_end.set()
        assert running.result(30) == 5

    assert (total(ada), tallied()) == (4, 5)
    counting.count()
    assert (total(ada), tallied()) == (4, 4)
