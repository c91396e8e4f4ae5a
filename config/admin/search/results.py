"""Rows as results: each with its name, text, account, status and age."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Model
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from config.status.wording import age
from destinations.admin import account as accounts_admin
from destinations.admin import rendering
from destinations.models import Account, Destination
from destinations.runtime import clock
from platforms.registry import ADAPTERS
from posts.admin.post import page as posts_admin
from posts.features.request_log.admin import page as requests_admin
from posts.features.request_log.models import ApiRequest
from posts.features.webhooks.admin import delivery as deliveries_admin
from posts.features.webhooks.admin import webhook as webhooks_admin
from posts.features.webhooks.models import Webhook, WebhookDelivery
from posts.keys.admin import api_key as keys_admin
from posts.media.admin import page as media_admin
from posts.models import ApiKey, Campaign, Media, Post, PostingQueue, Workspace

#: How much of a text is shown.
TEXT_CHARS = 120
#: How many accounts of a post are named.
NAMED_ACCOUNTS = 3
#: Whether the operator may view a model.
MayView = Callable[[type[Model]], bool]


@dataclass(frozen=True, slots=True)
class Result:
    """A row: what it is called, and a line about it. `status` is a label of the admin, or blank."""

    url: str
    name: str
    text: str = ""
    about: str = ""
    status: SafeString | str = ""
    at: datetime | None = None

    @property
    def when(self) -> str:
        """`4 min ago`, `in 3 h`."""
        seconds = (clock.now() - self.at).total_seconds() if self.at else 0
        return f"{age(seconds)} ago" if seconds >= 0 else f"in {age(-seconds)}"


def page_of(row: Model) -> str:
    options = row._meta
    return reverse(f"admin:{options.app_label}_{options.model_name}_change", args=[row.pk])


def network(platform: str) -> str:
    return ADAPTERS[platform].name if platform in ADAPTERS else platform


def short(text: str) -> str:
    return Truncator(" ".join(text.split())).chars(TEXT_CHARS)


def posts(rows: Collection[Post], may_view: MayView) -> list[Result]:
    """Show posts, and where they go if the operator may see that."""
    accounts = _accounts(rows) if may_view(Destination) else {}
    return [
        Result(
            url=page_of(post),
            name=post.public_id,
            text=short(post.content) or "(no text)",
            about=_listed(post.workspace.name, accounts.get(post.pk, "")),
            status=rendering.label(post.get_status_display(), posts_admin.COLOURS),
            at=post.scheduled_for or post.created_at,
        )
        for post in rows
    ]


def _accounts(rows: Collection[Post]) -> dict[UUID, str]:
    """The first accounts of each post."""
    found = Destination.objects.filter(post__in=rows).order_by("post", "position")
    named = defaultdict(list)
    for key, platform, account in found.values_list("post_id", "platform", "account_name"):
        named[key].append(f"{account} on {network(platform)}")
    return {key: _few(names) for key, names in named.items()}


def _few(names: list[str]) -> str:
    left = len(names) - NAMED_ACCOUNTS
    return ", ".join(names[:NAMED_ACCOUNTS]) + (f" and {left} more" if left > 0 else "")


def destinations(rows: Iterable[Any], may_view: MayView) -> list[Result]:
    """Rows of Destination, with the text of their drafts as `text`."""
    return [
        Result(
            url=page_of(row),
            name=row.public_id,
            text=short(row.text or "") or "(no text)",
            about=_listed(f"{row.account_name} on {network(row.platform)}", row.workspace.name),
            status=rendering.status(row),
            at=row.published_at or row.wanted_at,
        )
        for row in rows
    ]


def accounts(rows: Iterable[Account], may_view: MayView) -> list[Result]:
    return [
        Result(
            url=page_of(row),
            name=row.name,
            text=_listed(*_other_names(row)),
            about=_listed(network(row.platform), row.workspace.name, f"account {row.pk}"),
            status=rendering.label(accounts_admin.health_of(row), accounts_admin.HEALTH),
            at=row.connected_at or row.created_at,
        )
        for row in rows
    ]


def _other_names(row: Account) -> list[str]:
    """Return the names of an account that differ from its name."""
    names = dict.fromkeys((row.username, row.display_name))
    return [name for name in names if name and name != row.name.removeprefix("@")]


def files(rows: Iterable[Media], may_view: MayView) -> list[Result]:
    return [
        Result(
            url=page_of(row),
            name=row.filename,
            about=_listed(row.kind, filesizeformat(row.size_bytes), row.workspace.name),
            status=rendering.label(row.get_status_display(), media_admin.MEDIA_COLOURS),
            at=row.created_at,
        )
        for row in rows
    ]


def workspaces(rows: Iterable[Workspace], may_view: MayView) -> list[Result]:
    return [
        Result(url=page_of(row), name=row.name, about=str(row.pk), at=row.created_at)
        for row in rows
    ]


def campaigns(rows: Iterable[Campaign], may_view: MayView) -> list[Result]:
    page: Any = admin.site.get_model_admin(Campaign)
    return [
        Result(
            url=page_of(row),
            name=row.name,
            about=row.workspace.name,
            status=page.shown_status(row),
            at=row.created_at,
        )
        for row in rows
    ]


def posting_queues(rows: Iterable[PostingQueue], may_view: MayView) -> list[Result]:
    return [
        Result(
            url=page_of(row),
            name=row.name,
            about=_listed(row.workspace.name, row.timezone),
            status="" if row.active else "Off",
            at=row.created_at,
        )
        for row in rows
    ]


def keys(rows: Iterable[ApiKey], may_view: MayView) -> list[Result]:
    return [
        Result(
            url=page_of(row),
            name=f"{row.prefix}…",
            text=row.name,
            about=_listed(", ".join(row.scopes), row.workspace.name),
            status=rendering.label(row.state, keys_admin.STATES),
            at=row.created_at,
        )
        for row in rows
    ]


def api_requests(rows: Iterable[ApiRequest], may_view: MayView) -> list[Result]:
    return [
        Result(
            url=page_of(row),
            name=row.request_id,
            text=short(f"{row.method} {row.path}"),
            about=_listed(
                row.error_code, row.key_prefix, row.workspace.name if row.workspace else ""
            ),
            status=rendering.label(
                str(row.status),
                {str(row.status): requests_admin.COLOURS.get(str(row.status)[0], "")},
            ),
            at=row.at,
        )
        for row in rows
    ]


def webhooks(rows: Iterable[Webhook], may_view: MayView) -> list[Result]:
    return [
        Result(
            url=page_of(row),
            name=str(row),
            text=short(row.url),
            about=row.workspace.name,
            status=rendering.label(webhooks_admin.state(row), webhooks_admin.STATES),
            at=row.created_at,
        )
        for row in rows
    ]


def deliveries(rows: Iterable[WebhookDelivery], may_view: MayView) -> list[Result]:
    return [
        Result(
            url=page_of(row),
            name=str(row.pk),
            text=row.event.event,
            about=_listed(str(row.webhook), row.webhook.workspace.name),
            status=rendering.label(row.get_status_display(), deliveries_admin.COLOURS),
            at=row.created_at,
        )
        for row in rows
    ]


def _listed(*parts: str) -> str:
    return " · ".join(filter(None, parts))
