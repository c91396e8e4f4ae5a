"""Every admin page opens, shows no secret, and takes as many queries for 5 rows as for 1."""

import uuid
from datetime import timedelta

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django_celery_beat.models import ClockedSchedule, CrontabSchedule

from config.admin import registration  # noqa: F401 - it registers the pages
from destinations.accounts import encryption
from destinations.models import Attempt, Deletion, Destination, Event, Pause
from platforms.drafts import Draft, Media
from posts import models as posts
from posts.features.ai.models import AiUse
from posts.features.approval.models import ShareLink
from posts.features.erasing.models import Erasure
from posts.features.links.models import LinkSettings
from posts.features.repeating.models import Recycling
from posts.features.request_log.models import ApiRequest
from posts.features.webhooks.delivery import signatures
from posts.features.webhooks.models import Webhook, WebhookDelivery
from posts.keys import keys
from posts.keys.oauth import device_logins, tokens
from posts.keys.oauth.secret_values import new_pair
from tests.factories import make_account, make_post, make_workspace
from tests.posts.features.webhooks.webhook_factories import make_delivery, make_webhook
from tests.posts.keys.oauth.program import make_grant, somewhere
from tests.posts.world import (
    make_calendar_feed,
    make_feed,
    make_hashtag_set,
    make_import,
    make_recurrence,
    make_share_link,
)

pytestmark = pytest.mark.django_db
SECRET = "a-secret-that-is-never-shown"
MODELS = list(admin.site._registry)
OURS = [model for model in MODELS if model._meta.app_label in ("posts", "destinations")]


def fill(count: int) -> None:
    """`count` rows of every table, each with secrets and in its own workspace."""
    now = timezone.now()
    for number in range(count):
        workspace = make_workspace(f"Workspace {number}")
        key, _ = keys.create(workspace, "key", ["read"])
        tokens.issue(make_grant(workspace, key), new_pair(), now)
        ApiRequest.objects.create(
            at=now, status=200, duration_ms=1, workspace=workspace, api_key=key
        )
        account = make_account(workspace, token=SECRET, extra={"page_token": SECRET})
        draft = Draft("Hi", (Media("k", "image", "image/png", "a.png", 5),), {"privacy": "public"})
        post = make_post(
            workspace,
            [account],
            draft=draft,
            status="failed",
            error="No.",
            claim=uuid.uuid4(),
            checkpoint=encryption.seal({"upload": SECRET}),
        )
        file = posts.Media.objects.create(
            workspace=workspace, kind="image", filename="a.png", size_bytes=5, storage_key=SECRET
        )
        posts.PostMedia.objects.create(post=post, media=file, position=0)
        make_share_link(post)
        row = post.destinations.get()
        Attempt.objects.create(
            destination=row, number=1, wanted_at=now, started_at=now, outcome="content_rejected"
        )
        Event.objects.create(destination=row, at=now, move="fail", to_status="failed", by="x")
        Pause.objects.create(
            scope="workspace", target=workspace.pk, name="W", paused_at=now, resumed_at=now
        )
        CrontabSchedule.objects.create(minute=number)
        ClockedSchedule.objects.create(clocked_time=now)
        _fill_newer(workspace, account, now)


def _fill_newer(workspace, account, now) -> None:
    webhook = make_webhook(workspace, previous_secret=signatures.seal_secret(SECRET))
    make_delivery(webhook, 500, claim=uuid.uuid4())
    posts.Campaign.objects.create(workspace=workspace, name="Spring", updated_at=now)
    posts.PostingQueue.objects.create(
        workspace=workspace, name="Mornings", slots=[], updated_at=now
    )
    make_feed(workspace, account.pk)
    make_hashtag_set(workspace)
    LinkSettings.objects.create(workspace=workspace, updated_at=now)
    make_recurrence(workspace, account.pk)
    make_import(workspace)
    make_calendar_feed(workspace)
    Recycling.objects.create(
        post_id=posts.Post.objects.filter(workspace=workspace).values_list("pk", flat=True)[0],
        workspace=workspace,
        gap=2,
        gap_unit="week",
        created_by="test",
        updated_at=now,
    )
    AiUse.objects.create(workspace=workspace, kind="caption", credits=1, by="key:k", created_at=now)
    device_logins.start("a program", somewhere())
    Erasure.objects.create(scope="workspace", target=uuid.uuid4(), asked_at=now, asked_by="a")
    Deletion.objects.create(
        destination_id=uuid.uuid4(),
        post_id=uuid.uuid4(),
        workspace=workspace,
        account=account,
        account_number=account.pk,
        account_name=account.name,
        platform=account.platform,
        claim=uuid.uuid4(),
        asked_at=now,
        asked_by="operator:ada",
    )


def secrets() -> list[str]:
    """All values that no page may show."""
    found = [SECRET]
    for row in Destination.objects.select_related("account"):
        assert row.account is not None
        found += [row.checkpoint, row.account.credentials, str(row.claim)]
    for webhook in Webhook.objects.all():
        found += [webhook.secret, webhook.previous_secret, *signatures.valid_secrets(webhook)]
    for login in posts.DeviceLogin.objects.all():
        found += [login.device_hash, login.user_code_hash]
    found += posts.OAuthClient.objects.values_list("secret_hash", flat=True)
    for grant in posts.OAuthGrant.objects.all():
        found += [grant.code_hash, grant.challenge]
    for claimed in (Deletion, WebhookDelivery):
        found += map(str, claimed.objects.values_list("claim", flat=True))
    found += User.objects.values_list("password", flat=True)
    found += ShareLink.objects.values_list("digest", flat=True)
    return [*found, *posts.ApiKey.objects.values_list("digest", flat=True)]


def list_of(model) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def pages_of(model) -> list[str]:
    """Its list, and the pages of two rows; all others of a table differ in their numbers only."""
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    return [list_of(model)] + [
        reverse(f"{name}_{page}", args=[row.pk])
        for row in model._default_manager.order_by("pk")[:2]
        for page in ("change", "history")
    ]


def test_no_page_shows_a_secret(admin_client):
    fill(1)
    hidden = secrets()
    for page in (page for model in MODELS for page in pages_of(model)):
        answer = admin_client.get(page)
        text = answer.content.decode()
        shown = [word for word in hidden if word in text]
        assert (page, answer.status_code, shown) == (page, 200, [])
        assert text.rstrip().endswith("</html>"), page


def test_a_list_takes_as_many_queries_for_five_rows_as_for_one(admin_client):
    def rows_and_queries() -> dict[str, tuple[int, int]]:
        found = {}
        for model in OURS:
            with CaptureQueriesContext(connection) as asked:
                answer = admin_client.get(list_of(model))
            found[model.__name__] = len(answer.context["cl"].result_list), len(asked)
        return found

    fill(1)
    rows_and_queries()  # what is read only once
    one = {name: queries for name, (_, queries) in rows_and_queries().items()}
    fill(4)

    assert rows_and_queries() == {name: (5, queries) for name, queries in one.items()}


def test_a_list_does_not_load_large_columns(admin_client):
    fill(2)

    with CaptureQueriesContext(connection) as asked:
        admin_client.get(list_of(Destination))

    assert not [query for query in asked if '"draft"' in query["sql"]]
    assert not [query for query in asked if '"checkpoint"' in query["sql"]]


def test_a_destinations_page_tells_the_whole_story(admin_client):
    fill(1)
    row = Destination.objects.get()
    Destination.objects.update(
        status="published", platform_post_id="1", platform_post_url="https://x.com/acme/1"
    )

    page = admin_client.get(f"{list_of(Destination)}{row.pk}/change/").content.decode()

    story = [row.public_id, row.post.public_id, "a.png", "Privacy", "content_rejected", "fail"]
    assert [word for word in story if word not in page] == []
    assert 'href="https://x.com/acme/1" target="_blank"' in page


def test_a_url_that_is_not_http_is_not_a_link(admin_client):
    fill(1)
    Destination.objects.update(platform_post_url="javascript:alert(1)")
    row = Destination.objects.get()

    page = admin_client.get(f"{list_of(Destination)}{row.pk}/change/").content.decode()

    assert "javascript:alert(1)" in page
    assert 'href="javascript:alert(1)' not in page


def test_a_row_is_found_by_its_public_id(admin_client):
    fill(2)
    for model in (Destination, posts.Post):
        row = model.objects.first()
        for word, expected in ((row.public_id, [row]), ("nonsense", [])):
            found = admin_client.get(list_of(model), {"q": word}).context["cl"].result_list
            assert list(found) == expected, (model, word)


def test_times_are_shown_with_their_zone(admin_client):
    workspace = make_workspace()
    posts.Workspace.objects.update(created_at="2026-11-24T17:30:05Z")

    page = admin_client.get(f"/admin/posts/workspace/{workspace.pk}/change/")

    assert b"2026-11-24 17:30:05 UTC" in page.content


NOW = timezone.now
ROWS = {
    "failed": {"status": "failed", "due_at": None},
    "doubtful": {"status": "failed", "due_at": None, "error_code": "outcome_unknown"},
    "old": {"status": "failed", "due_at": None, "updated_at": NOW() - timedelta(days=2)},
    "unconfirmed": {
        "status": "unconfirmed",
        "due_at": NOW() + timedelta(hours=1),
        "begun_at": NOW(),
    },
    "waiting": {
        "status": "failed",
        "due_at": NOW() + timedelta(hours=1),
        "next_retry_at": NOW() + timedelta(hours=1),
        "wanted_at": NOW() + timedelta(hours=1),
        "begun_at": NOW(),
    },
    "late": {"status": "queued", "due_at": NOW() - timedelta(hours=1)},
}


#: What each value of the filter selects.
ATTENTION = {
    "failed_today": {"failed", "doubtful"},
    "failed_24h": {"failed", "doubtful"},
    "may_be_public": {"doubtful"},
    "unconfirmed": {"unconfirmed"},
    "retry_waiting": {"waiting"},
    "late": {"late"},
    "reconnect": {"reconnect"},
    "nonsense": {*ROWS, "held", "reconnect"},
}


def test_a_list_shows_what_its_filter_selects(admin_client):
    workspace = make_workspace()
    for name, fields in ROWS.items():
        make_post(workspace, [make_account(workspace, name=name)], **fields)
    held = make_account(workspace, name="held", held_until=NOW() + timedelta(hours=1))
    make_post(workspace, [held])
    gone = make_account(workspace, name="reconnect", needs_reconnection_since=NOW())
    make_post(workspace, [gone], due_at=None, status="published", platform_post_id="1")

    for attention, expected in ATTENTION.items():
        page = admin_client.get(list_of(Destination), {"attention": attention})
        shown = {row.account_name for row in page.context["cl"].result_list}
        assert (attention, shown) == (attention, expected)


def test_a_list_is_filtered_by_workspace_and_platform(admin_client):
    fill(2)
    row = Destination.objects.first()

    chosen = {"workspace__id__exact": row.workspace_id, "platform": "x"}
    page = admin_client.get(list_of(Destination), chosen)

    assert list(page.context["cl"].result_list) == [row]
    other = admin_client.get(list_of(Destination), {"platform": "tiktok"})
    assert list(other.context["cl"].result_list) == []


def test_the_sidebar_shows_only_permitted_pages(client):
    user = User.objects.create_user("vi", password="x", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_post"))
    client.force_login(user)

    page = client.get("/admin/")

    titles = [
        item["title"] for group in page.context["sidebar_navigation"] for item in group["items"]
    ]
    assert titles == ["Overview", "Posts", "Calendar"]
    seen = page.context["overview"]
    assert (seen.networks, seen.failures, seen.keys, seen.workspaces) == ([], [], [], [])
    assert seen.processes is None
