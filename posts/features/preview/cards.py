"""A card: what one account's readers will see of a post, as data. Every value goes into JSON."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from platforms.preview.shapes import Fit, Kind, Layout, Poll, Visibility
from platforms.preview.texts import Segment
from posts.composing.freeze import Target
from posts.composing.validate import AccountValidation, Problem

#: A card's picture is drawn in a box of this many units in height.
BOX_UNITS = 1000


@dataclass(frozen=True, slots=True)
class Person:
    """The account as readers see it. `handle` is blank where the network shows none."""

    name: str
    handle: str
    avatar_url: str

    @property
    def initial(self) -> str:
        """Return what stands for an avatar that may not be loaded here."""
        return next((char for char in self.name if char.isalnum()), "?").upper()


@dataclass(frozen=True, slots=True)
class Words:
    """A text: its runs that the feed shows, and those that readers see after pressing `label`."""

    text: str
    shown: tuple[Segment, ...]
    hidden: tuple[Segment, ...]
    label: str | None


@dataclass(frozen=True, slots=True)
class CardFile:
    """A file in the frame in which the feed shows it.

    `ratio`: width / height of the frame. `fit`: `crop` cuts the file's edges off, `bars` shows it
    whole between bars. `url`: null for a deleted file, and for one whose metadata is still to be
    removed. `picture_url`: the picture itself if it is small, else the thumbnail; null: none.
    """

    media_id: str | None
    kind: str
    filename: str
    alt_text: str
    url: str | None
    picture_url: str | None
    width: int | None
    height: int | None
    duration_seconds: float | None
    pages: int | None
    ratio: float
    fit: Fit

    @property
    def box(self) -> str:
        """Return the frame as an SVG's view box, which gives a page the shape without styles."""
        return f"0 0 {round(self.ratio * BOX_UNITS)} {BOX_UNITS}"


@dataclass(frozen=True, slots=True)
class CardPart:
    """One public post; a thread has several. A feed shows `visible_media` of its files at first."""

    text: Words
    media: tuple[CardFile, ...]
    visible_media: int

    @property
    def front(self) -> tuple[CardFile, ...]:
        return self.media[: self.visible_media]

    @property
    def beyond(self) -> int:
        """Return the number in "+3"."""
        return len(self.media) - self.visible_media


@dataclass(frozen=True, slots=True)
class LinkCard:
    """`title`, `text` and `media` only as far as the post brings them: the page is not read."""

    url: str
    host: str
    title: str
    text: str
    media: CardFile | None


@dataclass(frozen=True, slots=True)
class Cover:
    """A stand-in for a video or photos; both null: a moment that the network chooses."""

    media: CardFile | None
    at_ms: int | None

    @property
    def at_seconds(self) -> float | None:
        return None if self.at_ms is None else self.at_ms / 1000


@dataclass(frozen=True, slots=True)
class CardContent:
    """Readers' view of a draft."""

    kind: Kind
    layout: Layout
    parts: tuple[CardPart, ...]
    text_below: bool
    title: Words | None
    link_card: LinkCard | None
    poll: Poll | None
    cover: Cover | None
    first_comment: str | None
    visibility: Visibility
    labels: tuple[str, ...]
    left_out: tuple[str, ...]

    @property
    def described(self) -> tuple[CardFile, ...]:
        """Return the files that may have an alt text."""
        return tuple(file for part in self.parts for file in part.media if file.kind != "document")

    @property
    def poster(self) -> str | None:
        """Return the cover that was chosen for a video."""
        return self.cover.media.picture_url if self.cover and self.cover.media else None


@dataclass(frozen=True, slots=True)
class Card:
    """One destination. `shown` is None if the options are invalid: then `problems` says why."""

    account: Person
    post_type: str
    #: The validation, as POST /posts/validate has it.
    validation: AccountValidation
    shown: CardContent | None

    @property
    def account_id(self) -> int:
        return self.target.number

    @property
    def platform(self) -> str:
        return self.target.platform

    @property
    def network(self) -> str:
        return self.target.adapter.name

    @property
    def target(self) -> Target:
        return self.validation.target

    @property
    def problems(self) -> Sequence[Problem]:
        return self.validation.problems

    @property
    def warnings(self) -> Sequence[str]:
        return self.validation.warnings

    @property
    def notes(self) -> Sequence[str]:
        return self.validation.notes

    def as_json(self) -> dict[str, Any]:
        return {
            "account_id": self.account_id,
            "platform": self.platform,
            "errors": [problem.message for problem in self.problems],
            "warnings": list(self.warnings),
            "notes": list(self.notes),
            "account": asdict(self.account),
            "post_type": self.post_type or None,
            "preview": asdict(self.shown) if self.shown else None,
        }
