"""The networks' numbers are read at their times, within a budget, and nothing is made up."""

from datetime import timedelta

from django.utils import timezone

from destinations.models import Account
from posts.features.engagement import collect, visits
from posts.features.engagement.models import (
    AccountEngagement,
    Engagement,
    EngagementReading,
    FollowersReading,
)
from posts.features.engagement.visits import VisitResult
from tests.factories import make_account
from tests.posts.cases import apart
from tests.posts.features.engagement.conftest import due_now, of


def test_a_published_post_is_read_at_its_first_step(account, published):
    post = published(account)

    assert collect.tick() == 1

    found = of(post)
    assert found.given().keys() == {"likes", "comments", "shares", "impressions"}
    assert found.views is None
    assert found.read_at
    assert EngagementReading.objects.filter(destination__post=post).count() == 1
    assert FollowersReading.objects.get().followers > 0


def test_what_is_too_young_is_not_read_yet(account, published):
    post = published(account, ago=timedelta(minutes=5))

    assert collect.tick() == 0

    found = of(post)
    assert found.read_at is None
    assert found.due_at == found.published_at + timedelta(hours=1)
    assert AccountEngagement.objects.get().due_at == found.due_at


def test_the_numbers_of_a_later_reading_are_those_that_count(account, published, simulator):
    post = published(account)
    collect.tick()
    first = of(post).impressions

    simulator.advance(24 * 3600)
    due_now()
    collect.tick()

    assert of(post).impressions > first
    assert EngagementReading.objects.filter(destination__post=post).count() == 2


def test_a_post_is_read_for_the_last_time_at_its_last_step(account, published):
    post = published(account, ago=timedelta(hours=23, minutes=59))
    collect.tick()
    assert of(post).due_at

    Engagement.objects.update(published_at=timezone.now() - timedelta(hours=25))
    due_now()
    collect.tick()

    assert of(post).due_at is None


def test_what_was_published_long_ago_is_never_read(account, published):
    published(account, ago=timedelta(days=2))

    assert collect.tick() == 0
    assert not Engagement.objects.exists()


def test_what_became_public_is_found_once(account, published):
    post = published(account)

    collect.discover()
    Engagement.objects.all().delete()
    collect.discover()

    assert not Engagement.objects.filter(destination__post=post).exists()


def test_a_network_that_is_not_to_be_read_costs_nothing(account, published, settings):
    settings.ENGAGEMENT_PLATFORMS = ["linkedin"]
    published(account)

    assert collect.tick() == 0
    assert not Engagement.objects.exists()


def test_an_account_of_a_network_that_is_gone_keeps_no_other_from_being_read(account, published):
    broken = make_account(account.workspace, "x", platform_account_id="18")
    AccountEngagement.objects.create(account=broken, due_at=timezone.now() - timedelta(days=1))
    Account.objects.filter(pk=broken.pk).update(platform="gone")
    post = published(account)

    assert collect.tick() == 1

    assert of(post).read_at


def test_a_hundred_posts_are_read_in_one_call(account, published, simulator):
    posts = [published(account, text=f"Number {n}") for n in range(5)]
    simulator.fault("x", call="get_posts", skip=1, status=500)

    assert collect.tick() == 1
    assert all(of(post).read_at for post in posts)
    simulator.http.delete("/control/faults")


def test_the_calls_of_an_account_keep_their_budget(account, published, settings):
    settings.ENGAGEMENT_CALLS_PER_HOUR = 2
    published(account)
    collect.tick()

    later = published(account)

    assert collect.tick() == 0
    assert of(later).read_at is None
    known = AccountEngagement.objects.get()
    assert known.due_at == known.not_before > timezone.now() + timedelta(minutes=25)


def test_a_network_that_refuses_is_left_alone_for_a_while(account, published, simulator):
    for fault, at_least, at_most in (
        ({"status": 500}, timedelta(minutes=14), timedelta(minutes=16)),
        ({"rate_limit_reset_seconds": 7200}, timedelta(minutes=110), timedelta(minutes=125)),
        ({"status": 402}, timedelta(minutes=14), timedelta(days=1, minutes=1)),
    ):
        with apart(fault, at_least, at_most):
            post = published(account)
            simulator.fault("x", call="get_posts", **fault)

            collect.tick()
            simulator.http.delete("/control/faults")

            known = AccountEngagement.objects.get()
            assert known.problem
            assert known.claim is None
            assert at_least < known.due_at - timezone.now() < at_most
            assert of(post).read_at is None
            assert not EngagementReading.objects.exists()


def test_a_post_that_is_gone_keeps_its_last_numbers(account, published, simulator):
    post = published(account)
    collect.tick()
    before = of(post)

    simulator.http.delete(f"/control/posts/x/{before.platform_post_id}")
    due_now()
    collect.tick()

    after = of(post)
    assert after.given() == before.given()
    assert after.read_at == before.read_at
    assert after.due_at is None or after.due_at > timezone.now()


def test_a_worker_that_died_in_a_visit_only_lets_it_be_made_again(account, published):
    post = published(account)
    collect.discover()
    (abandoned,) = visits.claim()
    assert visits.claim() == []

    due_now()
    (again,) = visits.claim()
    metrics = {post_id: Engagement(likes=9) for post_id in again.posts}
    visits.record(again, VisitResult(metrics))
    visits.record(abandoned, VisitResult({post_id: Engagement(likes=1) for post_id in again.posts}))

    assert of(post).likes == 9
    assert EngagementReading.objects.count() == 1


def test_an_account_that_must_be_reconnected_is_not_asked(account, published):
    published(account)
    account.needs_reconnection_since = timezone.now()
    account.save()

    assert collect.tick() == 0
    assert AccountEngagement.objects.get().problem == "not_asked"


def test_two_accounts_are_visited_apart(account, published, ada, simulator):
    token = simulator.connect("x", "18")
    other = make_account(ada.workspace, "x", token=token, platform_account_id="18")
    posts = [published(account), published(other)]

    assert collect.tick() == 2
    assert all(of(post).read_at for post in posts)


def test_steps_rise_and_end(settings):
    settings.ENGAGEMENT_AFTER = (3600, 86400)
    at = timezone.now()

    assert visits.next_at(at, at) == at + timedelta(hours=1)
    assert visits.next_at(at, at + timedelta(hours=1)) == at + timedelta(days=1)
    assert visits.next_at(at, at + timedelta(days=1)) is None
