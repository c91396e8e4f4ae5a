"""The same request again, row by row; how that holds: tests/posts/api/idempotency."""

from datetime import timedelta

from posts.models import IdempotencyRecord, Post
from tests.posts.api.idempotency.requests import create, is_replay, rows, run_out, without_ids


def test_idempotency_key_is_honoured_with_the_first_answer_and_nothing_is_made_again(ada, body):
    first = create(ada, body)
    before = rows()

    again = create(ada, body)

    assert (first.status_code, is_replay(first), is_replay(again)) == (201, False, True)
    assert without_ids(again) == without_ids(first)
    assert (rows(), Post.objects.count()) == (before, 1)


def test_idempotency_key_is_honoured_for_24_hours(ada, body):
    create(ada, body)
    run_out(timedelta(hours=23, minutes=59))
    assert is_replay(create(ada, body))

    run_out(timedelta(minutes=1))
    other = {**body, "content": "Other"}

    assert [is_replay(create(ada, other)) for _ in range(2)] == [False, True]
    assert sorted(Post.objects.values_list("content", flat=True)) == ["Hi", "Other"]


def test_collapsing_of_an_identical_body_is_off_by_default(ada, body):
    assert [is_replay(ada.post("/posts", body)) for _ in range(2)] == [False, False]
    assert (Post.objects.count(), IdempotencyRecord.objects.count()) == (2, 0)
