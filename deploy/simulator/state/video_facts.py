"""The properties of a video by its bytes, for what a network refuses."""

import io
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """The properties of a video; all empty if it is not a video."""

    #: As FFmpeg names the container: `mov,mp4,m4a,3gp,3g2,mj2`.
    container: str = ""
    seconds: float = 0
    width: int = 0
    height: int = 0
    fps: float = 0
    codec: str = ""
    sound: str = ""

    @property
    def is_mp4(self) -> bool:
        return "mp4" in self.container


def video_facts(source: Path | bytes) -> VideoFacts:
    # FFmpeg takes 13 MB, which a simulator without videos does without.
    import av

    file: str | BinaryIO = str(source) if isinstance(source, Path) else io.BytesIO(source)
    try:
        with av.open(file, "r") as opened:
            if not opened.streams.video:
                return VideoFacts()
            pictures = opened.streams.video[0]
            sound = next(iter(opened.streams.audio), None)
            return VideoFacts(
                container=opened.format.name,
                seconds=(opened.duration or 0) / av.time_base,
                width=pictures.width,
                height=pictures.height,
                fps=float(pictures.average_rate or Fraction(0)),
                codec=pictures.codec_context.name,
                sound=sound.codec_context.name if sound else "",
            )
    except (av.FFmpegError, OSError, ValueError):
        return VideoFacts()
