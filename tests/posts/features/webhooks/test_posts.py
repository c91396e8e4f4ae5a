"""What webhooks are told of posts that are created, changed and deleted."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from posts.composing import compose, times
from posts.composing.destinations import Author
from posts.features.operations import operations
from posts.features.operations.operations import Moment
from posts.features.webhooks.delivery import engine
from posts.features.webhooks.models import WebhookDelivery, WebhookEvent
from posts.models import Post
from tests.factories import make_account
from tests.posts.cases import apart
from tests.posts.factories import FUTURE, make_media
from tests.posts.features.posting_queues.conftest import make_queue
from tests.posts.features.webhooks.webhook_factories import make_webhook, told

LATER = "2099-04-01T10:00:00Z"
NOTES = {"order": "A-1027"}
BY = "operator:ada"


@pytest.fixture
def x(ada):
    make_webhook(ada.workspace)
    return make_account(ada.workspace, "x")


def body(account, **more):
    return {"content": "Hi", "account_ids": [account.pk], "scheduled_at": FUTURE, **more}


def make(ada, account, **more) -> Post:
    answer = ada.post("/posts", {k: v for k, v in body(account, **more).items() if v is not None})
    assert answer.status_code == 201, answer.content
    WebhookEvent.objects.all().delete()
    return Post.objects.get()


def test_a_post_with_a_time_is_told_once_as_scheduled(ada, x):
    answer = ada.post("/posts", body(x, timezone="Europe/Rome", metadata=NOTES))

    assert answer.status_code == 201
    assert told(ada.workspace) == [
        (
            "post.scheduled",
            {
                "post_id": str(Post.objects.get().pk),
                "status": "scheduled",
                "scheduled_for": FUTURE,
                "timezone": "Europe/Rome",
                "account_ids": [x.pk],
                "campaign_id": None,
                "queue_id": None,
                "metadata": NOTES,
            },
        )
    ]


def test_a_post_of_a_campaign_and_a_queue_names_both(ada, x):
    spring = ada.post("/campaigns", {"name": "Spring"}).json()["data"]["id"]
    queue = make_queue(ada)["id"]
    wanted = {"content": "Hi", "account_ids": [x.pk], "use_queue": True, "queue_id": queue}

    assert ada.post("/posts", {**wanted, "campaign_id": spring}).status_code == 201

    [(_, data)] = told(ada.workspace, "post.scheduled")
    assert (data["campaign_id"], data["queue_id"]) == (spring, queue)


@pytest.mark.parametrize("more", [{"scheduled_at": None}, {"draft": True}])
def test_a_post_for_now_and_a_draft_are_not_told_as_scheduled(ada, x, more):
    ada.post("/posts", {k: v for k, v in body(x, **more).items() if v is not None})

    assert Post.objects.exists()
    assert told(ada.workspace, "post.scheduled") == []


def test_each_post_of_a_bulk_call_is_told_and_none_of_a_refused_one(ada, x):
    answer = ada.post("/posts/bulk", {"posts": [body(x), body(x, account_ids=[9]), body(x)]})

    assert answer.status_code == 207
    posts = {str(post.pk) for post in Post.objects.all()}
    assert len(posts) == 2
    assert {data["post_id"] for _, data in told(ada.workspace, "post.scheduled")} == posts


def test_a_repeated_request_is_told_once(ada, x):
    for _ in range(2):
        ada.post("/posts", body(x), headers={"Idempotency-Key": "a"})

    assert len(told(ada.workspace, "post.scheduled")) == 1


def test_a_draft_that_gets_its_time_is_told_as_scheduled(ada, x):
    post = make(ada, x, draft=True)

    ada.post(f"/posts/{post.public_id}/schedule", {"scheduled_for": LATER})

    [(event, data)] = told(ada.workspace)
    assert (event, data["scheduled_for"], data["account_ids"]) == ("post.scheduled", LATER, [x.pk])


def test_a_draft_that_is_published_now_is_not(ada, x):
    post = make(ada, x, draft=True)

    ada.post(f"/posts/{post.public_id}/schedule", {"publish_now": True})

    assert told(ada.workspace, "post.scheduled") == told(ada.workspace, "post.updated") == []


def test_another_time_is_an_update(ada, x):
    post = make(ada, x)

    ada.patch(f"/posts/{post.public_id}", {"scheduled_at": LATER})

    changed = {"post_id": str(post.pk), "changed": ["scheduled_for"]}
    assert told(ada.workspace) == [("post.updated", changed)]


def test_an_update_names_what_changed_and_nothing_that_stayed(ada, x):
    other = make_account(ada.workspace, "linkedin")
    media = make_media(ada.workspace)
    post = make(ada, x, metadata=NOTES)
    changes = {
        "content": "Other",
        "account_ids": [x.pk, other.pk],
        "media_ids": [str(media.pk)],
        "alt_texts": {str(media.pk): "A dot"},
        "platform_content": {"x": {"content": "On X"}},
        "timezone": "Europe/Rome",
        "scheduled_at": FUTURE,
        "metadata": NOTES,
    }

    assert ada.patch(f"/posts/{post.public_id}", changes).status_code == 200

    [(event, data)] = told(ada.workspace)
    assert event == "post.updated"
    assert data["changed"] == [
        *("content", "account_ids", "media_ids", "alt_texts", "platform_content", "timezone")
    ]
    assert data["metadata"] == NOTES


def test_an_edit_that_changes_nothing_is_not_told(ada, x):
    for changes in (
        {},
        {"content": "Hi"},
        {"scheduled_at": FUTURE, "timezone": "UTC", "media_ids": []},
    ):
        with apart(changes):
            post = make(ada, x)

            assert ada.patch(f"/posts/{post.public_id}", changes).status_code == 200

            assert told(ada.workspace) == []


def test_a_refused_edit_is_not_told(ada, x):
    post = make(ada, x)

    assert ada.patch(f"/posts/{post.public_id}", {"content": "x" * 300}).status_code == 400

    assert told(ada.workspace) == []


def test_a_deleted_post_is_told_with_its_notes(ada, x):
    post = make(ada, x, metadata=NOTES)

    ada.delete(f"/posts/{post.public_id}")

    assert told(ada.workspace) == [("post.deleted", {"post_id": str(post.pk), "metadata": NOTES})]


def test_what_operators_change_is_told_too(ada, x):
    post = make(ada, x)

    operations.edit_text(post.pk, "Other", by=BY)
    operations.move([post.pk], Moment(times.parse("2098-02-01T09:30"), "UTC"), by=BY)
    operations.publish_now([post.pk], by=BY)
    operations.cancel([post.pk], by=BY)

    assert [(event, data.get("changed")) for event, data in told(ada.workspace)] == [
        ("post.updated", ["content"]),
        ("post.updated", ["scheduled_for"]),
        ("post.updated", ["scheduled_for"]),
        ("post.deleted", None),
    ]


def test_nothing_is_told_of_what_is_rolled_back(ada, x):
    post = make(ada, x)

    def fail(_):
        raise RuntimeError

    with pytest.raises(RuntimeError):
        operations.cancel([post.pk], by=BY, record=fail)

    assert Post.objects.get() == post
    assert told(ada.workspace) == []


def test_a_workspace_without_webhooks_pays_no_statement_for_them(ada, cy):
    here, there = make_account(ada.workspace, "x"), make_account(cy.workspace, "x")
    make_webhook(cy.workspace)
    asked = {}

    for caller, account in ((ada, here), (cy, there)):
        caller.post("/posts", body(account))
        with CaptureQueriesContext(connection) as queries:
            caller.post("/posts", body(account))
        asked[caller.workspace] = len(queries)

    assert asked[ada.workspace] == asked[cy.workspace]
    assert told(ada.workspace) == []
    assert len(told(cy.workspace)) == 2


def test_a_webhook_for_other_events_is_told_nothing(ada):
    make_webhook(ada.workspace, "post.published")

    ada.post("/posts", body(make_account(ada.workspace, "x")))
    engine.fan_out()

    assert not WebhookDelivery.objects.exists()


def test_a_draft_without_accounts_is_scheduled_with_those_it_then_gets(ada, x):
    draft = compose.create(Author(ada.workspace.pk, "key:a"), compose.NewPost("Hi", [], draft=True))

    ada.post(
        f"/posts/{draft.post.public_id}/schedule", {"scheduled_for": LATER, "account_ids": [x.pk]}
    )

    [(_, data)] = told(ada.workspace, "post.scheduled")
    assert data["account_ids"] == [x.pk]
