"""A file in words: what it is, where its bytes are, what of it is published, which posts use it."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.template.defaultfilters import filesizeformat
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


def described(media: Media) -> str:
    """Type, size, dimensions, duration and codecs, in one line."""
    return ", ".join(_facts(media)) or "not known yet"


def _facts(media: Media) -> Iterator[str]:
    if media.content_type:
        yield media.content_type
    if media.size_bytes:
        yield filesizeformat(media.size_bytes)
    if media.width and media.height:
        yield f"{media.width} by {media.height} pixels"
    if media.duration_seconds is not None:
        yield duration(media.duration_seconds)
    if media.video_codec:
        yield f"video {media.video_codec}"
        yield f"audio {media.audio_codec}" if media.audio_codec else "no sound"
    if media.frames_per_second:
        yield f"{media.frames_per_second:.5g} frames per second"
    if media.frames > 1:
        yield f"animated, {media.frames} frames"
    if media.pages:
        yield f"{media.pages} page{'s' if media.pages > 1 else ''}"
    if media.index_first is not None:
        yield "plays while it loads" if media.index_first else "plays once it is loaded whole"


def duration(seconds: float) -> str:
    """`7.5 s`, `3 min 20 s`, `1 h 5 min`."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def metadata(media: Media) -> str:
    """Return whether it shows place, device or names, and what of it is published."""
    if media.kind == Media.Kind.DOCUMENT:
        return "Documents are published as they are."
    if media.has_metadata is False:
        return "It holds none about place, device or names; it is published as it is."
    if media.keep_metadata:
        return "The workspace publishes files with their metadata."
    found = "It holds some" if media.has_metadata else "Whether it holds some was never looked at"
    made = "a copy without it is published" if media.stripped_key else "a copy without it is made"
    return f"{found}; {made}."


def storage(media: Media) -> str:
    """Return where the bytes are; keys open files, and are not shown."""
    place = (
        f"in the bucket {settings.MEDIA_S3_BUCKET}"
        if settings.MEDIA_S3_BUCKET
        else "on this installation's disk (MEDIA_ROOT)"
    )
    held = [
        words
        for key, words in (
            (media.storage_key, "the original"),
            (media.stripped_key, "the copy without metadata"),
            (media.thumbnail_key, "the thumbnail"),
        )
        if key
    ]
    if not held:
        return "No bytes are stored."
    *others, last = held
    words = f"{', '.join(others)} and {last} are" if others else f"{last} is"
    return f"{words[0].upper()}{words[1:]} {place}."


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
