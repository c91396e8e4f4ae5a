"""What the page of a post shows: the post, its files, and a card per destination."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Prefetch, prefetch_related_objects
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.safestring import SafeString

from destinations.admin import log_search, rendering
from destinations.admin.story import card
from destinations.admin.story.sent import PublishedFile
from destinations.models import Destination, Event
from platforms.registry import ADAPTERS
from posts.admin import parts
from posts.models import Campaign, Post, PostMedia

#: How many destinations a page shows; the rest are on the next one.
CARDS = 25
#: The colours of Post.Status.
COLOURS = {
    "Draft": "",
    "Scheduled": "info",
    "Publishing": "primary",
    "Published": "success",
    "Partial": "warning",
    "Failed": "danger",
}
#: How many accounts a list names.
NAMED = 3


def read(request: HttpRequest, post: Post) -> dict[str, Any]:
    """The template's context. The number of queries does not depend on what the post has."""
    page = _page(request)
    rows = list(_rows(post)[(page - 1) * CARDS : page * CARDS + 1])
    shown = rows[:CARDS]
    created = _created(rows[0].pk) if rows else None
    return {
        "post": post,
        "cards": card.cards(request, shown),
        "previous_cards": page - 1,
        "next_cards": page + 1 if len(rows) > CARDS else 0,
        "zone": post.timezone,
        "files": [_file(each) for each in _attached(post)],
        "deleted_files": list(post.deleted_files.values()),
        "per_network": _as_json(post.platform_content),
        "campaign": _campaign(post),
        "metadata": _as_json(post.metadata),
        "created": created,
        "logs": log_search.url(request_id=created.request_id if created else "", post=post.pk),
        **parts.sections(),
        **_of_parts(request, post, shown),
    }


def _of_parts(request: HttpRequest, post: Post, shown: Sequence[Destination]) -> dict[str, Any]:
    return {
        name: value
        for part in parts.every()
        for name, value in part.context(request, post, shown).items()
    }


def _campaign(post: Post) -> Campaign | None:
    """The campaign that it is in; a deleted one may still be named by its row."""
    found = post.campaign if post.campaign_id else None
    return found if found and found.deleted_at is None else None


def _page(request: HttpRequest) -> int:
    """Return which cards: 1 for the first ones, and for anything that is no small number."""
    given = request.GET.get("cards", "")
    return max(int(given), 1) if given.isdecimal() and len(given) < 4 else 1


def _rows(post: Post) -> Any:
    return card.rows().filter(post=post).order_by("position", "account_number")


def _created(destination: Any) -> Event | None:
    """Return how its first destination came to be: who asked, by which request."""
    return Event.objects.filter(destination=destination, move="compose").order_by("id").first()


def _attached(post: Post) -> Any:
    return PostMedia.objects.filter(post=post).select_related("media").order_by("position")


def _file(attached: PostMedia) -> PublishedFile:
    media = attached.media
    facts = [filesizeformat(media.size_bytes)]
    if media.width and media.height:
        facts.append(f"{media.width}x{media.height}")
    if media.duration_seconds:
        facts.append(f"{media.duration_seconds:.1f} s")
    if media.status != media.Status.READY:
        facts.append(str(media.get_status_display()))
    return PublishedFile(
        name=media.filename,
        kind=media.kind,
        alt_text=attached.alt_text,
        facts=tuple(facts),
        preview=reverse("admin:posts_media_preview", args=[media.pk]),
        page=reverse("admin:posts_media_change", args=[media.pk]),
    )


def _as_json(sent: Mapping[str, Any]) -> str:
    """Return what the customer sent, as it came; blank if that is nothing."""
    return json.dumps(sent, ensure_ascii=False, indent=2) if sent else ""


def add_destinations(posts: Sequence[Post]) -> None:
    """What a list shows of each post's destinations, by one query for all of them."""
    columns = ("post", "platform", "account_name", "error", "error_code", "position")
    rows = Destination.objects.order_by("position").only(*columns)
    prefetch_related_objects(posts, Prefetch("destinations", rows, to_attr="listed"))


def accounts(post: Any) -> str:
    """Name the first accounts, as in `X @acme, X Acme Inc. and 3 more`."""
    names = [f"{ADAPTERS[row.platform].name} {row.account_name}" for row in post.listed]
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"{', '.join(names[:NAMED])}{more}" or "none"


def error(post: Any) -> SafeString | str:
    """The first error of its destinations, and how many have one."""
    failed = [row for row in post.listed if row.error_code]
    if not failed:
        return "-"
    more = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
    return rendering.error(failed[0].error, failed[0].error_code + more)
