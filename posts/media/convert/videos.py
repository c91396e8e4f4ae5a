"""Converts videos: copies streams into a new MP4 if that is enough, else encodes them again.

Runs in the sandbox.
"""

from pathlib import Path

import av

from platforms.limits import Form
from posts.media.convert import encoding, geometry
from posts.media.convert.geometry import ConversionError, Frame
from posts.media.probe import videos
from posts.media.probe.facts import Facts, UnreadableFile
from posts.media.probe.videos import BROKEN, measure, video_stream

INDEX_FIRST = {"movflags": "+faststart"}
#: Some networks refuse files with an edit list. A copy keeps its edit list: without it, pictures
#: and sound that begin at different times would be out of sync.
NO_EDIT_LIST = {"use_editlist": "0"}
#: Videos are encoded in Full HD at most: more would take hours.
LONGEST_SIDE = 1920
HEVC_TAG = "hvc1"
#: Pixel formats that every player supports.
_PLAIN = ("yuv420p", "yuvj420p")


def make(source: Path, target: Path, form: Form) -> bool:
    """Write the video in this form; returns whether it got bars. Raises ConversionError."""
    try:
        facts = measure(source)
        if _is_fine_inside(source, facts, form) and _copied(source, target, facts):
            return False
        frame = _encode(source, target, facts, form)
    except UnreadableFile as error:
        raise ConversionError(str(error)) from None
    except MemoryError:
        # FFmpeg's memory error is also in BROKEN, so this comes first.
        raise MemoryError from None
    except BROKEN:
        raise ConversionError("the video cannot be read to its end") from None
    return frame.has_bars


def _is_fine_inside(source: Path, facts: Facts, form: Form) -> bool:
    """Return whether only the container must change: pictures and sound fit the form."""
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
    with videos.opened_container(source) as container:
        return video_stream(container).pix_fmt in _PLAIN


def copy_plain(source: Path, target: Path, container: str) -> None:
    """Copy pictures and sound into a new file, without metadata.

    Raises ConversionError, MemoryError.
    """
    try:
        facts = measure(source)
    except UnreadableFile as error:
        raise ConversionError(str(error)) from None
    if not _copied(source, target, facts, container):
        raise ConversionError("its streams cannot be copied without its metadata")


def _copied(source: Path, target: Path, facts: Facts, container: str = "mp4") -> bool:
    """Copy the streams; whether the copy has the same size, rotation and duration.

    It fails if the container does not support the sound's codec.
    """
    try:
        _copy(source, target, container)
        copy = measure(target)
    except (*BROKEN, UnreadableFile):
        return False
    is_whole = abs((facts.duration_seconds or 0) - (copy.duration_seconds or 0)) < 0.5
    return (facts.width, facts.height) == (copy.width, copy.height) and is_whole


def _copy(source: Path, target: Path, container_format: str) -> None:
    with (
        videos.opened_container(source) as container,
        av.open(str(target), "w", format=container_format, options=INDEX_FIRST) as made,
    ):
        kept = [video_stream(container), *container.streams.audio[:1]]
        copies = {stream.index: made.add_stream_from_template(stream) for stream in kept}
        if kept[0].codec_context.codec_tag == HEVC_TAG:
            # Apple's players do not show the default tag.
            copies[kept[0].index].codec_context.codec_tag = HEVC_TAG
        for packet in container.demux(kept):
            if packet.dts is not None:
                packet.stream = copies[packet.stream.index]
                made.mux(packet)


def _encode(source: Path, target: Path, facts: Facts, form: Form) -> Frame:
    """Encode until the file is small enough: encoders keep their bit rate only on average."""
    for share in (0.95, 0.75, 0.5):
        plan = encoding.plan(facts, form, share=share, longest=LONGEST_SIDE)
        with (
            videos.opened_container(source) as container,
            av.open(str(target), "w", format="mp4", options=INDEX_FIRST | NO_EDIT_LIST) as made,
        ):
            encoding.run(container, made, plan)
        if not form.max_bytes or target.stat().st_size <= form.max_bytes:
            return plan.frame
    raise ConversionError(f"it does not fit into {form.max_bytes} bytes")
