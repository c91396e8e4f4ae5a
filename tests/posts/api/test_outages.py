"""While a network is down, the posts that wait for it say so, everywhere they are shown."""

from datetime import timedelta

import pytest
from django.utils import timezone

from config.status.table import measure
from destinations.models import Outage
from tests.factories import make_account, make_post

NOTE = "X has been down since"


@pytest.fixture
def outage(db) -> Outage:
    now = timezone.now()
    return Outage.objects.create(
        scope="network",
        target="x",
        platform="x",
        name="X",
        error="X answered 503.",
        opened_at=now - timedelta(minutes=10),
        probe_at=now + timedelta(seconds=30),
        probes=4,
    )


def results(caller, post) -> dict:
    return caller.get(f"/posts/{post.public_id}/results").json()


def test_what_waits_reads_queued_with_the_time_of_the_next_probe_and_a_note(ada, account, outage):
    post = make_post(ada.workspace, [account])

    answer = results(ada, post)

    [row], [note] = answer["data"], answer["meta"]["notes"]
    assert (row["status"], row["attempts"]) == ("queued", 0)
    assert row["next_retry_at"] == f"{outage.probe_at:%Y-%m-%dT%H:%M:%SZ}"
    assert note["note"].startswith(f"{NOTE} {outage.opened_at:%Y-%m-%dT%H:%M:%SZ}. Posts wait")


def test_what_is_due_later_goes_elsewhere_or_waits_no_more_says_nothing(ada, account, outage):
    closed = {"closed_at": outage.opened_at, "opened_at": outage.opened_at}
    Outage.objects.create(platform="tiktok", target="tiktok", probe_at=outage.probe_at, **closed)
    later = make_post(ada.workspace, [account], due_at=timezone.now() + timedelta(hours=1))
    elsewhere = make_post(ada.workspace, [make_account(ada.workspace, "threads")])
    over = make_post(ada.workspace, [make_account(ada.workspace, "tiktok")])
    for post in (later, elsewhere, over):
        answer = results(ada, post)
        assert "notes" not in answer["meta"]
        assert answer["data"][0]["next_retry_at"] is None


def test_the_overview_says_what_is_down_and_what_happens_by_itself(admin_client, outage):
    [finding] = [each for fact in measure(["outages"]) for each in fact.findings]
    page = admin_client.get("/admin/").content.decode()

    assert finding.said == (
        "X has been down for 10 min. The last error: “X answered 503.” Posts wait in their "
        "places, spend no try, and go out once posts get through again. 4 probes went out; the "
        "next is due at "
        f"{outage.probe_at:%H:%M:%S} UTC."
    )
    assert finding.said in page
    assert "Nothing to do." in page


def test_the_page_of_a_post_says_what_it_waits_for(admin_client, ada, account, outage):
    post = make_post(ada.workspace, [account])

    page = admin_client.get(f"/admin/posts/post/{post.pk}/change/").content.decode()

    assert "Held: X has been down since" in page
