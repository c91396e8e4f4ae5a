"""The videos of containers, checked as Instagram and Threads check them."""

from dataclasses import dataclass

from deploy.simulator.state.video_facts import VideoFacts

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


def problem_with(found: VideoFacts, size: int, rule: VideoLimits) -> str:
    """Threads' name for what is wrong with a video, or an empty string."""
    if not found.is_mp4 or found.codec not in CODECS or size > rule.max_bytes or found.width > 1920:
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
