"""Rows of features, made without the API, and a workspace with something of everything."""

import uuid
from datetime import timedelta
from typing import Any

from destinations.runtime import clock
from platforms.oauth import App
from posts.features.approval.models import ShareLink
from posts.features.calendar_feeds.models import CalendarFeed
from posts.features.feeds.models import Feed
from posts.features.hashtags.models import HashtagSet
from posts.features.importing.models import Import
from posts.features.repeating.models import Recurrence, Recycling
from posts.models import Post, Workspace
from tests.factories import make_account, make_campaign, make_post
from tests.posts.factories import make_media, make_queue, make_session
from tests.posts.features.webhooks.webhook_factories import make_delivery, make_webhook


def make_world(workspace: Workspace, settings: Any) -> dict[str, str]:
    """Something of everything, by the names that paths have for it; the post has failed."""
    settings.PLATFORM_APPS = {"x": App("id", "secret")}
    account = make_account(workspace)
    post = make_post(workspace, [account], status="failed", due_at=None)
    made = {"workspace": workspace, "created_by": "test", "updated_at": clock.now()}
    Recycling.objects.create(post_id=post.pk, gap=2, gap_unit="week", **made)
    delivery = make_delivery(make_webhook(workspace), 204)
    return {
        "account_id": str(account.pk),
        "post_id": post.public_id,
        "queue_id": str(make_queue(workspace, account_ids=[account.pk]).pk),
        "destination_id": post.destinations.get().public_id,
        "media_id": str(make_media(workspace).pk),
        "session_id": make_session(workspace),
        "campaign_id": str(make_campaign(workspace).pk),
        "webhook_id": str(delivery.webhook_id),
        "delivery_id": str(delivery.pk),
        "import_id": str(make_import(workspace).pk),
        "calendar_feed_id": str(make_calendar_feed(workspace).pk),
        "hashtag_set_id": str(make_hashtag_set(workspace).pk),
        "feed_id": str(make_feed(workspace, account.pk).pk),
        "recurrence_id": str(make_recurrence(workspace, account.pk).pk),
        "link_id": str(make_share_link(post).pk),
    }


def make_import(workspace: Workspace) -> Import:
    """An import that is under way."""
    return Import.objects.create(
        workspace=workspace, digest=uuid.uuid4().hex, total=1, due_at=clock.now()
    )


def make_calendar_feed(workspace: Workspace) -> CalendarFeed:
    return CalendarFeed.objects.create(workspace=workspace, name="Plan", digest=uuid.uuid4().hex)


def make_feed(workspace: Workspace, *accounts: int, **fields: Any) -> Feed:
    """A feed that is switched off, so that nothing reads it."""
    url, now = "https://blog.example/feed.xml", clock.now()
    values = {"name": "Blog", "url": url, "mode": "draft", "enabled": False, **fields}
    return Feed.objects.create(
        workspace=workspace, account_ids=list(accounts), due_at=now, updated_at=now, **values
    )


def make_hashtag_set(workspace: Workspace, name: str = "Garden", **fields: Any) -> HashtagSet:
    values = {"hashtags": ["spring", "garden"], **fields}
    return HashtagSet.objects.create(
        workspace=workspace, name=name, updated_at=clock.now(), **values
    )


def make_recurrence(workspace: Workspace, *accounts: int, **fields: Any) -> Recurrence:
    """A daily rule that has begun; nothing makes its posts."""
    now = clock.now()
    values = {"freq": "daily", "timezone": "UTC", "content": "Again", "created_by": "test"}
    return Recurrence.objects.create(
        workspace=workspace,
        account_ids=list(accounts),
        **dict.fromkeys(("first_at", "settled_until", "updated_at"), now),
        **{**values, **fields},
    )


def make_share_link(post: Post, **fields: Any) -> ShareLink:
    """A link of which no person has the secret."""
    now = clock.now()
    values = {"created_by": "key:a", "created_at": now, "expires_at": now + timedelta(days=1)}
    return ShareLink.objects.create(post=post, digest=uuid.uuid4().hex, **{**values, **fields})
