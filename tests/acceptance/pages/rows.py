"""A row of every model of the admin, and posts in every state."""

import uuid
from datetime import timedelta
from typing import Any

from axes.models import AccessAttempt
from django.contrib.auth.models import Group
from django.utils import timezone
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)

from config.incidents import watch
from config.status import fact
from config.status.fact import Measurement
from destinations import pauses
from destinations.models import Attempt, Deletion, Destination, Event
from posts.features.ai.models import AiUse
from posts.features.approval import summary
from posts.features.approval.models import Approval, ApprovalEvent
from posts.features.calendar_feeds.models import CalendarFeed
from posts.features.erasing.models import Erasure
from posts.features.feeds.models import Feed, FeedItem
from posts.features.hashtags.models import HashtagSet
from posts.features.importing.models import Import, ImportRow
from posts.features.links.models import LinkSettings
from posts.features.repeating.models import Occurrence, Recycling
from posts.features.request_log import recorder
from posts.keys.oauth import device_logins
from posts.models import Campaign, DeviceLogin, Media, Post, PostingQueue, PostMedia
from tests.config.admin.overview import nine
from tests.factories import make_account, make_post
from tests.posts.conftest import Caller, upload
from tests.posts.factories import png
from tests.posts.features.request_log.conftest import a_call
from tests.posts.features.webhooks.webhook_factories import make_delivery, make_webhook
from tests.posts.keys.oauth.program import make_grant, somewhere
from tests.posts.world import make_recurrence, make_share_link


def make(ada: Caller) -> None:
    nine.make(every=20)
    _posts(ada)
    _events_to_customers(ada)
    _plans(ada)
    _deletions(ada)
    _device_logins(ada)
    make_grant(ada.workspace, ada.key)
    _histories()
    _periodic()
    gone = {"scope": Erasure.Scope.WORKSPACE, "target": str(uuid.uuid4())}
    Erasure.objects.create(**gone, asked_at=timezone.now(), asked_by="operator:ada")
    Group.objects.create(name="Night shift")
    AccessAttempt.objects.create(username="mallory", ip_address="192.0.2.7", failures_since_start=3)
    owner = {"api_key": ada.key.pk, "key_prefix": ada.key.prefix, "workspace": ada.workspace.pk}
    recorder.insert(
        [a_call(**owner), a_call(**{**owner, "status": 404, "error_code": "not_found"})]
    )
    pauses.pause("network", "tiktok", by="operator:ada", reason="TikTok loses videos.")
    ended = pauses.pause("workspace", ada.workspace.pk, by="operator:ada", reason="Invoice.")
    pauses.resume(ended.pk, by="operator:ada")
    late = fact.problem("late", "Posts are late on TikTok.", "Look.", "tiktok")
    stuck = fact.warning("media", "A file is stuck.", "Look.", "fetch")
    watch.update([Measurement("lateness", (late,)), Measurement("media", (stuck,))])


def _posts(ada: Caller) -> None:
    """With a picture: published, scheduled, and a draft."""
    upload(ada, png(), "image/png")
    media, now = Media.objects.get(), timezone.now()
    account = make_account(ada.workspace)
    url = "https://x.com/acme/status/1"
    out = {"platform_post_id": "1", "platform_post_url": url, "published_at": now, "due_at": None}
    published = make_post(ada.workspace, [account], status="published", **out)
    Post.objects.filter(pk=published.pk).update(status="published")
    scheduled = make_post(ada.workspace, [account], scheduled_for=now + timedelta(minutes=5))
    draft = make_post(ada.workspace, [account], status="queued", due_at=None)
    Post.objects.filter(pk=draft.pk).update(status="draft")
    for post in (published, scheduled, draft):
        PostMedia.objects.create(post=post, media=media, position=0)
    _approval(ada, draft)


def _approval(ada: Caller, post: Post) -> None:
    """An edit of what was approved, everything that is done and said, and a link in each state."""
    now, by = timezone.now(), f"key:{ada.key.prefix}"
    told: dict[str, Any] = {"post": post, "at": now, "by": by}
    Approval.objects.create(
        post=post,
        workspace=ada.workspace,
        requested_at=now,
        reviewers=["Legal", "Cleo"],
        created_by=by,
        edited_by="operator:ada",
        approved={**summary.version(post), "content": "As it was", "media": []},
        expires_at=now + timedelta(hours=1),
    )
    edit = {"content": {"before": "A long text " * 30, "after": "A short one"}}
    for action in ApprovalEvent.Action.values:
        is_edit = action == "edited"
        ApprovalEvent.objects.create(
            action=action, text="Please look.", changes=edit if is_edit else {}, **told
        )
    ApprovalEvent.objects.create(
        action="commented", name="Cleo", text="Nice.", visibility="client", **told
    )
    make_share_link(post, reviewer="Cleo", can_decide=True)
    make_share_link(post, expires_at=now)
    make_share_link(post, revoked_at=now)


def _events_to_customers(ada: Caller) -> None:
    """Webhooks in every state, with what was delivered, what waits and what failed."""
    now = timezone.now()
    make_webhook(ada.workspace, "post.published", is_active=False)
    make_webhook(ada.workspace, is_active=False, consecutive_failures=21, auto_disabled_at=now)
    webhook = make_webhook(
        ada.workspace,
        name="n8n",
        url="https://hooks.example/" + "a-long-path/" * 10,
        consecutive_failures=1,
        last_success_at=now - timedelta(hours=2),
        last_failure_at=now,
    )
    make_delivery(webhook, 500, 0, 204)
    make_delivery(webhook)
    make_delivery(webhook, 500, status="failed")
    make_delivery(webhook, 0, event="account.disconnected", next_attempt_at=now)
    paid = {"workspace": ada.workspace, "by": f"key:{ada.key.prefix}", "created_at": now}
    AiUse.objects.create(kind="image", model="flux-schnell", credits=4, **paid)
    AiUse.objects.create(kind="caption", credits=1, is_settled=True, **paid)


def _plans(ada: Caller) -> None:
    """A post in a campaign and in a queue; a queue that is off, and a campaign without posts."""
    now = timezone.now()
    named: dict[str, Any] = {"workspace": ada.workspace, "updated_at": now}
    spring = Campaign.objects.create(name="Spring sale", color="#16a34a", **named)
    Campaign.objects.create(name="Winter", status="archived", **named)
    slots = [{"day_of_week": day, "time": "09:00"} for day in range(7)]
    queue = PostingQueue.objects.create(name="Mornings", slots=slots, is_default=True, **named)
    PostingQueue.objects.create(name="Off", slots=slots, active=False, account_ids=[1], **named)
    _incoming_and_outgoing_links(ada, spring)
    _files_and_calendars(ada)
    at = now + timedelta(minutes=20)
    post = make_post(ada.workspace, [make_account(ada.workspace)], scheduled_for=at)
    Post.objects.filter(pk=post.pk).update(campaign=spring, posting_queue=queue, slot_at=at)
    rule = make_recurrence(
        ada.workspace, 1, problem_code="invalid_media", problem="A file is gone."
    )
    Occurrence.objects.create(recurrence=rule, date=at.date(), at=at, post_id=post.pk)
    make_recurrence(ada.workspace, 1, paused_at=now, paused_by="operator:ada")
    Recycling.objects.create(
        post_id=post.pk,
        workspace=ada.workspace,
        gap=2,
        gap_unit="week",
        created_by="test",
        updated_at=now,
    )


def _incoming_and_outgoing_links(ada: Caller, campaign: Campaign) -> None:
    """A feed with items in every state, hashtags and link settings."""
    now = timezone.now()
    feed = Feed.objects.create(
        workspace=ada.workspace,
        name="Blog",
        url="https://blog.example/feed.xml?token=secret",
        account_ids=[1],
        mode="draft",
        due_at=now,
        consecutive_errors=2,
        problem="blog.example answered 503; try again later, or ask its operator.",
        updated_at=now,
    )
    for number, state in enumerate(FeedItem.State.values):
        FeedItem.objects.create(
            feed=feed,
            identity=bytes([number]) * 32,
            state=state,
            title=f"Item {number}",
            post_id=uuid.uuid4() if state == "posted" else None,
            problem="The text is too long." if state == "failed" else "",
            due_at=now,
            seen_at=now,
            created_at=now,
        )
    HashtagSet.objects.create(
        workspace=ada.workspace,
        name="Garden",
        hashtags=["spring", "garden"],
        platforms=["x", "instagram"],
        updated_at=now,
    )
    LinkSettings.objects.create(
        workspace=ada.workspace,
        campaign=campaign,
        domains=["example.com"],
        utm={"source": "{platform}"},
        updated_at=now,
    )


def _files_and_calendars(ada: Caller) -> None:
    """Imports in every status, one with a refused row; a calendar feed, and one that is revoked."""
    now, by = timezone.now(), f"key:{ada.key.prefix}"
    for status in Import.Status.values:
        job = Import.objects.create(
            workspace=ada.workspace,
            by=by,
            filename="june.csv",
            digest="ab" * 32,
            status=status,
            total=600,
            done=2,
            valid=1,
            due_at=now if status == "processing" else None,
        )
        error = {"field": "draft", "code": "validation_error", "message": "Not a valid boolean."}
        ImportRow.objects.create(source=job, number=7, digest=b"7", is_done=True, errors=[error])
    for number, revoked_at in enumerate((None, now)):
        CalendarFeed.objects.create(
            workspace=ada.workspace,
            name="Plan",
            digest=str(number) * 64,
            by=by,
            revoked_at=revoked_at,
        )


def _deletions(ada: Caller) -> None:
    """One in each status."""
    account, now = make_account(ada.workspace), timezone.now()
    for status in Deletion.Status.values:
        error = {"error": "It says no.", "error_code": "content_rejected"}
        Deletion.objects.create(
            destination_id=uuid.uuid4(),
            post_id=uuid.uuid4(),
            workspace=ada.workspace,
            account=account,
            account_number=account.pk,
            account_name=account.name,
            platform=account.platform,
            platform_post_id="17841400000000001",
            platform_post_url="https://x.com/acme/status/17841400000000001",
            parts=[{"id": "17841400000000001", "removal": ""}],
            status=status,
            attempts=1,
            asked_at=now,
            asked_by="operator:ada",
            due_at=now if status == "waiting" else None,
            **(error if status in ("failed", "not_supported") else {}),
        )


def _device_logins(ada: Caller) -> None:
    """One in each state."""
    now, given = timezone.now(), {"scopes": ["read", "write"], "workspace": ada.workspace}
    for state in DeviceLogin.State.values:
        login = device_logins.start("postctl on a laptop", somewhere()).login
        if state != DeviceLogin.State.PENDING:
            changes = {"state": state, "decided_at": now}
            granted = {} if state == DeviceLogin.State.DENIED else given
            key = {"api_key": ada.key} if state == DeviceLogin.State.USED else {}
            DeviceLogin.objects.filter(pk=login.pk).update(**changes, **granted, **key)


def _histories() -> None:
    """What was tried for every failed destination, and what its network said."""
    now = timezone.now()
    for row in Destination.objects.filter(status="failed"):
        Attempt.objects.create(
            destination=row,
            number=1,
            wanted_at=now,
            started_at=now,
            finished_at=now,
            error=row.error,
            response='{"error": "Service Unavailable"}',
        )
        Event.objects.create(
            destination=row, at=now, move="start", to_status="publishing", by="worker:w", attempt=1
        )
        Event.objects.create(
            destination=row, at=now, move="fail", to_status="failed", by="worker:w", attempt=1
        )


def _periodic() -> None:
    every = IntervalSchedule.objects.create(every=1, period="seconds")
    CrontabSchedule.objects.create()
    SolarSchedule.objects.create(event="sunset", latitude=52, longitude=13)
    ClockedSchedule.objects.create(clocked_time=timezone.now())
    PeriodicTask.objects.create(name="Tick", task="destinations.enqueue_due", interval=every)
