"""What networks say of a post, within its destinations on the compatibility mount."""

import pytest
from django.utils import timezone

from posts.features.engagement.models import Engagement
from tests.factories import make_account, make_post


@pytest.fixture
def post(ada):
    return make_post(ada.workspace, [make_account(ada.workspace), make_account(ada.workspace)])


def say(post, **numbers: int) -> str:
    """Note what the network of the post's first destination says; its id."""
    destination = post.destinations.order_by("position", "account_number")[0]
    now = timezone.now()
    Engagement.objects.create(
        destination=destination,
        account_number=destination.account_number,
        workspace_id=post.workspace_id,
        platform="x",
        platform_post_id="7",
        post_created_at=now,
        published_at=now,
        **numbers,
    )
    return str(destination.pk)


def shown(caller, post) -> list[dict[str, dict]]:
    """The destinations that have metrics, in the detail and in the list."""
    detail = caller.get(f"/posts/{post.public_id}").json()["data"]
    [listed] = caller.get("/posts").json()["data"]["posts"]
    return [
        {each["id"]: each["metrics"] for each in found["destinations"] if "metrics" in each}
        for found in (detail, listed)
    ]


def test_a_destination_has_the_numbers_that_its_network_gives(compat, post):
    destination = say(post, likes=3, shares=0, impressions=90, read_at=timezone.now())

    assert shown(compat, post) == [{destination: {"likes": 3, "shares": 0}}] * 2


def test_metrics_are_absent_until_a_network_gave_a_number(compat, post):
    say(post)

    assert shown(compat, post) == [{}, {}]


def test_the_reference_mount_and_results_have_no_metrics(compat, ada, post):
    say(post, likes=3)

    answers = [ada.get(path).content for path in (f"/posts/{post.public_id}", "/posts")]
    assert all(b"metrics" not in each for each in answers)
    results = compat.get(f"/posts/{post.public_id}/results").json()["data"]["results"]
    assert all("metrics" not in each for each in results)
