"""Operators resolve destinations that may be live on the pages of the admin."""

import pytest

from destinations.models import Destination, Event
from tests.destinations.admin.action_steps import LIST, act, make, messages_of, retry, status

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("simulator")]
LINK = "https://x.com/acme/status/1876"
SAID = "Nothing was changed. Something happened to it since you looked."


def say(client, action, *rows, attempts=1, **fields):
    """Submit the confirmation page."""
    seen = [f"{row.pk}:{attempts}" for row in rows]
    return act(client, action, *rows, confirmed="yes", seen=seen, **fields)


def test_marking_as_published_asks_for_the_link_first(admin_client, possibly_public):
    page = act(admin_client, "mark_published", possibly_public)

    assert b"Where is it public?" in page.content
    assert b'name="link"' in page.content
    assert possibly_public.public_id.encode() in page.content
    assert Event.objects.count() == 0


def test_a_link_marks_it_as_published_and_records_the_operator(admin_client, possibly_public):
    page = say(admin_client, "mark_published", possibly_public, link=LINK, post_id="", back="yes")

    assert messages_of(page) == ["Marked as published."]
    assert page.redirect_chain == [(f"{LIST}{possibly_public.pk}/change/", 302)]
    assert status(possibly_public) == "published"
    assert (possibly_public.platform_post_url, possibly_public.platform_post_id) == (LINK, "1876")
    event = Event.objects.get()
    assert (event.move, event.by) == ("confirm_published", "operator:admin")
    assert event.request_id.startswith("req_")


@pytest.mark.parametrize("link", ["", "x.com/acme", "javascript:alert(1)"])
def test_a_wrong_link_is_asked_for_again(admin_client, possibly_public, link):
    page = say(admin_client, "mark_published", possibly_public, link=link)

    assert b"Where is it public?" in page.content
    assert page.context["form"].errors.keys() == {"link"}
    assert status(possibly_public) == "failed"


def test_one_post_is_resolved_at_a_time(admin_client, workspace, possibly_public):
    other = make(workspace, status="failed", error_code="outcome_unknown", attempts=1)

    page = act(admin_client, "mark_published", possibly_public, other)
    assert messages_of(page) == ["Nothing was changed. Choose at most 1."]

    page = say(admin_client, "mark_published", possibly_public, other, link=LINK)
    assert messages_of(page) == [SAID]
    assert Event.objects.count() == 0


def test_the_post_of_another_destination_is_refused(admin_client, workspace, possibly_public):
    make(workspace, status="published", platform_post_id="1876")

    page = say(admin_client, "mark_published", possibly_public, link=LINK)

    assert messages_of(page) == ["Nothing was changed. This post belongs to another destination."]
    assert status(possibly_public) == "failed"


def test_an_answer_from_before_another_try_is_refused(admin_client, possibly_public):
    Destination.objects.filter(pk=possibly_public.pk).update(attempts=2)

    assert messages_of(say(admin_client, "mark_published", possibly_public, link=LINK)) == [SAID]
    assert messages_of(say(admin_client, "mark_not_published", possibly_public)) == [
        (
            "0 destinations marked as not published. "
            "1 left as they were: something happened since you looked."
        )
    ]
    assert Event.objects.count() == 0


def test_marking_as_not_published_warns_first_and_then_leaves_it_to_a_retry(
    admin_client, possibly_public
):
    page = act(admin_client, "mark_not_published", possibly_public)
    assert b"will then be public twice" in page.content
    assert Event.objects.count() == 0

    page = say(admin_client, "mark_not_published", possibly_public)

    assert messages_of(page) == ["1 destination marked as not published."]
    assert (status(possibly_public), possibly_public.error_code) == ("failed", "not_published")
    event = Event.objects.get()
    assert (event.move, event.by) == ("confirm_not_published", "operator:admin")
    assert messages_of(retry(admin_client, possibly_public)) == ["1 destination queued again."]


@pytest.mark.parametrize("action", ["mark_published", "mark_not_published"])
def test_a_certain_failure_cannot_be_resolved(admin_client, workspace, action):
    failed = make(workspace, status="failed", error_code="content_rejected")

    page = act(admin_client, action, failed)

    assert messages_of(page) == ["Nothing was changed. None of them may be public."]


def test_a_page_offers_to_resolve_only_what_may_be_public(admin_client, workspace, possibly_public):
    page = admin_client.get(f"{LIST}{possibly_public.pk}/change/").content
    assert b'value="mark_published"' in page
    assert b'value="mark_not_published"' in page

    failed = make(workspace, status="failed", error_code="content_rejected")
    assert b'value="mark_' not in admin_client.get(f"{LIST}{failed.pk}/change/").content
