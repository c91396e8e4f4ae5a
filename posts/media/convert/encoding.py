"""Encodes a video as H.264 and AAC in MP4, which every network accepts. Runs in the sandbox."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
from av import AudioFrame, Packet, VideoFrame
from av.container import InputContainer, OutputContainer
from av.filter import Graph
from av.video.frame import PictureType
from av.video.stream import VideoStream

from platforms.limits import Form
from posts.media.convert import geometry
from posts.media.convert.geometry import ConversionError, Frame
from posts.media.probe.facts import Facts
from posts.media.probe.videos import video_stream

SOUND_BITS, SOUND_RATE = 128_000, 48_000
PRIMING_SAMPLES = 1024
#: Enough for Full HD; more bits make no visible difference.
MOST_BITS = 8_000_000
#: Below this nothing can be recognised.
LEAST_BITS = 80_000
#: Below so many bits a second, the longer side is at most so many pixels.
_SIDES = ((300_000, 480), (700_000, 640), (1_500_000, 960), (3_000_000, 1280))
#: For videos without a frame rate.
_USUAL_RATE = 30
#: Filters for a rotation, by degrees counterclockwise.
_TURNS: dict[int, tuple[tuple[str, str], ...]] = {
    90: (("transpose", "2"),),
    180: (("hflip", ""), ("vflip", "")),
    270: (("transpose", "1"),),
}


@dataclass(frozen=True, slots=True)
class EncodingPlan:
    """A plan for FFmpeg: sizes in pixels, bits a second."""

    frame: Frame
    rate: Fraction
    bits: int


def plan(facts: Facts, form: Form, *, share: float, longest: int) -> EncodingPlan:
    """Return how to fit the video into this share of the allowed bytes. Raises ConversionError."""
    seconds = facts.duration_seconds or 1
    bits = MOST_BITS
    if form.max_bytes:
        sound = SOUND_BITS if facts.audio_codec else 0
        bits = min(bits, int(form.max_bytes * 8 * share / seconds) - sound)
    if bits < LEAST_BITS:
        raise ConversionError(f"{seconds:.0f} seconds do not fit into {form.max_bytes} bytes")
    for less_than, side in _SIDES:
        if bits < less_than:
            longest = min(longest, side)
            break
    frame = geometry.fit(facts.width or 2, facts.height or 2, form, longest=longest, step=2)
    fps = max(facts.frames_per_second or _USUAL_RATE, form.min_fps or 1)
    fps = min(fps, form.max_fps or 60, 60)
    return EncodingPlan(frame, Fraction(fps).limit_denominator(1001), bits)


def run(source: InputContainer, made: OutputContainer, plan: EncodingPlan) -> None:
    """Write the video into `made`. Raises what FFmpeg raises."""
    video = video_stream(source)
    video.thread_type, video.codec_context.thread_count = "AUTO", 2
    begin = max(source.start_time or 0, 0) / av.time_base
    pictures = _Pictures(video, _picture_stream(made, plan), plan, begin)
    sound = next(iter(source.streams.audio), None)
    sounds = _Sounds(sound, made.add_stream("aac", rate=SOUND_RATE), begin) if sound else None
    for packet in source.demux([video, *([sound] if sound else [])]):
        for frame in packet.decode():
            if isinstance(frame, VideoFrame):
                made.mux(pictures.encode(frame))
            elif sounds and isinstance(frame, AudioFrame):
                made.mux(sounds.encode(frame))
    for each in (pictures, sounds):
        if each:
            made.mux(each.finish())


def _picture_stream(made: OutputContainer, plan: EncodingPlan) -> VideoStream:
    options = {
        "preset": "veryfast",
        "crf": "21",
        "maxrate": str(plan.bits),
        "bufsize": str(plan.bits),
        # Without reordered pictures no edit list is needed.
        "bf": "0",
        # Few threads and a short lookahead limit the memory.
        "threads": "2",
        "x264-params": "rc-lookahead=20:open-gop=0",
    }
    stream: VideoStream = made.add_stream("libx264", rate=plan.rate, options=options)
    stream.width, stream.height = plan.frame.canvas_width, plan.frame.canvas_height
    stream.pix_fmt = "yuv420p"
    stream.codec_context.time_base = 1 / plan.rate
    stream.codec_context.gop_size = max(1, round(plan.rate * 2))
    return stream


class _Filtered(ABC):
    """Sends frames through filters into an encoder. The filters are rebuilt when the frames change
    their shape."""

    def __init__(self, source: Any, target: Any, begin: float) -> None:
        self.source, self.target, self.begin = source, target, begin
        self.graph: Graph | None = None
        self.shape: tuple[Any, ...] = ()
        self.last = -1

    def encode(self, frame: Any) -> list[Packet]:
        shape, packets = self._shape(frame), []
        if self.graph is None or shape != self.shape:
            packets = self._drain()
            self.graph, self.shape = self._built(frame), shape
        self.graph.push(frame)
        return packets + self._pulled()

    def finish(self) -> list[Packet]:
        return self._drain() + list(self.target.encode())

    def _drain(self) -> list[Packet]:
        if self.graph is None:
            return []
        self.graph.push(None)
        return self._pulled()

    def _pulled(self) -> list[Packet]:
        assert self.graph is not None  # noqa: S101 - only called with one
        packets: list[Packet] = []
        while True:
            try:
                frame = self.graph.pull()
            except (av.BlockingIOError, av.EOFError):
                return packets
            # Rebuilt filters may repeat the last frames.
            if frame.pts is not None and frame.pts > self.last:
                self.last = frame.pts
                if isinstance(frame, VideoFrame):
                    frame.pict_type = PictureType.NONE
                packets += self.target.encode(frame)

    @abstractmethod
    def _shape(self, frame: Any) -> tuple[Any, ...]:
        """Return what the filters depend on."""

    @abstractmethod
    def _built(self, frame: Any) -> Graph:
        """Filters for frames like this one."""


class _Pictures(_Filtered):
    """Pictures: rotated upright, scaled, padded, at a constant frame rate."""

    def __init__(self, source: Any, target: Any, plan: EncodingPlan, begin: float) -> None:
        super().__init__(source, target, begin)
        self.plan = plan

    def _shape(self, frame: VideoFrame) -> tuple[Any, ...]:
        return frame.width, frame.height, frame.format.name, frame.rotation

    def _built(self, frame: VideoFrame) -> Graph:
        to = self.plan.frame
        left, top = to.left // 2 * 2, to.top // 2 * 2
        graph = Graph()
        first = graph.add_buffer(
            width=frame.width,
            height=frame.height,
            format=frame.format,
            time_base=self.source.time_base,
        )
        steps = [
            *_TURNS.get(frame.rotation % 360, ()),
            ("setpts", f"PTS-{self.begin}/TB"),
            # At a constant rate from zero, which keeps pictures and sound in sync.
            ("fps", f"fps={self.plan.rate}:start_time=0"),
            ("scale", f"{to.width}:{to.height}:flags=bicubic:out_range=tv"),
            ("pad", f"{to.canvas_width}:{to.canvas_height}:{left}:{top}"),
            ("setsar", "1"),
            ("format", "yuv420p"),
            ("buffersink", ""),
        ]
        return _chained(graph, first, steps)


class _Sounds(_Filtered):
    """Sound: in stereo, gaps filled with silence."""

    def __init__(self, source: Any, target: Any, begin: float) -> None:
        super().__init__(source, target, begin)
        target.layout, target.bit_rate = "stereo", SOUND_BITS

    def _shape(self, frame: AudioFrame) -> tuple[Any, ...]:
        return frame.format.name, frame.layout.name, frame.sample_rate

    def _built(self, frame: AudioFrame) -> Graph:
        graph = Graph()
        first = graph.add_abuffer(
            sample_rate=frame.sample_rate,
            format=frame.format.name,
            layout=frame.layout.name,
            time_base=self.source.time_base,
        )
        steps = [
            ("asetpts", f"PTS-{self.begin}/TB"),
            ("aresample", f"{SOUND_RATE}:async=1:first_pts=0"),
            # The encoder inserts so many samples; without this the sound would begin before zero.
            ("atrim", f"start_pts={PRIMING_SAMPLES}"),
            ("aformat", f"sample_fmts=fltp:sample_rates={SOUND_RATE}:channel_layouts=stereo"),
            ("abuffersink", ""),
        ]
        return _chained(graph, first, steps)


def _chained(graph: Graph, first: Any, steps: Iterable[tuple[str, str]]) -> Graph:
    nodes = [graph.add(name, given) if given else graph.add(name) for name, given in steps]
    graph.link_nodes(first, *nodes).configure()
    return graph
