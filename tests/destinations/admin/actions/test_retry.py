"""Operators retry failed destinations on the pages of the admin."""

import re
import uuid
from datetime import timedelta
from typing import get_args

import pytest
from django.utils import timezone

from destinations.admin.actions import retry as admin_retry
from destinations.manual_retry import Reason, Requeued, SkippedDestination
from destinations.models import Account, Destination, Event, Pause
from tests.destinations.admin.action_steps import (
    LIST,
    act,
    make,
    messages_of,
    retry,
    staff,
    status,
    text,
)
from tests.factories import make_account, make_workspace

pytestmark = pytest.mark.django_db
POSTS = "/admin/posts/post/"


def test_a_retry_reports_how_many_moved_and_why_the_others_did_not(
    admin_client, workspace, failed, possibly_public
):
    queued = make(workspace)
    working = make(workspace, status="failed", claim=uuid.uuid4())

    page = retry(admin_client, failed, possibly_public, queued, working)

    (said,) = messages_of(page)
    assert said == (
        "1 destination queued again. 3 left as they were: 1 may be public: look at the "
        "profile, then confirm and retry; 1 not failed; 1 being worked on."
    )
    assert (status(failed), status(possibly_public)) == ("queued", "failed")


def test_a_report_counts_every_reason(failed):
    skipped = [SkippedDestination(failed, reason) for reason in get_args(Reason)]

    _, _, said = admin_retry.report(Requeued([], skipped)).partition("left as they were: ")

    assert sum(int(number) for number in re.findall(r"\d+", said)) == len(skipped)


def test_a_retry_records_the_operators_name(admin_client, failed):
    page = retry(admin_client, failed)

    assert messages_of(page) == ["1 destination queued again."]
    event = Event.objects.get()
    assert (event.move, event.by) == ("requeue", "operator:admin")
    assert event.request_id.startswith("req_")


def test_what_may_be_public_is_retried_only_after_confirmation(
    admin_client, failed, possibly_public
):
    asked = act(admin_client, "retry_confirmed", failed, possibly_public)

    assert b"it will be public twice" in asked.content
    assert possibly_public.public_id.encode() in asked.content
    assert failed.public_id.encode() not in asked.content
    assert Event.objects.count() == 0

    seen = f"{possibly_public.pk}:1"
    page = act(admin_client, "retry_confirmed", possibly_public, confirmed="yes", seen=seen)

    assert messages_of(page) == ["1 destination queued again."]
    assert status(possibly_public) == "queued"


def test_an_answer_from_before_another_try_is_refused(admin_client, possibly_public):
    Destination.objects.filter(pk=possibly_public.pk).update(attempts=2)

    seen = f"{possibly_public.pk}:1"
    page = act(admin_client, "retry_confirmed", possibly_public, confirmed="yes", seen=seen)

    assert messages_of(page) == [
        "0 destinations queued again. 1 left as they were: 1 tried again since you looked."
    ]
    assert status(possibly_public) == "failed"


@pytest.mark.parametrize("seen", ["", "nonsense", "nonsense:1", "1:"])
def test_a_confirmation_without_destinations_moves_nothing(admin_client, possibly_public, seen):
    act(admin_client, "retry_confirmed", possibly_public, confirmed="yes", seen=seen)

    assert status(possibly_public) == "failed"


def test_no_confirmation_is_asked_for_what_is_not_public(admin_client, failed):
    page = act(admin_client, "retry_confirmed", failed)

    assert messages_of(page) == ["Nothing was changed. None of them may be public."]


def test_an_operator_who_may_change_destinations_retries(client, failed):
    retry(staff(client, "change_destination"), failed)

    assert status(failed) == "queued"
    assert Event.objects.get().by == "operator:vi"


def test_a_destinations_own_page_offers_the_retry_that_fits(admin_client, failed, possibly_public):
    page = admin_client.get(f"{LIST}{failed.pk}/change/").content
    assert b'value="retry"' in page
    assert b'value="retry_confirmed"' not in page

    page = admin_client.get(f"{LIST}{possibly_public.pk}/change/").content
    assert b'value="retry_confirmed"' in page
    assert b'value="retry"' not in page


def test_the_button_of_a_page_returns_to_it(admin_client, failed):
    page = retry(admin_client, failed, back="yes")

    assert page.redirect_chain == [(f"{LIST}{failed.pk}/change/", 302)]


def test_a_post_retries_its_failed_destinations(admin_client, failed, possibly_public):
    posts = [failed.post, possibly_public.post]

    asked = text(act(admin_client, "retry", *posts, path=POSTS))
    assert "Retry 1 destination?" in asked
    assert "Stays: it may be public" in asked

    page = retry(admin_client, failed, chosen=posts, path=POSTS)
    assert messages_of(page) == ["1 destination queued again."]
    assert (status(failed), status(possibly_public)) == ("queued", "failed")


def test_a_retry_asks_first_and_says_what_it_will_not_send_again(admin_client, workspace, failed):
    lost = make(workspace, status="failed", error_code="content_rejected")
    Account.objects.filter(pk=lost.account_id).update(needs_reconnection_since=timezone.now())
    gone = make(workspace, status="failed", error_code="content_rejected")
    gone.account.delete()
    off = make(workspace, status="failed", error_code="content_rejected")
    Account.objects.filter(pk=off.account_id).update(is_active=False)

    page = text(act(admin_client, "retry", failed, lost, gone, off, make(workspace)))

    assert f"Goes to</dt><dd>{failed.account_name} on X" in page
    for reason in (
        f"“{lost.account_name}” must be reconnected first",
        f"“{gone.account_name}” was disconnected",
        f"“{off.account_name}” is switched off: mark it as active first",
        "it has not failed",
    ):
        assert f"Stays: {reason}." in page
    assert re.findall(r'name="seen" value="([^"]+)"', page) == [f"{failed.pk}:2"]
    assert Event.objects.count() == 0


def test_a_retry_says_that_a_pause_holds_what_it_sends(admin_client, failed):
    Pause.objects.create(
        scope="network", target="x", name="X", reason="down", paused_at=timezone.now()
    )

    page = text(act(admin_client, "retry", failed))

    assert "until operators resume X, which is paused" in page


def test_a_retry_confirmed_twice_sends_it_again_once(admin_client, failed):
    retry(admin_client, failed)
    Destination.objects.update(status="failed", due_at=None, attempts=3)

    page = retry(admin_client, failed)

    (said,) = messages_of(page)
    assert said.endswith("1 left as they were: 1 tried again since you looked.")


def test_more_than_a_page_holds_are_not_retried(admin_client, workspace, failed, monkeypatch):
    monkeypatch.setattr(admin_retry.Retry, "most", 1)

    page = act(admin_client, "retry", failed, make(workspace, status="failed"))

    assert messages_of(page) == ["Nothing was changed. Choose at most 1 destinations at a time."]


@pytest.mark.django_db(transaction=True)
def test_a_hold_is_released_outside_any_transaction(admin_client):
    held = make_account(make_workspace(), held_until=timezone.now() + timedelta(hours=1))

    page = act(admin_client, "release_hold", held, path="/admin/destinations/account/")

    assert messages_of(page) == ["1 released from their hold, 0 left as they were."]
    assert Account.objects.get().held_until is None
