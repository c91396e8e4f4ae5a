"""What a network accepts, as data: one vocabulary for every network's limits.

Each adapter states its numbers once, in this vocabulary. They feed the checks at create and before
publishing, the forms that files are brought into, and what customers read about each platform.
"""

from dataclasses import dataclass
from typing import Literal

MediaKind = Literal["image", "video", "document"]
#: One of a kind, as it stands in a sentence.
ONE: dict[str, str] = {"image": "an image", "video": "a video", "document": "a document"}


@dataclass(frozen=True, slots=True)
class ImageRule:
    """Sizes in bytes and pixels, ratios as width / height; 0 means that there is no such limit."""

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
    #: Pictures in an animation; 1 where a file that moves is not taken, 0 for any number.
    max_frames: int = 0


@dataclass(frozen=True, slots=True)
class VideoRule:
    """Codecs by FFmpeg's names (`h264`, `hevc`, `aac`); empty means any. Otherwise as images."""

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
    #: `max_width` and `max_height` are for a landscape video; an upright one swaps them.
    either_way_up: bool = False
    #: The index must come before the pictures, so that the network can begin at the first byte.
    index_first: bool = False
    alt_text_chars: int = 0


@dataclass(frozen=True, slots=True)
class DocumentRule:
    content_types: tuple[str, ...]
    max_bytes: int
    max_pages: int = 0


@dataclass(frozen=True, slots=True)
class Limits:
    """What one post may hold. Text in the unit the adapter counts in."""

    text_chars: int
    media_items: int = 1
    image: ImageRule | None = None
    video: VideoRule | None = None
    document: DocumentRule | None = None
    media_required: bool = False
    #: Pictures and films may stand in one post.
    mixes: bool = False
    #: What a post that holds both is sent as where they do not mix.
    prefers: MediaKind = "image"
    #: How the network counts a text, in words for customers.
    text_unit: str = "characters"

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
    """What is to be made of a file so that a network takes it. Never larger than the original.

    `content_type` is what it becomes; the other fields are the network's rule, as in ImageRule and
    VideoRule. A ratio outside the limits gets bars; nothing is cut off.
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
        """Whether only the file's metadata is to be left out, and all else stays as it is."""
        return self == Form(self.content_type)
