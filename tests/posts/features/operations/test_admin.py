"""Operators cancel, move, publish and edit posts on the pages of the admin."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext

from destinations.models import Event, Pause
from posts.features.operations.post_actions import PostAction
from posts.models import Post
from tests.destinations.admin.action_steps import act, messages_of, staff, text
from tests.factories import make_account, make_post
from tests.posts.cases import apart

pytestmark = pytest.mark.django_db
LIST = "/admin/posts/post/"
THEN = datetime(2099, 1, 1, 12, tzinfo=UTC)
MOVED = {"when": "2099-02-01T09:30", "zone": "Europe/Berlin", "unit": "hours"}


@pytest.fixture
def post(workspace):
    return make_post(workspace, [make_account(workspace)], content="Seen", scheduled_for=THEN)


def operate(client, action, *posts, **fields):
    return act(client, action, *posts, path=LIST, **fields)


def confirm(client, action, *posts, **fields):
    """Confirm what a page asked, as it was when the page was shown."""
    seen = [f"{post.pk} {post.updated_at.isoformat()}" for post in posts]
    return operate(client, action, *posts, confirmed="yes", seen=seen, **fields)


def read(post) -> Post:
    return Post.objects.get(pk=post.pk)


def logged() -> str:
    return LogEntry.objects.get().get_change_message()


FIELDS = {"cancel": {}, "publish_now": {}, "move": MOVED, "edit_text": {"text": "New"}}


def test_nothing_happens_before_the_operator_confirms_what_goes_where(admin_client, post):
    for action, fields in FIELDS.items():
        with apart(action, fields):
            page = text(operate(admin_client, action, post, **fields))

            account = post.destinations.get().account
            for shown in ("Seen", f"“{account.name}” on X", "Thu 2099-01-01 12:00 UTC"):
                assert shown in page
            assert f'value="{post.pk} {post.updated_at.isoformat()}"' in page
            assert (read(post).content, read(post).scheduled_for) == ("Seen", THEN)
            assert not Event.objects.exists()


def test_an_operator_without_the_right_to_change_posts_changes_nothing(client, post):
    for action, fields in FIELDS.items():
        with apart(action, fields):
            looking = staff(client, "change_destination")
            assert f'value="{action}"' not in text(looking.get(f"{LIST}{post.pk}/change/"))

            confirm(looking, action, post, **fields)

            assert (read(post).content, read(post).scheduled_for) == ("Seen", THEN)


def test_an_operator_who_may_change_posts_does(client, post):
    for action, fields in FIELDS.items():
        with apart(action, fields):
            acting = staff(client, "change_post")
            assert f'value="{action}"' in text(acting.get(f"{LIST}{post.pk}/change/"))

            confirm(acting, action, post, **fields)

            assert not Post.objects.filter(pk=post.pk, content="Seen", scheduled_for=THEN).exists()
            assert LogEntry.objects.get().user.username == "vi"
            assert set(Event.objects.values_list("by", flat=True)) <= {"operator:vi"}


def test_a_post_that_changed_since_the_page_was_shown_stays(admin_client, post):
    for action, fields in FIELDS.items():
        with apart(action, fields):
            Post.objects.filter(pk=post.pk).update(
                updated_at=post.updated_at + timedelta(seconds=1)
            )

            page = confirm(admin_client, action, post, **fields)

            (said,) = messages_of(page)
            assert said.endswith("1 left as it was: it was changed since you looked.")
            assert not LogEntry.objects.exists()


def test_a_cancelled_post_leaves_its_text_and_accounts_in_the_log(admin_client, post):
    account = post.destinations.get().account

    own = f"{LIST}{post.pk}/change/"
    page = confirm(admin_client, "cancel", post, back="yes", next=own)

    assert messages_of(page) == ["1 post cancelled."]
    assert page.redirect_chain == [(LIST, 302)]
    assert "“Seen”, Thu 2099-01-01 12:00 UTC, for" in logged()
    assert account.name in logged()


def test_a_report_counts_what_moved_and_says_why_the_others_did_not(admin_client, workspace, post):
    draft, begun = (make_post(workspace, [make_account(workspace)]) for _ in "ab")
    Post.objects.filter(pk=draft.pk).update(status="draft")
    begun.destinations.update(status="publishing")

    page = confirm(admin_client, "move", post, draft, begun, **MOVED)

    (said,) = messages_of(page)
    assert said == (
        "1 post moved. 2 left as they were: 1 because a draft is not published at any time; "
        "1 because it is being published right now."
    )


def test_a_move_shows_the_old_and_the_new_time_before_it_is_confirmed(admin_client, post):
    first = text(operate(admin_client, "move", post))
    assert 'name="confirmed"' not in first
    assert 'name="when"' in first

    second = text(operate(admin_client, "move", post, **MOVED))
    assert "Thu 2099-01-01 12:00 UTC" in second
    assert "Sun 2099-02-01 08:30 UTC, 09:30 in Europe/Berlin" in second

    assert messages_of(confirm(admin_client, "move", post, **MOVED)) == ["1 post moved."]
    assert read(post).scheduled_for == datetime(2099, 2, 1, 8, 30, tzinfo=UTC)
    assert logged() == "Moved from Thu 2099-01-01 12:00 UTC to Sun 2099-02-01 08:30 UTC"


def test_a_time_that_cannot_be_is_refused_beside_its_field(admin_client, post):
    for entered, wrong in (
        ({"when": "", "shift": ""}, "Enter either a time or a shift"),
        ({"shift": "2"}, "Enter either a time or a shift"),
        ({"when": "soon"}, "Write an ISO 8601 date and time"),
        ({"when": "2001-01-01T10:00"}, "its new time is in the past"),
        ({"when": "2099-03-29T02:30"}, "Clocks in Europe/Berlin skip this time"),
        ({"zone": "Europe/Nowhere"}, "Select a valid choice"),
        ({"when": "", "shift": "-3000", "unit": "hours"}, ""),
    ):
        with apart(entered, wrong):
            page = text(operate(admin_client, "move", post, **{**MOVED, **entered}))

            assert wrong in page
            assert ('name="confirmed"' in page) is (not wrong)
            assert read(post).scheduled_for == THEN


def test_the_text_of_a_network_is_checked_and_the_problem_stands_beside_it(admin_client, workspace):
    accounts = [make_account(workspace, platform) for platform in ("x", "threads")]
    post = make_post(workspace, accounts, scheduled_for=THEN)

    page = confirm(admin_client, "edit_text", post, text="New", own_x="a" * 281, own_threads="")
    form = page.context["form"]
    assert list(form.errors) == ["own_x"]
    assert "X accepts 280 weighted characters; this text has 281." in text(page)
    assert read(post).content == "Hello"

    page = confirm(admin_client, "edit_text", post, text="New", own_x="Short", own_threads="")
    assert messages_of(page) == ["1 post changed."]
    assert read(post).platform_content == {"x": {"content": "Short"}}
    assert logged() == "Text changed. It was “Hello”"


def test_the_text_of_several_posts_is_not_edited_at_once(admin_client, workspace, post):
    other = make_post(workspace, [make_account(workspace)], scheduled_for=THEN)

    page = operate(admin_client, "edit_text", post, other)

    assert messages_of(page) == ["Nothing was changed. Choose one post to edit its text."]


def test_what_cannot_be_cancelled_is_named_and_not_submitted(admin_client, workspace, post):
    done = make_post(workspace, [make_account(workspace)], content="Gone out", status="published")
    Post.objects.filter(pk=done.pk).update(status="published")

    page = text(operate(admin_client, "cancel", post, done))
    assert "Stays: it is already published." in page
    assert re.findall(r'name="_selected_action" value="([^"]+)"', page) == [str(post.pk)]

    page = operate(admin_client, "cancel", done)
    assert messages_of(page) == ["Nothing was changed: it is already published."]


def test_more_posts_than_a_person_reads_are_refused(admin_client, workspace, post, monkeypatch):
    monkeypatch.setattr(PostAction, "most", 1)
    other = make_post(workspace, [make_account(workspace)], scheduled_for=THEN)

    page = operate(admin_client, "cancel", post, other)

    assert messages_of(page) == ["Nothing was changed. Choose at most 1 posts at a time."]


def test_the_page_says_where_a_post_will_fail(admin_client, workspace):
    lost = make_account(workspace, needs_reconnection_since=THEN)
    post = make_post(workspace, [lost], scheduled_for=THEN)

    page = text(operate(admin_client, "publish_now", post))

    assert f"“{lost.name}” on X (to be reconnected: it will fail there)" in page


def test_the_page_says_where_a_post_will_wait(admin_client, post):
    pause = {"scope": "network", "target": "x", "name": "X", "reason": "down"}
    Pause.objects.create(**pause, paused_at=post.updated_at)

    assert "on X (paused: it waits there)" in text(operate(admin_client, "publish_now", post))


def test_an_operator_returns_to_where_they_came_from_but_to_no_other_site(admin_client, post):
    page = confirm(admin_client, "edit_text", post, text="1", next="/admin/posts/media/")
    assert page.redirect_chain == [("/admin/posts/media/", 302)]

    page = confirm(admin_client, "edit_text", read(post), text="2", next="//evil.example/")
    assert page.redirect_chain == [(LIST, 302)]


def test_the_number_of_queries_does_not_grow_with_the_posts(
    admin_client, workspace, post, django_assert_max_num_queries
):
    accounts = [make_account(workspace) for _ in range(3)]
    posts = [make_post(workspace, accounts, scheduled_for=THEN) for _ in range(5)]
    # What the process remembers, such as content types, is not counted.
    operate(admin_client, "cancel", post)
    with CaptureQueriesContext(connection) as one:
        operate(admin_client, "cancel", post)

    with django_assert_max_num_queries(len(one)):
        page = operate(admin_client, "cancel", post, *posts)
    assert "Cancel 6 posts?" in text(page)
