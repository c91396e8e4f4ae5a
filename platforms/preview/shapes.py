"""Define what a network shows of one draft."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from platforms.drafts import Media
from platforms.preview.frames import Item
from platforms.preview.texts import Text

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
    #: What of the draft readers will not see.
    left_out: tuple[str, ...] = ()


def labels(
    settings: Mapping[str, Any], known: Iterable[tuple[str, object, str]]
) -> tuple[str, ...]:
    """Return the sentences of those (option, value, sentence) whose option has that value."""
    return tuple(sentence for name, value, sentence in known if settings.get(name) == value)
