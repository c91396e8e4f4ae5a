"""Films in another form: copied into a fresh MP4 if that is enough, else decoded and encoded."""

from pathlib import Path

import av

from platforms.limits import Form
from posts.media.convert import encoding, geometry
from posts.media.convert.geometry import ConversionError, Frame
from posts.media.probe import containers
from posts.media.probe.facts import Facts, Unreadable
from posts.media.probe.videos import BROKEN, film_of, measure

INDEX_FIRST = {"movflags": "+faststart"}
#: Some networks refuse files with an edit list. What is copied keeps its own: without it, pictures
#: and sound that begin at different times would drift apart.
NO_EDIT_LIST = {"use_editlist": "0"}
#: What is encoded anew is at most Full HD: more takes a machine for hours.
LONGEST_SIDE = 1920
HEVC_TAG = "hvc1"
#: Colours that every player shows.
_PLAIN = ("yuv420p", "yuvj420p")


def make(source: Path, target: Path, form: Form) -> bool:
    """Write the film in this form; whether it got bars. Raises ConversionError."""
    try:
        facts = measure(source)
        if _is_fine_inside(source, facts, form) and _copied(source, target, facts):
            return False
        frame = _encode(source, target, facts, form)
    except Unreadable as error:
        raise ConversionError(str(error)) from None
    except MemoryError:
        # FFmpeg's own is one of its other errors, too.
        raise MemoryError from None
    except BROKEN:
        raise ConversionError("the video cannot be read to its end") from None
    return frame.has_bars


def _is_fine_inside(source: Path, facts: Facts, form: Form) -> bool:
    """Whether pictures and sound are fine as they are, and only their container is not."""
    width, height = facts.width or 0, facts.height or 0
    fps = facts.frames_per_second or 0
    frame = geometry.fit(width, height, form)
    return (
        facts.video_codec == form.video_codec
        and facts.audio_codec in ("", form.audio_codec)
        and (not form.max_bytes or source.stat().st_size <= form.max_bytes)
        and (frame.width, frame.height, frame.has_bars) == (width, height, False)
        and form.min_fps - 0.1 <= fps
        and (not form.max_fps or fps <= form.max_fps + 0.1)
        and (facts.video_codec != "h264" or _has_plain_colours(source))
    )


def _has_plain_colours(source: Path) -> bool:
    with containers.opened(source) as container:
        return film_of(container).pix_fmt in _PLAIN


def copy_plain(source: Path, target: Path, container: str) -> None:
    """Write its pictures and its sound into a fresh file, and nothing of what else the file says.

    Raises ConversionError, MemoryError.
    """
    try:
        facts = measure(source)
    except Unreadable as error:
        raise ConversionError(str(error)) from None
    if not _copied(source, target, facts, container):
        raise ConversionError("its pictures and its sound cannot be copied without its metadata")


def _copied(source: Path, target: Path, facts: Facts, container: str = "mp4") -> bool:
    """Whether copying worked, and kept how the film is turned and all of it.

    It does not where the sound is of a kind that the container does not hold.
    """
    try:
        _copy(source, target, container)
        copy = measure(target)
    except (*BROKEN, Unreadable):
        return False
    is_whole = abs((facts.duration_seconds or 0) - (copy.duration_seconds or 0)) < 0.5
    return (facts.width, facts.height) == (copy.width, copy.height) and is_whole


def _copy(source: Path, target: Path, container_format: str) -> None:
    with (
        containers.opened(source) as container,
        av.open(str(target), "w", format=container_format, options=INDEX_FIRST) as made,
    ):
        kept = [film_of(container), *container.streams.audio[:1]]
        copies = {stream.index: made.add_stream_from_template(stream) for stream in kept}
        if kept[0].codec_context.codec_tag == HEVC_TAG:
            # The usual tag is another one, which Apple's players do not show.
            copies[kept[0].index].codec_context.codec_tag = HEVC_TAG
        for packet in container.demux(kept):
            if packet.dts is not None:
                packet.stream = copies[packet.stream.index]
                made.mux(packet)


def _encode(source: Path, target: Path, facts: Facts, form: Form) -> Frame:
    """Try until it is light enough: an encoder only promises its bit rate on the average."""
    for share in (0.95, 0.75, 0.5):
        plan = encoding.plan(facts, form, share=share, longest=LONGEST_SIDE)
        with (
            containers.opened(source) as container,
            av.open(str(target), "w", format="mp4", options=INDEX_FIRST | NO_EDIT_LIST) as made,
        ):
            encoding.run(container, made, plan)
        if not form.max_bytes or target.stat().st_size <= form.max_bytes:
            return plan.frame
    raise ConversionError(f"it does not fit into {form.max_bytes} bytes")
