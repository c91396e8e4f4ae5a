"""Define what a network shows of one draft, and in which shapes feeds show files.

Ratios are width / height.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from platforms.drafts import Media
from platforms.preview.texts import Text

Fit = Literal["whole", "crop", "bars"]
PORTRAIT, SQUARE, WIDE, CINEMA, UPRIGHT = 4 / 5, 1.0, 16 / 9, 1.91, 9 / 16
#: Ratios this close look alike.
SLACK = 0.01


@dataclass(frozen=True, slots=True)
class Item:
    """A file, and the shape of the frame in which it is shown.

    `crop`: its edges are cut off; `bars`: it stands whole between bars.
    """

    media: Media
    ratio: float
    fit: Fit = "whole"


def framed(
    item: Media, least: float = 0, most: float = 0, *, crops: bool = True, unknown: float = SQUARE
) -> Item:
    """Return a file in its own shape, as far as the feed has room: from `least` to `most`; 0: any.

    What exceeds that is cropped, or gets bars. `unknown`: the shape of a file without dimensions.
    """
    own = item.width / item.height if item.width and item.height else unknown
    # A conversion never crops: it adds bars until the network takes the shape.
    sent = _within(own, item.form.min_ratio, item.form.max_ratio) if item.form else own
    ratio = _within(sent, least, most)
    if _differ(sent, ratio) and crops:
        return Item(item, ratio, "crop")
    return Item(item, ratio, "bars" if _differ(own, ratio) else "whole")


def in_frame(item: Media, ratio: float, *, crops: bool = True) -> Item:
    """Return a file in a frame of this shape."""
    return framed(item, ratio, ratio, crops=crops, unknown=ratio)


def grid(files: Sequence[Media]) -> tuple[Item, ...]:
    """Squares; of three the first is a wide one above the others."""
    first = WIDE if len(files) == 3 else SQUARE
    return tuple(in_frame(item, SQUARE if n else first) for n, item in enumerate(files))


def _differ(one: float, other: float) -> bool:
    return abs(one / other - 1) > SLACK


def _within(ratio: float, least: float, most: float) -> float:
    ratio = max(ratio, least)
    return min(ratio, most) if most else ratio


Kind = Literal[
    "text",
    "link",
    "poll",
    "image",
    "images",
    "carousel",
    "video",
    "short",
    "reel",
    "story",
    "document",
]
Layout = Literal["none", "single", "grid", "carousel", "player", "pages"]
#: `widest`: the widest audience that the account offers, which only the network knows.
Visibility = Literal[
    "public", "unlisted", "private", "connections", "followers", "friends", "widest"
]

NO_TEXT = Text()


@dataclass(frozen=True, slots=True)
class PreviewPart:
    """One public post; a thread has several."""

    text: Text = NO_TEXT
    items: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class LinkCard:
    """A card for a link. Of the page only what the post itself brings: nothing is fetched."""

    url: str
    title: str = ""
    text: str = ""
    image: Media | None = None


@dataclass(frozen=True, slots=True)
class Poll:
    question: str
    options: tuple[str, ...]
    duration: str


@dataclass(frozen=True, slots=True)
class Cover:
    """A stand-in for a video or photos before they are opened: a file, or a moment of one."""

    media: Media | None = None
    at_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """Readers' view of a draft. Its texts, files and order are exactly what the adapter sends."""

    kind: Kind
    parts: tuple[PreviewPart, ...]
    layout: Layout = "none"
    #: Whether the texts stand below the files, as in feeds that are about pictures.
    text_below: bool = False
    #: How many files a grid shows before "+3"; 0: all.
    most_items: int = 0
    title: Text = NO_TEXT
    link_card: LinkCard | None = None
    poll: Poll | None = None
    cover: Cover | None = None
    first_comment: str = ""
    visibility: Visibility = "public"
    #: Short sentences about what else readers notice, such as who may reply.
    labels: tuple[str, ...] = ()
    #: The parts of the draft that readers will not see.
    left_out: tuple[str, ...] = ()


def labels(
    settings: Mapping[str, Any], known: Iterable[tuple[str, object, str]]
) -> tuple[str, ...]:
    """Return the sentences of those (option, value, sentence) whose option has that value."""
    return tuple(sentence for name, value, sentence in known if settings.get(name) == value)


def kind_of(files: Sequence[Media]) -> Kind:
    """Return the kind of a post that is told by its files alone."""
    if any(item.kind == "video" for item in files):
        return "video"
    return "text" if not files else "image" if len(files) == 1 else "images"


def layout_of(files: Sequence[Media]) -> Layout:
    """Return the layout of a feed that shows several images as a grid."""
    if not files:
        return "none"
    if any(item.kind == "video" for item in files):
        return "player"
    return "single" if len(files) == 1 else "grid"
