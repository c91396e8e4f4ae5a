"""One post on all networks: what each says of it, from the network to the summary."""

from datetime import timedelta

import pytest
from django.utils import timezone

from destinations.state import transitions
from platforms.registry import ADAPTERS
from posts.features.engagement import collect
from posts.features.engagement.models import AccountEngagement, Engagement
from posts.models import Post
from tests.factories import make_account, make_post
from tests.platforms.facts import facts_of
from tests.platforms.test_deleting import connect
from tests.platforms.test_metrics import FOLLOWED, NUMBERED
from tests.posts.features.engagement.conftest import due_now
from tests.posts.features.engagement.test_summary import summary

#: The networks that tell numbers.
MEASURED = [key for key in ADAPTERS if key in NUMBERED or key in FOLLOWED]


@pytest.fixture
def everywhere(ada, simulator, settings) -> Post:
    """A post that is public at all simulated networks that tell numbers."""
    settings.ENGAGEMENT_PLATFORMS = MEASURED
    drives = {key: connect(simulator, key) for key in MEASURED}
    accounts = [
        make_account(
            ada.workspace,
            key,
            token=drive.account.token,
            platform_account_id=drive.account.platform_account_id,
            extra=dict(drive.account.extra),
        )
        for key, drive in drives.items()
    ]
    post = make_post(ada.workspace, accounts)
    for destination in post.destinations.all():
        draft = facts_of(destination.platform).usual.draft
        public = drives[destination.platform].finish(draft)
        assert transitions.move("start", destination.pk, by="test")
        assert transitions.move(
            "succeed",
            destination.pk,
            by="test",
            published_at=timezone.now() - timedelta(hours=2),
            platform_post_id=public.id,
        )
    return post


def read(post: Post) -> dict[str, dict[str, int]]:
    found = Engagement.objects.filter(destination__post=post)
    return {each.platform: each.given() for each in found}


def test_all_networks_are_read_and_their_numbers_grow(everywhere, ada, simulator):
    assert collect.tick() == len(MEASURED)

    first, (before, available, followers) = read(everywhere), summary(ada)
    given = {key: set(names) for key, (_, names) in NUMBERED.items()}
    assert {key: set(numbers) for key, numbers in first.items() if numbers} == given
    assert available == list(NUMBERED)
    assert {each["platform"] for each in followers} == set(FOLLOWED)
    assert not AccountEngagement.objects.exclude(problem="").exists()

    simulator.advance(24 * 3600)
    due_now()
    collect.tick()

    later, (after, _, _) = read(everywhere), summary(ada)
    assert all(sum(later[key].values()) > sum(first[key].values()) for key in NUMBERED)
    assert all(after[name] > before[name] for name in before)


def test_a_post_that_is_gone_everywhere_keeps_its_numbers_and_blocks_no_account(
    everywhere, simulator
):
    collect.tick()
    first = read(everywhere)
    for row in Engagement.objects.all():
        path = f"/control/posts/{row.platform}/{row.platform_post_id}"
        simulator.http.delete(path).raise_for_status()

    due_now()
    collect.tick()

    assert read(everywhere) == first
    problems = AccountEngagement.objects.exclude(problem="")
    assert not [(each.account.platform, each.problem) for each in problems]
    assert not Engagement.objects.filter(due_at__lt=timezone.now()).exists()
