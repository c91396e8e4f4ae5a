"""Networks cannot fetch files while our own web host is away; the post is not to blame."""

from datetime import timedelta

import pytest
from django.core.files.storage import default_storage

from deploy.local.embedded import free_port
from destinations.dispatch import claims
from destinations.models import Attempt, Destination, Event
from destinations.publishing import worker
from destinations.runtime import clock
from posts.models import Media
from tests import strangers, web_host
from tests.factories import make_account
from tests.posts.conftest import announce, put
from tests.posts.media import videos
from tests.until import until

NETWORKS = ["instagram", "threads"]


@pytest.fixture
def port(settings) -> int:
    found = free_port()
    settings.PUBLIC_URL = f"http://127.0.0.1:{found}"
    return found


def post(ada, simulator, platform: str) -> str:
    token = simulator.connect(platform, "77", username="acme")
    account = make_account(
        ada.workspace, platform, token=token, platform_account_id="77", username="acme"
    )
    content = videos.picture(400, 400)
    media = announce(ada, content, "image/jpeg")
    path = media["upload_url"].partition("/uploads/")[2]
    assert put({"upload_url": f"/uploads/{path}"}, content, "image/jpeg").status_code == 200
    assert ada.post(f"/media/{media['media_id']}/complete").status_code == 200
    body = {"content": "Look", "account_ids": [account.pk], "media_ids": [media["media_id"]]}
    return ada.post("/posts", body).json()["data"]["post_id"]


def work() -> Destination:
    """Make all waiting destinations due, and publish them as beat and a worker would."""
    Destination.objects.filter(due_at__isnull=False).update(due_at=clock.now())
    worker.publish(claims.claim(10))
    return Destination.objects.get()


def result(ada, post_id: str) -> dict:
    [row] = ada.get(f"/posts/{post_id}/results").json()["data"]
    return row


@pytest.mark.parametrize("platform", NETWORKS)
def test_a_post_waits_for_our_web_host_without_spending_an_attempt(ada, simulator, port, platform):
    post_id = post(ada, simulator, platform)

    before = clock.now()
    row = work()

    assert (row.failures, row.error_code) == (0, "media_host_away")
    assert timedelta(seconds=15) <= row.due_at - before <= timedelta(seconds=30)
    told = result(ada, post_id)
    assert told["status"] == "publishing"
    assert "Our own web host did not answer" in told["error"]
    assert told["next_retry_at"]
    for _ in range(20):
        row = work()
    assert (row.failures, row.attempts, row.error_code) == (0, 1, "media_host_away")
    assert row.next_retry_at == row.due_at == row.wanted_at
    assert simulator.posts(platform) == []


@pytest.mark.parametrize("platform", NETWORKS)
def test_the_post_continues_as_soon_as_our_web_host_is_back(ada, simulator, port, platform):
    post_id = post(ada, simulator, platform)
    work()
    work()

    with web_host.serving(port):
        until(lambda: work().status == "published")

    assert len(simulator.posts(platform)) == 1
    told = result(ada, post_id)
    assert (told["status"], told["error"], told["attempts"]) == ("published", None, 2)
    assert Attempt.objects.filter(sent_at__isnull=False).count() == 1


def test_photos_that_tiktok_cannot_fetch_wait_too(ada, simulator, port):
    """TikTok takes the post, and says later that it could not fetch."""
    post(ada, simulator, "tiktok")
    until(lambda: work().error_code)
    row = work()

    assert (row.status, row.failures, row.error_code) == ("publishing", 0, "media_host_away")
    with web_host.serving(port):
        until(lambda: work().status == "published")
    assert len(simulator.posts("tiktok")) == 1
    assert Destination.objects.get().attempts == 2


@pytest.mark.parametrize("platform", NETWORKS)
def test_a_failed_fetch_spends_attempts_if_our_host_answers(ada, simulator, port, platform):
    post(ada, simulator, platform)
    default_storage.delete(Media.objects.get().storage_key)

    with web_host.serving(port):
        row = work()

    assert (row.failures, row.error_code) == (1, "media_unreachable")


def test_a_proxy_without_its_web_host_counts_as_absent(ada, simulator, settings):
    with strangers.stranger() as proxy:
        settings.PUBLIC_URL = proxy.url("")
        proxy.otherwise = strangers.whole(b"Bad gateway", 502)
        post(ada, simulator, "instagram")

        row = work()

    assert (row.failures, row.error_code) == (0, "media_host_away")


def test_the_network_is_still_asked_from_time_to_time(ada, simulator, port):
    """A worker may be where our public address does not lead to us."""
    post(ada, simulator, "instagram")
    work()
    assert work().attempts == 1

    Destination.objects.update(updated_at=clock.now() - timedelta(seconds=61))
    row = work()

    assert (row.attempts, row.failures) == (2, 0)


def test_waiting_for_our_web_host_ends_after_two_days(ada, simulator, port):
    post(ada, simulator, "instagram")
    work()
    Destination.objects.update(begun_at=clock.now() - timedelta(hours=48, seconds=1))

    row = work()

    assert (row.status, row.error_code, row.next_retry_at) == ("failed", "media_host_away", None)
    assert "for too long" in row.error
    assert Event.objects.filter(move="refuse").count() == 1
