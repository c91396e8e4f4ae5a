"""Films, through FFmpeg. To be called in the sandbox."""

from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

import av
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from posts.probing.facts import Facts, Unreadable

#: Beyond 8K; no network takes it.
SIDE_PIXELS = 8192
#: What FFmpeg raises for broken files.
BROKEN = (av.FFmpegError, OSError, ValueError, MemoryError)
_NOT_WHOLE = "The file is not a whole MP4 or MOV video."
#: Far beyond the last picture of any film: a search ends at the last one before it.
_THE_END = 2**62


def work(request: dict[str, Any]) -> dict[str, Any]:
    """The facts of the file at `path`, or why it is `unreadable`."""
    try:
        return {"facts": asdict(measure(Path(request["path"])))}
    except Unreadable as error:
        return {"unreadable": str(error)}


def measure(path: Path) -> Facts:
    """Raises Unreadable."""
    with path.open("rb") as file:
        index_first = _is_index_first(file, path.stat().st_size)
    try:
        # MP4 and MOV are one container; naming it keeps playlists and their addresses out.
        with av.open(str(path), "r", format="mov", metadata_errors="ignore") as container:
            return _facts(container, index_first)
    except BROKEN:
        raise Unreadable(_NOT_WHOLE) from None


def film_of(container: InputContainer) -> VideoStream:
    """The film itself; a cover picture is none. Raises Unreadable."""
    for stream in container.streams.video:
        if not stream.disposition & Disposition.attached_pic:
            return stream
    raise Unreadable("The file has no video in it.")


def _facts(container: InputContainer, index_first: bool) -> Facts:
    stream = film_of(container)
    if not 0 < max(stream.width, stream.height) <= SIDE_PIXELS:
        raise Unreadable("The video has no usable size.")
    frame = next(container.decode(stream), None)
    if frame is None:
        raise Unreadable("The video has no pictures in it.")
    width, height = shown_size(stream)
    if frame.rotation % 180 == 90:
        width, height = height, width
    sound = next(iter(container.streams.audio), None)
    return Facts(
        width=width,
        height=height,
        duration_seconds=_seconds(container, stream),
        video_codec=stream.codec_context.codec.canonical_name,
        audio_codec=sound.codec_context.codec.canonical_name if sound else "",
        frames_per_second=float(stream.average_rate) if stream.average_rate else None,
        index_first=index_first,
    )


def shown_size(stream: VideoStream) -> tuple[int, int]:
    """Width and height before rotation, with square pixels."""
    shape = stream.sample_aspect_ratio
    return round(stream.width * float(shape or 1)), stream.height


def _seconds(container: InputContainer, stream: VideoStream) -> float:
    """How long the film lasts by its own pictures and sound, whatever its header says."""
    lasting = max(_end(container, each) for each in (stream, *container.streams.audio[:1]))
    if lasting <= 0:
        raise Unreadable("The video has no duration.")
    return round(lasting, 3)


def _end(container: InputContainer, stream: Any) -> float:
    """When the last packet of a stream ends, in seconds from where the file begins."""
    container.seek(_THE_END, stream=stream, backward=True)
    end = max(
        (packet.pts + (packet.duration or 0) for packet in container.demux(stream) if packet.pts),
        default=0,
    )
    begin = min(stream.start_time or 0, 0)
    return float((end - begin) * stream.time_base)


def _is_index_first(file: BinaryIO, length: int) -> bool:
    """Whether `moov` comes before `mdat` among the boxes of the file.

    Raises Unreadable if the last box is cut: players would show the film up to there.
    """
    place, order = 0, []
    while len(header := file.read(16)) >= 8:
        size, name = int.from_bytes(header[:4], "big"), header[4:8]
        if name in (b"moov", b"mdat"):
            order.append(name)
        if size == 1:
            size = int.from_bytes(header[8:16], "big")
        if size < 8:
            # Zero: up to the end of the file. Anything else is found out by whoever reads it.
            place = length
            break
        place += size
        file.seek(place)
    if place > length:
        raise Unreadable(_NOT_WHOLE)
    return order[:1] == [b"moov"]
