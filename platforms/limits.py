"""Declare what a network accepts, as data, in the same terms for every network.

Each adapter states its numbers once. They decide what is refused at create and before publishing,
how files are converted, and what customers read about each platform.
"""

from dataclasses import dataclass
from typing import Literal

MediaKind = Literal["image", "video", "document"]
#: One of a kind, as words in a sentence.
ONE: dict[str, str] = {"image": "an image", "video": "a video", "document": "a document"}


@dataclass(frozen=True, slots=True)
class ImageRule:
    """Sizes in bytes and pixels, ratios as width / height; 0 for no limit."""

    content_types: tuple[str, ...]
    max_bytes: int
    min_width: int = 0
    min_height: int = 0
    max_width: int = 0
    max_height: int = 0
    max_pixels: int = 0
    min_ratio: float = 0
    max_ratio: float = 0
    alt_text_chars: int = 0
    #: Frames of an animation; 1 if animations are not accepted, 0 for any number.
    max_frames: int = 0


@dataclass(frozen=True, slots=True)
class VideoRule:
    """Limits of a video. Codecs by FFmpeg's names, such as `h264` or `aac`; empty for any."""

    content_types: tuple[str, ...]
    max_bytes: int
    min_seconds: float = 0
    max_seconds: float = 0
    min_bytes: int = 0
    min_width: int = 0
    min_height: int = 0
    max_width: int = 0
    max_height: int = 0
    min_ratio: float = 0
    max_ratio: float = 0
    min_fps: float = 0
    max_fps: float = 0
    video_codecs: tuple[str, ...] = ()
    audio_codecs: tuple[str, ...] = ()
    #: `max_width` and `max_height` are for landscape videos; portrait videos swap them.
    either_way_up: bool = False
    #: The index must come before the frames, so that the network can start at the first byte.
    index_first: bool = False
    alt_text_chars: int = 0


@dataclass(frozen=True, slots=True)
class DocumentRule:
    content_types: tuple[str, ...]
    max_bytes: int
    max_pages: int = 0


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one post; `text_chars` in the adapter's own unit."""

    text_chars: int
    media_items: int = 1
    image: ImageRule | None = None
    video: VideoRule | None = None
    document: DocumentRule | None = None
    media_required: bool = False
    #: Whether images and videos may stand in one post.
    mixes: bool = False
    #: Which of the two is sent of a post that holds both, if they do not mix.
    prefers: MediaKind = "image"
    #: The unit in which the network counts a text, for customers.
    text_unit: str = "characters"
    #: The posts that the network takes from an account in 24 hours; 0 where it documents no number.
    posts_a_day: int = 0

    @property
    def kinds(self) -> tuple[MediaKind, ...]:
        rules: tuple[tuple[MediaKind, object], ...] = (
            ("image", self.image),
            ("video", self.video),
            ("document", self.document),
        )
        return tuple(kind for kind, rule in rules if rule)


@dataclass(frozen=True, slots=True)
class Form:
    """The form to convert a file to, so that a network accepts it. Never upscales.

    The fields but `content_type` are the network's limits, as in ImageRule and VideoRule. An aspect
    ratio outside them is fixed with bars; nothing is cropped.
    """

    content_type: str
    max_bytes: int = 0
    max_width: int = 0
    max_height: int = 0
    max_pixels: int = 0
    min_ratio: float = 0
    max_ratio: float = 0
    min_fps: float = 0
    max_fps: float = 0
    video_codec: str = ""
    audio_codec: str = ""
    index_first: bool = False

    @property
    def is_bare(self) -> bool:
        """Return whether only the file's metadata is removed."""
        return self == Form(self.content_type)
