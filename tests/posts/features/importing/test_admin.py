"""The pages of imports and of calendar feeds."""

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse

from config.operators import roles
from destinations.runtime import clock
from posts.features.calendar_feeds import feeds
from posts.features.calendar_feeds.models import CalendarFeed
from posts.features.importing.models import Import, ImportRow

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(ada):
    made = Import.objects.create(
        workspace=ada.workspace,
        by="key:test",
        filename="june.csv",
        digest="ab" * 32,
        total=600,
        done=2,
        valid=1,
        due_at=clock.now(),
    )
    error = {"field": "draft", "code": "validation_error", "message": "Not a boolean."}
    ImportRow.objects.create(source=made, number=7, digest=b"7", is_done=True, errors=[error])
    return made


@pytest.fixture
def feed(ada):
    return CalendarFeed.objects.create(
        workspace=ada.workspace, name="Plan", digest=feeds.digest("secret"), by="key:test"
    )


def press(client, model: str, action: str, key: object):
    path = reverse(f"admin:posts_{model}_changelist")
    return client.post(path, {"action": action, "_selected_action": [str(key)]}, follow=True)


def text(client, model: str, key: object) -> str:
    return client.get(reverse(f"admin:posts_{model}_change", args=[key])).content.decode()


def test_an_import_shows_its_progress_and_its_refused_rows(admin_client, job):
    page = text(admin_client, "import", job.pk)

    assert "2 of 600" in page
    assert "Row 7: draft: Not a boolean." in page


def test_an_import_is_cancelled_once(admin_client, job):
    press(admin_client, "import", "cancel", job.pk)
    again = press(admin_client, "import", "cancel", job.pk)

    job.refresh_from_db()
    assert (job.status, job.reason) == ("cancelled", "Cancelled by operator:admin.")
    assert "has ended already" in again.content.decode()


def test_a_calendar_feed_is_revoked_and_its_address_is_never_shown(admin_client, feed):
    assert feed.digest not in text(admin_client, "calendarfeed", feed.pk)

    press(admin_client, "calendarfeed", "revoke", feed.pk)

    assert feeds.by_token("secret") is None


@pytest.mark.parametrize(("role", "may"), [(roles.VIEWER, False), (roles.ON_CALL, True)])
def test_who_is_on_call_may_cancel_and_revoke(client, job, feed, role, may):
    user = get_user_model().objects.create_user("someone")
    roles.give(user, role)
    client.force_login(user)

    press(client, "import", "cancel", job.pk)
    press(client, "calendarfeed", "revoke", feed.pk)

    job.refresh_from_db()
    feed.refresh_from_db()
    assert job.is_over is may
    assert bool(feed.revoked_at) is may
