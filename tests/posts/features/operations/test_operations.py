"""Operators change posts in the customer's place: each alone, with a reason for what stays."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from destinations.models import Destination, Event
from posts.composing import times
from posts.features.operations import operations
from posts.features.operations.operations import Moment, Shift
from posts.models import Post
from tests.factories import make_account, make_post
from tests.posts.cases import apart

pytestmark = pytest.mark.django_db
BY = "operator:ada"
THEN = datetime(2099, 1, 1, 12, tzinfo=UTC)
LATER = Moment(times.parse("2099-02-01T09:30"), "Europe/Berlin")


@pytest.fixture
def post(workspace):
    return make_post(workspace, [make_account(workspace)], scheduled_for=THEN)


def make_draft(workspace, **fields):
    post = make_post(workspace, [make_account(workspace)], due_at=None, **fields)
    Post.objects.filter(pk=post.pk).update(status="draft")
    return post


def read(post) -> Post:
    return Post.objects.get(pk=post.pk)


def reasons(report) -> list[str]:
    return [each.reason for each in report.skipped]


OPERATIONS = {
    "cancel": lambda ids, **given: operations.cancel(ids, by=BY, **given),
    "move": lambda ids, **given: operations.move(ids, LATER, by=BY, **given),
    "publish_now": lambda ids, **given: operations.publish_now(ids, by=BY, **given),
    "edit_text": lambda ids, **given: operations.edit_text(ids[0], "New", by=BY, **given),
}


@pytest.fixture(params=OPERATIONS)
def operate(request):
    return OPERATIONS[request.param]


def test_cancelled_posts_are_gone_and_drafts_stay(workspace, post):
    draft = make_draft(workspace)

    report = operations.cancel([post.pk, draft.pk], by=BY)

    assert [moved.pk for moved in report.moved] == [post.pk]
    assert reasons(report) == ["in a draft there is nothing to cancel"]
    assert list(Post.objects.values_list("pk", flat=True)) == [draft.pk]
    assert list(Destination.objects.values_list("post", flat=True)) == [draft.pk]


def test_a_moved_post_is_due_at_the_time_in_the_chosen_zone_and_keeps_its_own_zone(post):
    report = operations.move([post.pk], LATER, by=BY, request_id="req_1")

    when = datetime(2099, 2, 1, 8, 30, tzinfo=UTC)
    (moved,) = report.moved
    assert (moved.scheduled_for, moved.status, moved.timezone) == (when, "scheduled", "UTC")
    row = post.destinations.get()
    assert (row.due_at, row.wanted_at) == (when, when)
    event = Event.objects.get()
    assert (event.move, event.by, event.request_id) == ("edit", BY, "req_1")


def test_a_post_published_now_is_due_at_once(post):
    operations.publish_now([post.pk], by=BY)

    found = read(post)
    assert (found.status, found.scheduled_for) == ("publishing", None)
    assert post.destinations.get().due_at <= timezone.now()
    assert (Event.objects.get().move, Event.objects.get().by) == ("schedule", BY)


def test_a_draft_is_published_now_if_it_goes_anywhere(workspace):
    draft, nowhere = make_draft(workspace), make_draft(workspace)
    nowhere.destinations.all().delete()

    report = operations.publish_now([draft.pk, nowhere.pk], by=BY)

    assert [moved.pk for moved in report.moved] == [draft.pk]
    assert reasons(report) == ["Choose at least one account; only a draft may have none."]


def test_what_has_begun_stays_as_it_is_and_the_report_says_why(workspace, post, operate):
    for status, row_status, reason in (
        ("publishing", "publishing", "it is being published right now"),
        ("published", "published", "it is already published"),
        ("partial", "published", "it is already published for some of its accounts"),
        ("failed", "failed", "it has failed: retry its destinations instead"),
    ):
        with apart(status, row_status, reason):
            begun = make_post(workspace, [make_account(workspace)], status=row_status, due_at=None)
            Post.objects.filter(pk=begun.pk).update(status=status)

            report = operate([begun.pk, post.pk])

            assert reasons(report) == [reason]
            assert report.skipped[0].post == begun
            assert read(begun).status == status


def test_one_refusal_does_not_stop_the_others(workspace, post):
    claimed = make_post(
        workspace, [make_account(workspace)], scheduled_for=THEN, claim=uuid.uuid4()
    )

    report = operations.move([claimed.pk, uuid.uuid4(), post.pk, post.pk], LATER, by=BY)

    assert [moved.pk for moved in report.moved] == [post.pk]
    assert reasons(report) == ["it is being published right now", "it no longer exists"]
    assert read(claimed).scheduled_for == THEN


def test_a_post_that_changed_since_the_operator_looked_stays_as_it_is(post, operate):
    report = operate([post.pk], seen={post.pk: post.updated_at - timedelta(seconds=1)})
    unseen = operate([post.pk], seen={})

    assert reasons(report) == reasons(unseen) == ["it was changed since you looked"]
    assert (read(post).content, read(post).scheduled_for) == ("Hello", THEN)
    assert len(operate([post.pk], seen={post.pk: post.updated_at}).moved) == 1


def test_a_change_that_cannot_be_recorded_is_not_made(post, operate):
    def record(changed):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        operate([post.pk], record=record)

    assert (read(post).content, read(post).scheduled_for) == ("Hello", THEN)


def test_a_post_for_now_that_still_waits_can_be_moved_but_not_once_it_was_tried(workspace):
    accounts = [make_account(workspace)]
    waiting, tried = make_post(workspace, accounts), make_post(workspace, accounts, attempts=1)

    report = operations.move([waiting.pk, tried.pk], LATER, by=BY)

    assert (read(waiting).status, read(tried).status) == ("scheduled", "publishing")
    assert reasons(report) == ["some of its destinations were tried before"]


def test_nothing_moves_into_the_past_or_into_an_hour_that_clocks_skip(post):
    past = operations.move([post.pk], Shift(timedelta(days=-40_000)), by=BY)
    gap = Moment(times.parse("2099-03-29T02:30"), "Europe/Berlin")
    skipped = operations.move([post.pk], gap, by=BY)

    assert reasons(past) == ["its new time is in the past"]
    assert reasons(skipped) == ["Clocks in Europe/Berlin skip this time; there is no such instant."]
    assert read(post).scheduled_for == THEN


def test_a_shift_by_days_keeps_the_time_of_day_and_one_by_hours_the_elapsed_time(workspace):
    before = datetime(2099, 3, 28, 8, tzinfo=UTC)
    posts = [make_post(workspace, [make_account(workspace)], scheduled_for=before) for _ in "ab"]
    Post.objects.update(timezone="Europe/Berlin")

    operations.move([posts[0].pk], Shift(timedelta(days=1)), by=BY)
    operations.move([posts[1].pk], Shift(timedelta(hours=23)), by=BY)

    # Clocks go forward that night.
    assert read(posts[0]).scheduled_for == datetime(2099, 3, 29, 7, tzinfo=UTC)
    assert read(posts[1]).scheduled_for == datetime(2099, 3, 29, 7, tzinfo=UTC)


def test_a_post_without_a_time_cannot_be_shifted(workspace):
    waiting = make_post(workspace, [make_account(workspace)])

    report = operations.move([waiting.pk], Shift(timedelta(hours=1)), by=BY)

    assert reasons(report) == ["it has no time that could be shifted: give it one"]


def test_an_edited_text_replaces_only_texts(workspace):
    accounts = [make_account(workspace, platform) for platform in ("x", "threads")]
    post = make_post(workspace, accounts, scheduled_for=THEN)
    post.platform_content = {"x": {"content": "Old", "settings": {"replySettings": "following"}}}
    post.save()

    report = operations.edit_text(post.pk, "New", {"x": " ", "threads": "Own"}, by=BY)

    assert not report.skipped
    assert read(post).platform_content == {
        "x": {"settings": {"replySettings": "following"}},
        "threads": {"content": "Own"},
    }
    frozen = {row.platform: row.draft["text"] for row in post.destinations.all()}
    assert frozen == {"x": "New", "threads": "Own"}
    assert {row.due_at for row in post.destinations.all()} == {THEN}


def test_a_text_that_a_network_does_not_accept_changes_nothing_and_names_the_network(post):
    report = operations.edit_text(post.pk, "a" * 281, by=BY)

    (skipped,) = report.skipped
    assert [problem["platform"] for problem in skipped.problems] == ["x"]
    assert skipped.reason == "X accepts 280 weighted characters; this text has 281."
    assert read(post).content == "Hello"
