"""The pages of posting queues: what operators see of customers' schedules."""

import pytest
from django.urls import reverse

from posts.models import PostingQueue
from tests.factories import make_account
from tests.posts.features.posting_queues.conftest import hours, make_queue, put

pytestmark = pytest.mark.django_db


def test_the_list_names_every_queue(admin_client, ada, cy):
    make_queue(ada, name="Mornings", timezone="Asia/Kathmandu")
    make_queue(cy, name="Evenings")

    page = admin_client.get(reverse("admin:posts_postingqueue_changelist")).content.decode()

    assert "Mornings" in page
    assert "Asia/Kathmandu" in page
    assert "Evenings" in page


def test_the_page_shows_the_week_the_next_slots_and_how_many_posts_wait(admin_client, ada):
    slots = [{"day_of_week": 0, "time": "09:05"}, {"day_of_week": 0, "time": "17:00"}]
    queue = make_queue(ada, slots=slots, timezone="Asia/Kathmandu")["id"]
    put(ada, make_account(ada.workspace), queue)

    path = reverse("admin:posts_postingqueue_change", args=[queue])
    page = admin_client.get(path).content.decode()

    assert "Sunday: 09:05, 17:00" in page
    assert "09:05 (03:20 UTC)" in page
    assert f"posting_queue__id__exact={queue}" in page
    assert "<form" not in page.partition("Its week")[2].partition("History")[0]


def test_a_queue_without_free_slots_says_so(admin_client, ada, monkeypatch):
    monkeypatch.setattr("posts.features.posting_queues.slots.upcoming", lambda queue, now: iter(()))
    path = reverse("admin:posts_postingqueue_change", args=[make_queue(ada)["id"]])

    assert "none in 90 days" in admin_client.get(path).content.decode()


def test_the_posts_of_a_queue_are_found_and_lead_back_to_it(admin_client, ada):
    queue = make_queue(ada)["id"]
    account = make_account(ada.workspace)
    inside, outside = put(ada, account, queue), put(ada, account)

    found = admin_client.get(
        reverse("admin:posts_post_changelist"), {"posting_queue__id__exact": queue}
    )

    assert [post.pk for post in found.context["cl"].result_list] == [inside.pk]
    assert outside.posting_queue != inside.posting_queue
    page = admin_client.get(reverse("admin:posts_post_change", args=[inside.pk])).content.decode()
    assert reverse("admin:posts_postingqueue_change", args=[queue]) in page
    assert "switched off" not in page
    assert inside.slot_at == hours(0)


def test_a_held_post_says_why(admin_client, ada):
    queue = make_queue(ada)["id"]
    post = put(ada, make_account(ada.workspace), queue)
    ada.patch(f"/queues/{queue}", {"active": False})

    page = admin_client.get(reverse("admin:posts_post_change", args=[post.pk])).content.decode()

    assert "(switched off)" in page
    assert "Held: its posting queue is switched off." in page
    assert PostingQueue.objects.get(pk=queue).active is False
