"""Decide whether a network takes a file, and if not, how to convert it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from platforms.drafts import Media
from platforms.limits import ONE, DocumentRule, Form, ImageRule, Limits, VideoRule

#: Ratios are compared with this slack: 1079 by 1350 pixels is meant to be 4:5.
RATIO_SLACK = 0.01
#: Codecs that every player of an MP4 knows, by FFmpeg's names, for networks that name none.
MP4_VIDEO, MP4_SOUND = ("h264", "hevc"), ("aac", "mp3")


@dataclass(frozen=True, slots=True)
class Violation:
    """A reason why a network would not take a file. `fixable`: converting it would help."""

    message: str
    fixable: bool = False


def violations(name: str, limits: Limits, item: Media) -> list[Violation]:
    """Return what the network called `name` would not take of this file.

    What no conversion fixes comes first, because the customer must change it.
    """
    return sorted(_violations(name, limits, item), key=lambda violation: violation.fixable)


def _violations(name: str, limits: Limits, item: Media) -> Iterable[Violation]:
    if item.kind == "image" and limits.image:
        return _image_violations(name, limits.image, item)
    if item.kind == "video" and limits.video:
        return _video_violations(name, limits.video, item)
    if item.kind == "document" and limits.document:
        return _document_violations(name, limits.document, item)
    return [Violation(f"{name} does not take {ONE[item.kind]}.")]


def form(limits: Limits, item: Media) -> Form | None:
    """Return the form to convert the file to; None if it needs none, or if none would help."""
    found = violations("", limits, item)
    if not found or not all(violation.fixable for violation in found):
        return None
    if item.kind == "image" and limits.image:
        rule = limits.image
        is_heavy = item.size_bytes > rule.max_bytes and "image/jpeg" in rule.content_types
        return Form(
            # Only as a JPEG can a picture lose bytes and keep its size.
            content_type="image/jpeg"
            if is_heavy
            else _kept(item.content_type, rule.content_types, "image/jpeg"),
            max_bytes=rule.max_bytes,
            max_width=rule.max_width,
            max_height=rule.max_height,
            max_pixels=rule.max_pixels,
            min_ratio=rule.min_ratio,
            max_ratio=rule.max_ratio,
        )
    if item.kind == "video" and limits.video:
        video = limits.video
        return Form(
            content_type="video/mp4",
            max_bytes=video.max_bytes,
            max_width=_largest(video, item)[0],
            max_height=_largest(video, item)[1],
            min_ratio=video.min_ratio,
            max_ratio=video.max_ratio,
            min_fps=video.min_fps,
            max_fps=video.max_fps,
            video_codec=_kept(item.video_codec, video.video_codecs or MP4_VIDEO, "h264"),
            audio_codec=_kept(item.audio_codec, video.audio_codecs or MP4_SOUND, "aac"),
            index_first=video.index_first,
        )
    return None


def described(form: Form) -> str:
    """Return a form in words: its type and its limits."""
    words = [_word(form.content_type)]
    if form.is_bare:
        words.append("without its metadata")
    if form.max_width or form.max_height:
        most = f"{form.max_width or 'any'} by {form.max_height or 'any'}"
        words.append(f"up to {most} pixels")
    if form.max_bytes:
        words.append(f"up to {size(form.max_bytes)}")
    return ", ".join(words)


def _kept(value: str, accepted: tuple[str, ...], otherwise: str) -> str:
    """Return the value if accepted; else `otherwise` if that is, else the first accepted one."""
    if value and (not accepted or value in accepted):
        return value
    return otherwise if not accepted or otherwise in accepted else accepted[0]


def _image_violations(name: str, rule: ImageRule, item: Media) -> Iterator[Violation]:
    is_still = item.frames <= 1
    if item.content_type not in rule.content_types:
        kind = _word(item.content_type)
        message = f"{name} takes images as {_words(rule.content_types)}, not as {kind}."
        yield Violation(message, fixable=is_still)
    elif not is_still and rule.max_frames and item.frames > rule.max_frames:
        yield Violation(f"{name} takes animations of up to {rule.max_frames} frames.")
    if item.size_bytes > rule.max_bytes:
        yield Violation(f"{name} takes images of up to {size(rule.max_bytes)}.", fixable=is_still)
    if rule.max_pixels and (item.width or 0) * (item.height or 0) > rule.max_pixels:
        yield Violation(f"{name} takes images of up to {rule.max_pixels} pixels.", fixable=is_still)
    yield from _frame_violations(name, rule, item, fixable=is_still)
    yield from _alt_text_violations(name, rule.alt_text_chars, item)


def _video_violations(name: str, rule: VideoRule, item: Media) -> Iterator[Violation]:
    if item.content_type not in rule.content_types:
        kind = _word(item.content_type)
        message = f"{name} takes videos as {_words(rule.content_types)}, not as {kind}."
        yield Violation(message, fixable=True)
    if item.size_bytes > rule.max_bytes:
        yield Violation(f"{name} takes videos of up to {size(rule.max_bytes)}.", fixable=True)
    if item.size_bytes < rule.min_bytes:
        yield Violation(f"{name} takes videos of at least {size(rule.min_bytes)}.")
    seconds = item.duration_seconds
    if seconds is not None and seconds < rule.min_seconds:
        yield Violation(f"{name} takes videos of at least {rule.min_seconds:g} seconds.")
    if seconds is not None and rule.max_seconds and seconds > rule.max_seconds:
        yield Violation(f"{name} takes videos of up to {rule.max_seconds:g} seconds.")
    if item.video_codec and rule.video_codecs and item.video_codec not in rule.video_codecs:
        yield Violation(f"{name} does not take {item.video_codec} video.", fixable=True)
    if item.audio_codec and rule.audio_codecs and item.audio_codec not in rule.audio_codecs:
        yield Violation(f"{name} does not take {item.audio_codec} audio.", fixable=True)
    fps = item.frames_per_second
    if fps and ((rule.max_fps and fps > rule.max_fps + 0.1) or fps < rule.min_fps - 0.1):
        between = f"{rule.min_fps:g} to {rule.max_fps:g}"
        yield Violation(f"{name} takes videos of {between} frames a second.", fixable=True)
    if rule.index_first and item.index_first is False:
        yield Violation(f"{name} takes videos whose index comes before the frames.", fixable=True)
    yield from _frame_violations(name, rule, item, fixable=True)
    yield from _alt_text_violations(name, rule.alt_text_chars, item)


def _document_violations(name: str, rule: DocumentRule, item: Media) -> Iterator[Violation]:
    if item.content_type not in rule.content_types:
        yield Violation(f"{name} does not take {item.content_type}.")
    if item.size_bytes > rule.max_bytes:
        yield Violation(f"{name} takes documents of up to {size(rule.max_bytes)}.")
    if rule.max_pages and (item.pages or 0) > rule.max_pages:
        yield Violation(f"{name} takes documents of up to {rule.max_pages} pages.")


def _frame_violations(
    name: str, rule: ImageRule | VideoRule, item: Media, *, fixable: bool
) -> Iterator[Violation]:
    if not item.width or not item.height:
        return
    if item.width < rule.min_width or item.height < rule.min_height:
        least = f"{rule.min_width} by {rule.min_height}"
        yield Violation(f"{name} takes {item.kind}s of at least {least} pixels.")
    width, height = _largest(rule, item)
    if (width and item.width > width) or (height and item.height > height):
        most = f"{width or 'any'} by {height or 'any'}"
        yield Violation(f"{name} takes {item.kind}s of up to {most} pixels.", fixable=fixable)
    ratio = item.width / item.height
    if ratio < rule.min_ratio - RATIO_SLACK:
        message = f"{name} takes {item.kind}s of an aspect ratio of {rule.min_ratio:.2f} or more."
        yield Violation(message, fixable=fixable)
    if rule.max_ratio and ratio > rule.max_ratio + RATIO_SLACK:
        message = f"{name} takes {item.kind}s of an aspect ratio of {rule.max_ratio:.2f} or less."
        yield Violation(message, fixable=fixable)


def _largest(rule: ImageRule | VideoRule, item: Media) -> tuple[int, int]:
    """Return the largest width and height for a file of this orientation; 0 for any."""
    is_upright = (item.height or 0) > (item.width or 0)
    if is_upright and isinstance(rule, VideoRule) and rule.either_way_up:
        return rule.max_height, rule.max_width
    return rule.max_width, rule.max_height


def _alt_text_violations(name: str, most: int, item: Media) -> Iterator[Violation]:
    if item.alt_text and len(item.alt_text) > most:
        if most:
            yield Violation(f"{name} takes alt texts of up to {most} characters.")
        else:
            yield Violation(f"{name} takes no alt text for {item.kind}s.")


def size(count: int) -> str:
    """Bytes, in words."""
    base = 1000 if count % 1000**2 == 0 else 1024
    for unit, name in ((base**3, "GB"), (base**2, "MB"), (base, "KB")):
        if count >= unit:
            return f"{count / unit:.3g} {name}"
    return f"{count} bytes"


def _word(content_type: str) -> str:
    word = content_type.partition("/")[2].upper()
    return {"QUICKTIME": "MOV"}.get(word, word)


def _words(content_types: tuple[str, ...]) -> str:
    *first, last = [_word(content_type) for content_type in content_types]
    return f"{', '.join(first)} or {last}" if first else last
