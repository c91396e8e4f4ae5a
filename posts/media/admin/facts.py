"""A file in words: what it is, where its bytes are, and what of it is published."""

from collections.abc import Iterator

from django.conf import settings
from django.template.defaultfilters import filesizeformat

from posts.models import Media


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
