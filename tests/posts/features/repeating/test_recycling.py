"""A published post is published again, each time as a new post."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from destinations.models import Destination
from destinations.runtime import clock
from posts.features.repeating import recycled_posts
from posts.features.repeating.models import RecycledPost, Recycling
from posts.features.webhooks.models import WebhookEvent
from posts.models import Post
from tests.factories import make_account
from tests.posts.cases import apart
from tests.posts.conftest import data_of, refused
from tests.posts.factories import make_media
from tests.posts.features.webhooks.webhook_factories import make_webhook

WEEKLY = {"gap": 1, "gap_unit": "week"}


def recycled(caller, account, *, ago=timedelta(hours=1), **fields) -> Post:
    """A post that is recycled each week, published so long ago."""
    wanted = {"content": "Evergreen", "account_ids": [account.pk], "recycling": WEEKLY, **fields}
    data_of(caller.post("/posts", wanted), 201)
    post = Post.objects.latest("created_at")
    publish(post, ago)
    return post


def publish(post: Post, ago=timedelta(hours=1)) -> None:
    at = clock.now() - ago
    Destination.objects.filter(post=post).update(status="published", published_at=at, due_at=None)
    Post.objects.filter(pk=post.pk).update(status="published", published_at=at)
    post.refresh_from_db()


def look() -> int:
    Recycling.objects.filter(look_at__isnull=False).update(look_at=clock.now())
    return recycled_posts.run()


def made() -> list[Post]:
    ids = RecycledPost.objects.order_by("turn").values_list("post_id", flat=True)
    return [Post.objects.get(pk=each) for each in ids]


def pass_a_week(post: Post) -> None:
    week = timedelta(days=7)
    Post.objects.filter(pk=post.pk).update(published_at=post.published_at - week)
    post.refresh_from_db()
    for claim in RecycledPost.objects.all():
        RecycledPost.objects.filter(pk=claim.pk).update(at=claim.at - week)


def test_a_turn_is_made_a_week_ahead_as_a_new_scheduled_post(ada, x):
    make_webhook(ada.workspace, "post.recycled")
    post = recycled(ada, x, metadata={"order": 7})

    assert look() == 1
    assert look() == 0

    (turn,) = made()
    assert (turn.status, turn.content, turn.metadata) == ("scheduled", "Evergreen", {"order": 7})
    assert turn.scheduled_for == post.published_at + timedelta(days=7)
    event = WebhookEvent.objects.get(event="post.recycled")
    assert str(turn.pk) in event.data
    assert str(post.pk) in event.data


def test_the_answers_name_both(ada, x):
    post = recycled(ada, x)
    look()

    shown = ada.get(f"/posts/{made()[0].public_id}").json()["data"]
    original = ada.get(f"/posts/{post.public_id}").json()["data"]

    assert shown["recycled_from"] == post.public_id
    assert "recycling" not in shown
    assert (original["recycling"]["gap"], original["recycling"]["enabled"]) == (1, True)
    state = ada.get(f"/posts/{post.public_id}/recycling").json()["data"]
    assert (state["turns"], state["problem"], state["ended_because"]) == (1, None, None)


def test_a_post_that_is_not_published_everywhere_waits(ada, x):
    for status in ("scheduled", "publishing", "partial", "failed", "draft"):
        with apart(status):
            post = recycled(ada, x)
            Post.objects.filter(pk=post.pk).update(status=status)

            assert look() == 0
            assert Recycling.objects.get().look_at > clock.now()


def test_texts_take_turns_and_end_by_their_number(ada, x):
    texts = {"content_variations": ["One", "Two"], "expire_count": 3}
    post = recycled(ada, x, recycling={**WEEKLY, **texts})

    for _ in range(4):
        look()
        pass_a_week(post)
    look()

    assert [each.content for each in made()] == ["One", "Two", "One"]
    assert Recycling.objects.get().ended_because == recycled_posts.OVER


def test_turns_that_passed_are_left_out(ada, x):
    post = recycled(ada, x, ago=timedelta(days=24))

    look()

    assert [each.scheduled_for for each in made()] == [post.published_at + timedelta(days=28)]


def test_dates_bound_the_turns(ada, x):
    day = (clock.now() + timedelta(days=20)).date()
    recycled(ada, x, recycling={**WEEKLY, "start_date": str(day)})
    last = clock.now().date() + timedelta(days=7)
    late = recycled(ada, x, recycling={**WEEKLY, "expire_date": str(last)})
    publish(late, -timedelta(days=1))

    assert look() == 0
    waits, ended = Recycling.objects.order_by("created_at")
    assert waits.next_at.date() >= day
    assert ended.ended_because == recycled_posts.OVER


def test_it_ends_with_its_post(ada, x):
    post = recycled(ada, x)
    post.delete()

    assert look() == 0
    assert Recycling.objects.get().ended_because == recycled_posts.GONE


def test_a_turn_that_cannot_be_made_is_told_and_tried_again(ada, x):
    post = recycled(ada, x)
    x.delete()

    assert look() == 0

    problem = ada.get(f"/posts/{post.public_id}/recycling").json()["data"]["problem"]
    assert problem["code"] == "invalid_accounts"
    assert Recycling.objects.get().look_at > clock.now()


def test_one_turn_is_claimed_once(ada, x):
    recycled(ada, x)
    look()
    claim = RecycledPost.objects.get()

    with pytest.raises(IntegrityError), transaction.atomic():
        RecycledPost.objects.create(
            recycling=claim.recycling, turn=1, at=claim.at, post_id=claim.recycling_id
        )


@pytest.mark.parametrize("platform", ["youtube", "tiktok"])
def test_some_networks_are_refused_by_name(ada, platform):
    account, media = make_account(ada.workspace, platform), make_media(ada.workspace)
    wanted = {"content": "Hi", "account_ids": [account.pk], "recycling": WEEKLY}
    draft = {**wanted, "draft": True, "media_ids": [str(media.pk)], "recycling": None}

    made = ada.post("/posts", draft)

    if made.status_code == 201:
        path = f"/posts/{made.json()['data']['post_id']}/recycling"
        refused(ada.patch(path, WEEKLY), 400, "validation_error")
    assert ada.post("/posts", wanted).status_code == 400
    assert not Recycling.objects.exists()


def test_what_is_no_recycling_is_refused_here_and_by_validate(ada, x):
    for more in (
        {"gap": 0},
        {"gap": 53},
        {"gap_unit": "day"},
        {"content_variations": ["one"]},
        {"content_variations": ["one", "x" * 400]},
        {"start_date": "9999-01-01"},
        {"expire_count": 0},
    ):
        with apart(more):
            wanted = {"content": "Hi", "account_ids": [x.pk], "recycling": {**WEEKLY, **more}}

            for path in ("/posts", "/posts/validate"):
                assert ada.post(path, wanted).status_code == 400
            assert not Post.objects.exists()


def test_a_recycling_that_can_never_happen_is_refused_here_and_by_validate(ada, x):
    at = (clock.now() + timedelta(days=10)).replace(microsecond=0)
    for field, more, scheduled_at in (
        ("expire_date", {"expire_date": f"{at:%Y-%m-%d}"}, at),
        ("expire_date", {"expire_date": f"{clock.now():%Y-%m-%d}"}, None),
        ("expire_date", {"expire_date": "2030-01-01", "start_date": "2030-02-01"}, at),
        ("expire_date", {"gap": 52, "expire_date": f"{at + timedelta(days=300):%Y-%m-%d}"}, at),
    ):
        with apart(more):
            wanted = {"content": "Hi", "account_ids": [x.pk], "recycling": {**WEEKLY, **more}}
            if scheduled_at:
                wanted["scheduled_at"] = scheduled_at.isoformat()

            for path in ("/posts", "/posts/validate"):
                error = refused(ada.post(path, wanted), 400, "validation_error")
                assert field in str(error), error
            assert not Post.objects.exists()


def test_a_recycling_that_is_over_is_not_begun_anew(ada, x):
    post = recycled(ada, x)
    path = f"/posts/{post.public_id}/recycling"
    look()

    refused(ada.patch(path, {"expire_count": 1}), 400, "validation_error")
    refused(ada.patch(path, {"expire_date": f"{clock.now():%Y-%m-%d}"}), 400, "validation_error")
    assert ada.patch(path, {"expire_count": 2}).status_code == 200
    assert ada.patch(path, {"enabled": False, "expire_count": 1}).status_code == 200


def test_an_account_has_ten_and_no_more(ada, x):
    for _ in range(10):
        recycled(ada, x)
    wanted = {"content": "Hi", "account_ids": [x.pk], "recycling": WEEKLY}

    refused(ada.post("/posts", wanted), 409, "recycling_limit_reached")

    first = Post.objects.earliest("created_at")
    ada.patch(f"/posts/{first.public_id}/recycling", {"enabled": False})
    assert ada.post("/posts", wanted).status_code == 201


def test_it_is_begun_changed_and_ended_later(ada, x):
    post = recycled(ada, x, recycling=None)
    path = f"/posts/{post.public_id}/recycling"
    refused(ada.get(path), 404, "not_found")
    refused(ada.patch(path, {"gap": 2}), 400, "validation_error")

    begun = ada.patch(path, WEEKLY).json()["data"]
    look()
    ended = ada.patch(path, {"enabled": False}).json()["data"]

    assert (begun["enabled"], ended["enabled"], ended["turns"]) == (True, False, 1)
    pass_a_week(post)
    assert look() == 0
    turn = made()[0]
    refused(ada.patch(f"/posts/{turn.public_id}/recycling", WEEKLY), 400, "validation_error")


def test_its_files_are_kept_and_if_forced_away_it_ends(ada, media, x):
    recycled(ada, x, media_ids=[str(media.pk)])

    refused(ada.delete(f"/media/{media.pk}"), 409, "media_in_use")
    assert ada.delete(f"/media/{media.pk}?force=true").status_code == 200

    row = Recycling.objects.get()
    assert (row.look_at, row.ended_because) == (None, "Its file a.png was deleted.")
    assert look() == 0
