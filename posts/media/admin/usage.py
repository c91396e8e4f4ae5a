"""The posts that use a file, and what stands in the way of deleting it."""

from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from posts.media import delete
from posts.models import Media, Post, PostMedia

PER_PAGE = 20
#: Where a further page of posts begins.
BEFORE = "posts_before"
#: At most so many posts that need the file are named.
NAMED = 5
_DIGITS = 18


@dataclass(frozen=True, slots=True)
class Uses:
    """A page of posts, newest first; `older` is where the next one begins."""

    attached: list[PostMedia]
    older: int | None
    is_later: bool


def uses(media: Media, before: str = "") -> Uses:
    """A page of the posts that show this file."""
    rows = PostMedia.objects.filter(media=media).select_related("post").order_by("-pk")
    is_later = before.isascii() and before.isdecimal() and len(before) <= _DIGITS
    if is_later:
        rows = rows.filter(pk__lt=int(before))
    found = list(rows[: PER_PAGE + 1])
    older = found[PER_PAGE - 1].pk if len(found) > PER_PAGE else None
    return Uses(found[:PER_PAGE], older, is_later)


def shown(page: Uses) -> SafeString:
    """The posts as a table."""
    return render_to_string("posts/admin/media/uses.html", {"page": page, "before": BEFORE})


def deletion(media: Media) -> SafeString:
    """Return whether it can be deleted, and the posts that need it."""
    needing: list[Post] = list(delete.unfinished(media).order_by()[: NAMED + 1])
    return render_to_string(
        "posts/admin/media/deletion.html",
        {"needing": needing[:NAMED], "more": len(needing) > NAMED, "media": media},
    )
