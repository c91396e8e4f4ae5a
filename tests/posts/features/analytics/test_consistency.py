"""`check_consistency` finds tallies that are wrong, and has them counted anew."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import F

from destinations import public_ids
from destinations.runtime import clock
from destinations.state.consistency import Inconsistency, find
from posts.features.analytics import counting
from posts.features.analytics.consistency import CHECKS, MOST
from posts.features.analytics.models import CountedPost, PostTally, TallyProgress
from posts.models import Post
from tests.factories import make_account, make_campaign, make_post
from tests.posts.cases import apart
from tests.posts.features.analytics.life import Life

SEEDS = [100, *(pytest.param(seed, marks=pytest.mark.thorough) for seed in (101, 102))]


def found() -> dict[str, list[str]]:
    return {each.check.name: each.public_ids for each in find(CHECKS)}


def total(caller) -> int:
    return int(caller.get("/analytics/summary?period=all").json()["data"]["posts"]["total"])


@pytest.fixture
def counted(ada) -> Post:
    """One of three counted posts; it is in a campaign."""
    account, campaign = make_account(ada.workspace), make_campaign(ada.workspace)
    posts = [make_post(ada.workspace, [account], campaign=campaign.pk) for _ in range(3)]
    counting.count()
    return posts[0]


def spoil_an_hour():
    PostTally.objects.filter(campaign_number=0).update(count=F("count") + 1)


def lose_an_hour():
    PostTally.objects.filter(campaign_number=0).delete()


def spoil_a_campaign():
    PostTally.objects.filter(hour=counting.EVER).update(count=F("count") - 1)


def test_a_spoilt_tally_is_found_and_counted_anew(ada, counted):
    for spoil, name in (
        (spoil_an_hour, "tallies_differ"),
        (lose_an_hour, "tallies_differ"),
        (spoil_a_campaign, "tallies_of_campaigns_differ"),
    ):
        with apart(spoil, name):
            assert found() == {}

            spoil()

            assert found() == {name: [str(ada.workspace.pk)]}
            [check] = [each for each in CHECKS if each.name == name]
            assert check.repair() == 1
            assert found() == {}
            assert total(ada) == 3
            counting.count()
            assert found() == {}
            assert total(ada) == 3


def test_a_post_that_was_changed_behind_the_back_is_found(ada, counted):
    for change, name in (
        ({"status": "failed"}, "post_counted_wrongly"),
        ({"created_at": datetime(2026, 3, 1, tzinfo=UTC)}, "post_counted_wrongly"),
        ({"campaign": None}, "post_counted_wrongly"),
    ):
        with apart(change, name):
            Post.objects.filter(pk=counted.pk).update(**change)

            assert found() == {name: [public_ids.encode(public_ids.POST, counted.pk)]}
            [check] = [each for each in CHECKS if each.name == name]
            assert check.repair() == 1
            counting.count()
            assert found() == {}


def test_a_post_that_was_left_out_is_found(ada, counted):
    long_ago = clock.now() - timedelta(hours=1)
    Post.objects.filter(pk=counted.pk).update(updated_at=long_ago)
    CountedPost.objects.filter(pk=counted.pk).delete()

    assert found()["post_not_counted"] == [public_ids.encode(public_ids.POST, counted.pk)]


def test_what_is_not_counted_yet_is_no_contradiction(ada, counted):
    make_post(ada.workspace, [make_account(ada.workspace)])
    Post.objects.filter(pk=counted.pk).update(status="failed", updated_at=clock.now())
    counted.campaign.delete()

    assert found() == {}


def test_a_post_of_a_deleted_campaign_is_no_contradiction(ada, counted):
    ada.delete(f"/campaigns/{counted.campaign_id}")
    Post.objects.filter(pk=counted.pk).update(campaign=None)

    assert found() == {}


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_that_happens_to_posts_contradicts_the_tallies(ada, settings, seed):
    settings.RATE_LIMITS = {"requests": (), "posts": ()}
    life = Life(ada, seed)
    for _ in range(80):
        life.happens()
        if life.random.random() < 0.2:
            counting.count()
            assert found() == {}


def bounded(most: int) -> list[Inconsistency]:
    """What is found if so few posts are added up again."""
    assert all(str(MOST) in check.sql for check in CHECKS if "since" in check.sql)
    return find(replace(check, sql=check.sql.replace(str(MOST), str(most))) for check in CHECKS)


def test_only_the_newest_posts_are_added_up_and_no_hour_in_part(ada, account, counted):
    for hours in range(1, 6):
        post = make_post(ada.workspace, [account])
        Post.objects.filter(pk=post.pk).update(created_at=clock.now() - timedelta(hours=hours))
    counting.count()
    oldest = PostTally.objects.filter(campaign_number=0).order_by("hour").first()
    for most in range(1, 10):
        assert bounded(most) == []

    PostTally.objects.filter(pk=oldest.pk).update(count=7)

    assert bounded(4) == []
    assert [each.check.name for each in bounded(9)] == ["tallies_differ"]
    assert TallyProgress.objects.count() == 1
