"""What the compatibility mount answers about posts that it makes, changes and deletes."""

import uuid
from datetime import timedelta

from django.utils import timezone

from posts.models import Post
from tests.factories import make_account, make_post
from tests.posts.conftest import refused
from tests.posts.factories import make_media


def later() -> str:
    return f"{timezone.now() + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"


def waiting(ada) -> Post:
    """A scheduled post of Ada's."""
    due = timezone.now() + timedelta(days=1)
    return make_post(ada.workspace, [make_account(ada.workspace)], scheduled_for=due)


def test_a_new_post_is_answered_as_every_client_reads_it(compat, ada):
    accounts = [make_account(ada.workspace, key) for key in ("x", "threads")]
    file = make_media(ada.workspace)
    body = {
        "content": "Hello",
        "account_ids": [account.pk for account in accounts],
        "media_ids": [str(file.pk)],
        "scheduled_for": later(),
        "timezone": "Europe/Berlin",
        "platform_content": {"x": {"content": "Short"}},
    }
    response = compat.post("/posts", body)
    made = response.json()["data"]

    assert response.status_code == 201, made
    post = Post.objects.get()
    assert made["post_id"] == made["id"] == made["post_group_id"] == str(post.pk)
    assert (made["status"], made["post_status"]) == ("scheduled", "scheduled")
    assert (made["destinations"], made["accounts_count"]) == (2, 2)
    assert {name: made[name] for name in body} == body
    # What was promised is what is there.
    shown = compat.get(f"/posts/{post.pk}").json()["data"]
    due = shown["scheduled_for"]
    assert [{**each, "scheduled_for": due} for each in made["results"]] == shown["destinations"]
    same = made.keys() & shown.keys() - {"destinations"}
    assert {name: made[name] for name in same} == {name: shown[name] for name in same}


def test_what_was_read_can_be_posted_again(compat, ada, account):
    file = make_media(ada.workspace)
    body = {
        "content": "Hello",
        "account_ids": [account.pk],
        "media_ids": [str(file.pk)],
        "platform_content": {"x": {"content": "Short"}},
        "scheduled_for": later(),
    }
    for sent in (body, {"content": "Note", "draft": True}):
        made = compat.post("/posts", sent).json()["data"]
        read = compat.get(f"/posts/{made['id']}").json()["data"]
        again = {
            name: read[name]
            for name in (
                "content",
                "account_ids",
                "scheduled_for",
                "timezone",
                "media_ids",
                "platform_content",
            )
        }
        is_draft = read["status"] == "draft"
        response = compat.post("/posts", {**again, "draft": is_draft})

        assert response.status_code == 201, response.json()
        made = compat.get(f"/posts/{response.json()['data']['id']}").json()["data"]
        assert {name: made[name] for name in again} == again


def test_a_large_number_of_a_setting_does_not_break_the_answer(compat, account):
    body = {"content": "Hello", "account_ids": [account.pk], "scheduled_for": later()}
    for number in (10**30, 0.1, 1e300):
        settings = {"x": {"settings": {"unknown": number}}}
        response = compat.post("/posts", {**body, "platform_content": settings})
        assert response.status_code in (201, 400), response.content


def test_a_draft_says_what_comes_next_in_named_steps(compat):
    made = compat.post("/posts", {"content": "Later", "draft": True}).json()["data"]

    assert set(made) == {"post_id", "id", "status", "scheduled_for", "message", "next_steps"}
    assert made["post_id"] == made["id"] == str(Post.objects.get().pk)
    assert set(made["next_steps"]) == {"review", "publish"}
    assert made["id"] in made["next_steps"]["publish"]


def test_an_edit_answers_with_the_whole_post(compat, ada):
    post = waiting(ada)
    answered = compat.patch(f"/posts/{post.pk}", {"content": "Better"}).json()["data"]

    assert answered["content"] == "Better"
    assert answered == compat.get(f"/posts/{post.pk}").json()["data"]


def test_a_deleted_post_is_named_by_both_of_its_ids(compat, ada):
    post = waiting(ada)
    deleted = compat.delete(f"/posts/{post.public_id}").json()["data"]

    assert deleted["id"] == deleted["post_id"] == str(post.pk)
    assert deleted["deleted"] is True
    assert deleted["message"]


def test_scheduling_a_draft_answers_with_its_uuid(compat, account):
    made = compat.post("/posts", {"content": "Hello", "draft": True}).json()["data"]
    body = {"publish_now": True, "account_ids": [account.pk]}

    answered = compat.post(f"/posts/{made['id']}/schedule", body).json()["data"]

    assert answered["post_id"] == answered["id"] == made["id"]
    assert answered["destinations"] == [
        {"account_id": account.pk, "platform": "x", "status": "queued"}
    ]


def test_bulk_answers_each_post_as_if_it_came_alone(compat, account):
    good = {"content": "Hello", "account_ids": [account.pk], "scheduled_for": later()}
    response = compat.post("/posts/bulk", {"posts": [good, {"content": "No accounts"}]})
    answer = response.json()

    assert (response.status_code, answer["error"]) == (207, None)
    made, failed = answer["data"]["results"]
    assert made["post"]["id"] == str(Post.objects.get().pk)
    assert made["post"]["results"][0]["social_account_id"] == account.pk
    assert failed["error"]["code"] == "validation_error"


def test_bulk_of_which_nothing_was_made_keeps_its_data(compat):
    response = compat.post("/posts/bulk", {"posts": [{"content": "No accounts"}]})
    answer = response.json()

    assert (response.status_code, answer["error"]) == (422, None)
    assert answer["data"]["summary"] == {"total": 1, "succeeded": 0, "failed": 1}


def test_both_forms_of_an_id_are_taken_and_no_other(compat, ada):
    post = make_post(ada.workspace, [make_account(ada.workspace)])

    for written in (post.public_id, str(post.pk), str(post.pk).upper(), post.pk.hex):
        assert compat.get(f"/posts/{written}").json()["data"]["id"] == str(post.pk)
    refused(compat.get(f"/posts/{uuid.uuid4()}"), 404, "not_found")
