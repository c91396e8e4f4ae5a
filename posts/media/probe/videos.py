"""Read videos with FFmpeg: MP4 and MOV files, which are one container. Runs in the sandbox."""

import contextlib
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image

from posts.media.probe import mp4
from posts.media.probe.facts import Facts, UnreadableFile

#: Beyond 8K; no network accepts it.
SIDE_PIXELS = 8192
#: The exceptions of FFmpeg for broken files.
BROKEN = (av.FFmpegError, OSError, ValueError)
_NOT_WHOLE = "The file is not a whole MP4 or MOV video."
#: Far beyond the last picture of any video: a seek there ends at the last picture.
_THE_END = 2**62
#: A video in fragments of one second has two boxes for each: 7,200 in an hour.
MAX_BOXES = 100_000
#: The first picture is scaled to this size, which is enough for a thumbnail.
_PICTURE_SIDE = 640


def measure(path: Path) -> Facts:
    """Raises UnreadableFile, and MemoryError."""
    return read(path)[0]


def read(path: Path, content_type: str = "video/mp4") -> tuple[Facts, Image.Image]:
    """Return the facts of the video, and its first picture: small, upright and with square pixels.

    Raises UnreadableFile, and MemoryError.
    """
    with path.open("rb") as file:
        index_first = _is_index_first(file, path.stat().st_size)
        has_metadata = mp4.has_metadata(file)
    try:
        with opened_container(path) as container:
            stream = video_stream(container)
            frame = _first_frame(container, stream)
            facts = _facts(container, stream, frame)
            facts = replace(facts, index_first=index_first, has_metadata=has_metadata)
            return facts, _picture(stream, frame)
    except MemoryError:
        # FFmpeg's memory error is also in BROKEN, so this comes first.
        raise MemoryError from None
    except BROKEN:
        raise UnreadableFile(_NOT_WHOLE) from None


def video_stream(container: InputContainer) -> VideoStream:
    """Return the video stream itself, not a cover picture. Raises UnreadableFile."""
    for stream in container.streams.video:
        if not stream.disposition & Disposition.attached_pic:
            return stream
    raise UnreadableFile("The file has no video in it.")


def _first_frame(container: InputContainer, stream: VideoStream) -> VideoFrame:
    if stream.codec_context is None:
        raise UnreadableFile("The video is of a codec that is not known here.")
    if not 0 < max(stream.width, stream.height) <= SIDE_PIXELS:
        raise UnreadableFile("The video has no usable size.")
    # Each further thread would hold its own pictures in memory.
    stream.codec_context.thread_count = 1
    frame = _at_once(container, stream) or next(container.decode(stream), None)
    if frame is None:
        raise UnreadableFile("The video has no pictures in it.")
    return frame


def _at_once(container: InputContainer, stream: VideoStream) -> VideoFrame | None:
    """The first picture, decoded from its own packet alone if possible: a decoder that goes on
    buffers more pictures, which takes much memory if they are large."""
    packet, frames = next(container.demux(stream)), []
    with contextlib.suppress(av.InvalidDataError):
        frames = [*stream.decode(packet), *stream.decode(None)] if packet.size else []
    stream.codec_context.flush_buffers()
    container.seek(0)
    return next((frame for frame in frames if isinstance(frame, VideoFrame)), None)


def _picture(stream: VideoStream, frame: VideoFrame) -> Image.Image:
    width, height = shown_size(stream)
    share = min(1, _PICTURE_SIDE / max(width, height))
    size = max(1, round(width * share)), max(1, round(height * share))
    picture: Image.Image = frame.reformat(*size).to_image()  # type: ignore[no-untyped-call]
    return picture.rotate(frame.rotation, expand=True)


def _facts(container: InputContainer, stream: VideoStream, frame: VideoFrame) -> Facts:
    width, height = shown_size(stream)
    if frame.rotation % 180 == 90:
        width, height = height, width
    sound = next(iter(container.streams.audio), None)
    return Facts(
        width=width,
        height=height,
        duration_seconds=_seconds(container, stream),
        video_codec=stream.codec_context.codec.canonical_name,
        audio_codec=_codec_of(sound) if sound else "",
        frames_per_second=float(stream.average_rate) if stream.average_rate else None,
    )


def _codec_of(sound: AudioStream) -> str:
    # An audio track that cannot be read still counts as audio.
    known = sound.codec_context
    return known.codec.canonical_name if known else "unknown"


def shown_size(stream: VideoStream) -> tuple[int, int]:
    """Width and height before rotation, with square pixels."""
    shape = stream.sample_aspect_ratio
    return round(stream.width * float(shape or 1)), stream.height


def _seconds(container: InputContainer, stream: VideoStream) -> float:
    """Return the duration by the packets of pictures and sound; the header is ignored."""
    lasting = max(_end(container, each) for each in (stream, *container.streams.audio[:1]))
    if lasting <= 0:
        raise UnreadableFile("The video has no duration.")
    return round(lasting, 3)


def _end(container: InputContainer, stream: Any) -> float:
    """Return when the last packet of a stream ends, in seconds from the start of the file."""
    container.seek(_THE_END, stream=stream, backward=True)
    end = max(
        (packet.pts + (packet.duration or 0) for packet in container.demux(stream) if packet.pts),
        default=0,
    )
    begin = min(stream.start_time or 0, 0)
    return float((end - begin) * stream.time_base)


def _is_index_first(file: BinaryIO, length: int) -> bool:
    """Return whether `moov` comes before `mdat` among the boxes of the file.

    Raises UnreadableFile if the last box is cut off: players would stop there.
    """
    place, order, boxes = 0, [], 0
    while len(header := file.read(16)) >= 8:
        boxes += 1
        if boxes > MAX_BOXES:
            raise UnreadableFile(f"The video has more than {MAX_BOXES} boxes.")
        size, name = int.from_bytes(header[:4], "big"), header[4:8]
        if name in (b"moov", b"mdat"):
            order.append(name)
        if size == 1:
            size = int.from_bytes(header[8:16], "big")
        if size < 8:
            # Zero means up to the end of the file. Other values fail in the decoder.
            place = length
            break
        place += size
        file.seek(place)
    if place > length:
        raise UnreadableFile(_NOT_WHOLE)
    return order[:1] == [b"moov"]


#: PyAV 19 reads titles of any encoding; earlier versions take them for a broken file.
_ANY_TITLES: Any = {} if int(av.__version__.split(".")[0]) >= 19 else {"metadata_errors": "ignore"}


def opened_container(path: Path) -> InputContainer:
    """Return the video, to be used as a context manager. Raises FFmpegError, OSError, ValueError.

    The container's format is given, so that FFmpeg opens no playlist, nor the URLs in one.
    """
    container: InputContainer = av.open(str(path), "r", format="mov", **_ANY_TITLES)
    return container
