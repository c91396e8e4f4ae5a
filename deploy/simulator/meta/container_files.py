"""The videos of containers, checked as Instagram and Threads check them."""

import io
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

import av
from av.error import FFmpegError

MEGABYTE = 1024**2
#: Of an image, in pixels, as documented. Whether narrower ones are scaled is not relied on.
LEAST_WIDTH = 320
CODECS, SOUNDS = ("h264", "hevc"), ("aac",)
#: Tolerance for uneven frame times.
SLACK = 0.1


@dataclass(frozen=True, slots=True)
class VideoLimits:
    """The limits of a video: sizes in bytes, lengths in seconds."""

    max_bytes: int
    min_seconds: float
    max_seconds: float
    min_ratio: float
    max_ratio: float


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """The properties of a video by its bytes; all empty if it is not a video."""

    seconds: float = 0
    width: int = 0
    height: int = 0
    fps: float = 0
    codec: str = ""
    sound: str = ""


def video_facts(source: Path | bytes) -> VideoFacts:
    file: str | BinaryIO = str(source) if isinstance(source, Path) else io.BytesIO(source)
    try:
        with av.open(file, "r") as opened:
            if "mp4" not in opened.format.name or not opened.streams.video:
                return VideoFacts()
            pictures = opened.streams.video[0]
            sound = next(iter(opened.streams.audio), None)
            return VideoFacts(
                seconds=(opened.duration or 0) / av.time_base,
                width=pictures.width,
                height=pictures.height,
                fps=float(pictures.average_rate or Fraction(0)),
                codec=pictures.codec_context.name,
                sound=sound.codec_context.name if sound else "",
            )
    except (FFmpegError, OSError):
        return VideoFacts()


def problem_with(found: VideoFacts, size: int, rule: VideoLimits) -> str:
    """Threads' name for what is wrong with a video, or an empty string."""
    if found.codec not in CODECS or size > rule.max_bytes or found.width > 1920:
        return "FAILED_PROCESSING_VIDEO"
    if found.sound and found.sound not in SOUNDS:
        return "FAILED_PROCESSING_AUDIO"
    if not rule.min_seconds - SLACK <= found.seconds <= rule.max_seconds + SLACK:
        return "INVALID_DURATION"
    if not 23 - SLACK <= found.fps <= 60 + SLACK:
        return "INVALID_FRAME_RATE"
    if not rule.min_ratio <= found.width / found.height <= rule.max_ratio:
        return "INVALID_ASPEC_RATIO"
    return ""
