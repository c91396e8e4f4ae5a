"""How late attempts that have not started are, and the cost of the query."""

import uuid
from datetime import timedelta

import pytest
from django.forms import model_to_dict
from django.utils import timezone

from destinations import pauses
from destinations.dispatch import backlog
from destinations.models import Destination
from platforms.registry import ADAPTERS
from posts.models import Post
from tests.factories import make_account, make_post, make_workspace
from tests.psql import plan_of, psql

pytestmark = pytest.mark.django_db


def late(platform: str = "x", seconds: float = 100, account=None, **fields) -> None:
    account = account or make_account(make_workspace(), platform)
    fields = {"wanted_at": timezone.now() - timedelta(seconds=seconds), **fields}
    make_post(account.workspace, [account], **fields)


def seconds() -> float:
    """How late X is. The filter of the lists must agree."""
    found = backlog.oldest()["x"]
    listed = Destination.objects.filter(backlog.is_late(timezone.now()), platform="x")
    assert listed.exists() == (found > 0)
    return found


def test_every_network_is_listed_and_none_is_late_at_first():
    assert backlog.oldest() == dict.fromkeys(ADAPTERS, 0)


def test_a_claim_does_not_hide_lateness():
    late(due_at=timezone.now() + timedelta(seconds=60), claim=uuid.uuid4())

    assert seconds() == pytest.approx(100, abs=30)


def test_a_retry_that_has_not_started_is_late_from_its_own_time():
    begun = timezone.now() - timedelta(hours=1)
    late(status="failed", begun_at=begun, next_retry_at=begun)

    assert seconds() == pytest.approx(100, abs=30)


@pytest.mark.parametrize(
    "fields",
    [
        {"status": "publishing", "begun_at": timezone.now()},
        {"status": "unconfirmed", "begun_at": timezone.now()},
        {"status": "published", "due_at": None},
        {"status": "failed", "due_at": None, "error_code": "account_removed"},
        {"wanted_at": timezone.now() + timedelta(hours=1)},
    ],
)
def test_started_finished_and_future_attempts_are_not_late(fields):
    late(**fields)

    assert seconds() == 0


def test_posts_of_a_rate_limited_account_are_not_late_and_hide_no_others():
    held = make_account(make_workspace(), held_until=timezone.now() + timedelta(hours=1))
    late(account=held, seconds=5000)
    assert seconds() == 0

    late(seconds=200)
    assert seconds() == pytest.approx(200, abs=30)


@pytest.mark.parametrize("scope", ["installation", "network", "workspace", "account"])
def test_what_a_pause_holds_is_not_late_and_hides_nothing_else(scope):
    held = make_account(make_workspace())
    late(account=held, seconds=5000)
    late(account=held, seconds=4000, status="failed", next_retry_at=timezone.now())
    late(account=held, status="publishing", begun_at=timezone.now())
    targets = {"network": "x", "workspace": held.workspace_id, "account": held.pk}

    pauses.pause(scope, targets.get(scope, ""), by="operator:ada", reason="Down")

    assert seconds() == 0
    waiting = Destination.objects.filter(backlog.is_on_hold(timezone.now()))
    assert waiting.count() == 2
    late("threads", seconds=300)
    late(seconds=200)
    found = backlog.oldest()
    assert (found["x"] > 190) is (scope in ("workspace", "account"))
    assert (found["threads"] > 290) is (scope != "installation")


def test_one_index_serves_the_query_with_stale_statistics():
    """Analyzed while the table was empty, as on the day of an installation."""
    # Rows that other tests have rolled back still fill pages, and each index then costs alike.
    psql("TRUNCATE destinations_destination, destinations_account CASCADE")
    psql("ANALYZE destinations_destination, destinations_account")
    late()
    many_for_later(1000)

    plan = plan_of(f"(ANALYZE) {backlog.OLDEST}", {"platforms": list(ADAPTERS)})

    assert "Index Scan using destination_wanted" in plan
    assert "Seq Scan on destinations_destination" not in plan
    assert "Rows Removed by Filter: 1000" not in plan


def many_for_later(count: int) -> None:
    row, later = Destination.objects.get(), timezone.now() + timedelta(hours=1)
    shared = {"content": "Later", "status": "scheduled", "updated_at": later}
    made = Post.objects.bulk_create(Post(workspace=row.workspace, **shared) for _ in range(count))
    fields = {**model_to_dict(row), "due_at": later, "wanted_at": later}
    for name in ("post", "workspace", "account"):
        fields[f"{name}_id"] = fields.pop(name)
    Destination.objects.bulk_create(Destination(**{**fields, "post_id": post.pk}) for post in made)
