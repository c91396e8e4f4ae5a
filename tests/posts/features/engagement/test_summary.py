"""GET /analytics/summary adds up the latest numbers, and says which networks gave any."""

import random
from datetime import timedelta

from django.utils import timezone

from platforms.metrics import NAMES, Metrics
from posts.features.engagement import collect, visits
from posts.features.engagement.models import Engagement, EngagementTally, FollowersReading
from posts.features.engagement.visits import VisitResult
from posts.models import Post
from tests.factories import make_account, make_campaign
from tests.posts.conftest import make_caller
from tests.posts.features.engagement.conftest import due_now, of


def summary(caller, **query):
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    data = caller.get(f"/analytics/summary?{asked}").json()["data"]
    return data["metrics"], data["metrics_available"], data["accounts"]


def say(caller, make_metrics) -> None:
    """Visit what is due with an answer that is made up."""
    collect.discover()
    due_now()
    for visit in visits.claim():
        visits.record(visit, VisitResult({post_id: make_metrics() for post_id in visit.posts}))


def test_nothing_is_available_until_a_network_was_read(ada):
    assert summary(ada) == (dict.fromkeys(NAMES, 0), [], [])


def test_the_latest_numbers_are_added_up(account, published, ada):
    posts = [published(account) for _ in range(2)]
    collect.tick()

    metrics, available, accounts = summary(ada)

    assert available == ["x"]
    assert metrics["likes"] == sum(of(post).likes for post in posts)
    assert metrics["views"] == 0
    (only,) = accounts
    assert (only["account_id"], only["platform"]) == (account.pk, "x")
    assert only["followers"] > 0
    assert only["change_in_period"] is None


def test_followers_have_a_change_once_they_were_counted_twice(account, ada):
    now = timezone.now()
    for days, followers in ((40, 100), (20, 110), (1, 90)):
        at = now - timedelta(days=days)
        FollowersReading.objects.create(account=account, at=at, followers=followers)

    _, _, [month] = summary(ada, period="month")
    _, _, [week] = summary(ada, period="week")
    _, _, [ever] = summary(ada, period="all")

    assert (month["followers"], month["change_in_period"]) == (90, -20)
    assert (week["followers"], week["change_in_period"]) == (90, None)
    assert (ever["followers"], ever["change_in_period"]) == (90, -10)


def test_sums_equal_a_plain_count_after_readings_and_deletions(account, published, ada):
    dice = random.Random(7)
    posts = []
    for number in range(12):
        post = published(account)
        at = timezone.now() - dice.random() * timedelta(hours=40)
        Post.objects.filter(pk=post.pk).update(created_at=at)
        posts.append(post)
        say(ada, lambda: Metrics(likes=dice.randrange(100), views=dice.choice([None, 7])))
        if number % 4 == 3:
            posts.pop(dice.randrange(len(posts))).delete()
        if number % 3 == 0:
            collect.add_up()
        for period, ago in (("today", timedelta(days=1)), ("all", timedelta(days=999))):
            since = timezone.now() - ago
            there = Engagement.objects.filter(post_created_at__gte=since)
            expected = {name: sum(getattr(row, name) or 0 for row in there) for name in NAMES}
            assert summary(ada, period=period)[0] == expected


def test_tallies_are_added_up_into_one_row_an_hour(account, published, ada):
    for _ in range(3):
        published(account)
        say(ada, lambda: Metrics(likes=5))
    before = summary(ada)

    collect.add_up()
    collect.add_up()

    assert summary(ada) == before
    hours = EngagementTally.objects.values_list("hour", "is_whole")
    assert len(hours) == len(set(hours)) <= 2
    assert all(is_whole for _, is_whole in hours)


def test_a_restricted_key_and_a_campaign_see_their_own_numbers(account, published, ada):
    other = make_account(ada.workspace, "x", token="b" * 20, platform_account_id="18")
    campaign = make_campaign(ada.workspace)
    mine = published(account)
    Post.objects.filter(pk=mine.pk).update(campaign=campaign)
    say(ada, lambda: Metrics(likes=5))
    narrow = make_caller(ada.workspace, "Narrow")
    narrow.key.is_restricted = True
    narrow.key.save()
    narrow.key.accounts.set([other])

    assert summary(ada, campaign_id=campaign.pk)[0]["likes"] == 5
    assert summary(ada, campaign_id=campaign.pk + 1)[0]["likes"] == 0
    metrics, available, accounts = summary(narrow)
    assert (metrics["likes"], available, accounts) == (0, [], [])


def test_another_workspace_sees_nothing(account, published, ada, cy):
    published(account)
    collect.tick()

    assert summary(cy) == (dict.fromkeys(NAMES, 0), [], [])
