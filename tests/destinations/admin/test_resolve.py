"""An operator's word about what may be live, given on the pages of the admin."""

import pytest

from destinations.models import Destination, Event
from tests.destinations.admin.test_retry import LIST, act, make, staff, status, told
from tests.factories import make_workspace

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("simulator")]
LINK = "https://x.com/acme/status/1876"
SAID = "Nothing was changed. Something happened to it since you looked."


@pytest.fixture
def workspace():
    return make_workspace()


@pytest.fixture
def doubtful(workspace) -> Destination:
    return make(workspace, status="failed", error_code="outcome_unknown", attempts=1)


def say(client, action, *rows, attempts=1, **fields):
    """The second page: the word itself."""
    seen = [f"{row.pk}:{attempts}" for row in rows]
    return act(client, action, *rows, confirmed="yes", seen=seen, **fields)


def test_marking_as_published_asks_for_the_link_first(admin_client, doubtful):
    page = act(admin_client, "mark_published", doubtful)

    assert b"Where is it public?" in page.content
    assert b'name="link"' in page.content
    assert doubtful.public_id.encode() in page.content
    assert Event.objects.count() == 0


def test_a_link_marks_it_as_published_by_the_operators_name(admin_client, doubtful):
    page = say(admin_client, "mark_published", doubtful, link=LINK, post_id="", back="yes")

    assert told(page) == ["Marked as published."]
    assert page.redirect_chain == [(f"{LIST}{doubtful.pk}/change/", 302)]
    assert status(doubtful) == "published"
    assert (doubtful.platform_post_url, doubtful.platform_post_id) == (LINK, "1876")
    event = Event.objects.get()
    assert (event.move, event.by) == ("confirm_published", "operator:admin")
    assert event.request_id.startswith("req_")


@pytest.mark.parametrize("link", ["", "x.com/acme", "javascript:alert(1)"])
def test_a_wrong_link_is_asked_for_again(admin_client, doubtful, link):
    page = say(admin_client, "mark_published", doubtful, link=link)

    assert b"Where is it public?" in page.content
    assert page.context["form"].errors.keys() == {"link"}
    assert status(doubtful) == "failed"


def test_one_post_is_found_at_a_time(admin_client, workspace, doubtful):
    other = make(workspace, status="failed", error_code="outcome_unknown", attempts=1)

    page = act(admin_client, "mark_published", doubtful, other)
    assert told(page) == ["Nothing was changed. Choose at most 1."]

    page = say(admin_client, "mark_published", doubtful, other, link=LINK)
    assert told(page) == [SAID]
    assert Event.objects.count() == 0


def test_anothers_post_is_not_taken(admin_client, workspace, doubtful):
    make(workspace, status="published", platform_post_id="1876")

    page = say(admin_client, "mark_published", doubtful, link=LINK)

    assert told(page) == ["Nothing was changed. This post belongs to another destination."]
    assert status(doubtful) == "failed"


def test_a_word_given_before_another_try_is_not_taken(admin_client, doubtful):
    Destination.objects.filter(pk=doubtful.pk).update(attempts=2)

    assert told(say(admin_client, "mark_published", doubtful, link=LINK)) == [SAID]
    assert told(say(admin_client, "mark_not_published", doubtful)) == [
        (
            "0 destinations marked as not published. "
            "1 left as they were: something happened since you looked."
        )
    ]
    assert Event.objects.count() == 0


def test_marking_as_not_published_warns_first_and_then_leaves_it_to_a_retry(admin_client, doubtful):
    page = act(admin_client, "mark_not_published", doubtful)
    assert b"will then be public twice" in page.content
    assert Event.objects.count() == 0

    page = say(admin_client, "mark_not_published", doubtful)

    assert told(page) == ["1 destination marked as not published."]
    assert (status(doubtful), doubtful.error_code) == ("failed", "not_published")
    event = Event.objects.get()
    assert (event.move, event.by) == ("confirm_not_published", "operator:admin")
    assert told(act(admin_client, "retry", doubtful)) == ["1 destination queued again."]


@pytest.mark.parametrize("action", ["mark_published", "mark_not_published"])
def test_no_word_is_asked_for_what_is_certain(admin_client, workspace, action):
    failed = make(workspace, status="failed", error_code="content_rejected")

    page = act(admin_client, action, failed)

    assert told(page) == ["Nothing was changed. None of them may be public."]


@pytest.mark.parametrize("action", ["mark_published", "mark_not_published"])
def test_whoever_may_only_look_says_nothing(client, doubtful, action):
    looking = staff(client)
    page = looking.get(f"{LIST}{doubtful.pk}/change/")
    assert f'value="{action}"'.encode() not in page.content

    say(looking, action, doubtful, link=LINK)

    assert status(doubtful) == "failed"
    assert Event.objects.count() == 0


def test_a_page_offers_the_word_only_where_it_is_wanted(admin_client, workspace, doubtful):
    page = admin_client.get(f"{LIST}{doubtful.pk}/change/").content
    assert b'value="mark_published"' in page
    assert b'value="mark_not_published"' in page

    failed = make(workspace, status="failed", error_code="content_rejected")
    assert b'value="mark_' not in admin_client.get(f"{LIST}{failed.pk}/change/").content
