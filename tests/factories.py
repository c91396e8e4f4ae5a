"""Rows for tests, each as small as it can be. Every factory takes what matters to the test."""

import itertools
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from destinations.accounts import encryption
from destinations.models import Account, Destination
from destinations.runtime import clock
from platforms.drafts import Draft
from platforms.registry import ADAPTERS
from posts.models import Campaign, Post, Workspace

_numbers = itertools.count(1)


#: TikTok's posts need an audience, which most tests are not about.
AUDIENCE = {"tiktok": {"privacyLevel": "PUBLIC_TO_EVERYONE"}}


def make_workspace(name: str = "Acme", **fields: Any) -> Workspace:
    defaults = {"platform_settings": AUDIENCE}
    return Workspace.objects.create(name=name, **{"post_defaults": defaults, **fields})


def make_account(
    workspace: Workspace, platform: str = "x", *, token: str | None = None, **fields: Any
) -> Account:
    """An account with a working-looking token; `extra` goes into its credentials."""
    number = next(_numbers)
    extra = fields.pop("extra", {})
    credentials = {"token": token or f"token-{uuid.uuid4().hex}", "extra": extra}
    values = {
        "platform_account_id": str(1000 + number),
        "name": f"@acme{number}",
        "username": f"acme{number}",
        **fields,
    }
    return Account.objects.create(
        workspace=workspace, platform=platform, credentials=encryption.seal(credentials), **values
    )


def make_campaign(workspace: Workspace, name: str = "Spring", **fields: Any) -> Campaign:
    values = {"updated_at": timezone.now(), **fields}
    return Campaign.objects.create(workspace=workspace, name=name, **values)


def make_post(
    workspace: Workspace,
    accounts: list[Account],
    *,
    content: str = "Hello",
    scheduled_for: datetime | None = None,
    campaign: int | None = None,
    draft: Draft | None = None,
    **destination_fields: Any,
) -> Post:
    """A post with one destination per account, due at its time or at once."""
    # As composing does: by the database's clock, which every reader asks.
    now = clock.now()
    post = Post.objects.create(
        workspace=workspace,
        content=content,
        scheduled_for=scheduled_for,
        campaign_id=campaign,
        status=Post.Status.SCHEDULED if scheduled_for else Post.Status.PUBLISHING,
        updated_at=now,
    )
    Post.objects.filter(pk=post.pk).update(created_at=now)
    post.created_at = now
    frozen = draft or Draft(text=content)
    # A claimed row is due again when its lease ends.
    lease = timedelta(seconds=60 if destination_fields.get("claim") else 0)
    for position, account in enumerate(accounts):
        values = {
            "due_at": (scheduled_for or now) + lease,
            "wanted_at": scheduled_for or now,
            "updated_at": now,
            "queue": ADAPTERS[account.platform].queue(frozen),
            **destination_fields,
        }
        Destination.objects.create(
            post=post,
            workspace=workspace,
            account=account,
            account_number=account.pk,
            account_name=account.name,
            platform=account.platform,
            position=position,
            draft=frozen.as_json(),
            **values,
        )
    return post
