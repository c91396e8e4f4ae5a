"""What one destination sends, and as whom: all that an adapter is given."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, BinaryIO

from platforms.limits import Form, MediaKind


@dataclass(frozen=True, slots=True)
class Media:
    """One file of a draft. `url` and `open` are filled in by whoever publishes it.

    Facts are as displayed, after rotation; None where they are not known or do not apply.
    """

    key: str
    kind: MediaKind
    content_type: str
    filename: str
    size_bytes: int
    width: int | None = None
    height: int | None = None
    duration_seconds: float | None = None
    #: Codecs by FFmpeg's names: `h264`, `aac`; no sound is no `audio_codec`.
    video_codec: str = ""
    audio_codec: str = ""
    frames_per_second: float | None = None
    #: Whether a video can be played from its first byte on.
    index_first: bool | None = None
    #: Pictures of an animation; 1 for a still one.
    frames: int = 1
    pages: int | None = None
    alt_text: str = ""
    #: What this file is brought into before it is sent; None sends it as it is.
    form: Form | None = None
    #: The customer insisted on deleting the file: whoever was to send it fails.
    deleted: bool = False
    #: Where a network may fetch the file: public, signed, expiring.
    url: str = field(default="", compare=False)
    #: Opens the file for reading; blocking.
    open: Callable[[], BinaryIO] | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Draft:
    """Exactly what one destination will send. Frozen when the post is composed."""

    text: str
    media: tuple[Media, ...] = ()
    #: The platform's own options, by name.
    settings: Mapping[str, Any] = field(default_factory=dict)
    #: The platform's own kind of post, such as `Story`; empty: whatever suits the media.
    post_type: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "text": self.text,
            "media": [_as_json(item) for item in self.media],
            "settings": dict(self.settings),
            "post_type": self.post_type,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Draft":
        """What `as_json` wrote, by this or an earlier release."""
        return cls(
            text=data["text"],
            media=tuple(_media(item) for item in data["media"]),
            settings=data["settings"],
            post_type=data.get("post_type", ""),
        )


def _as_json(item: Media) -> dict[str, Any]:
    # What is rarely true is left out: workers of an earlier release do not know it.
    kept = {name: value for name, value in asdict(item).items() if name not in ("url", "open")}
    return kept if item.deleted else {n: v for n, v in kept.items() if n != "deleted"}


def _media(item: Mapping[str, Any]) -> Media:
    form = item.get("form")
    return Media(**{**item, "form": Form(**form) if form else None})


@dataclass(frozen=True, slots=True)
class Credentials:
    """An account as its adapter sees it. `token` and `extra` never reach a log or a page."""

    platform_account_id: str
    username: str
    token: str = field(repr=False)
    refresh_token: str = field(default="", repr=False)
    #: Anything else the network needs: page id, author URN, open id.
    extra: Mapping[str, str] = field(default_factory=dict, repr=False)
    #: Which of the adapter's logins it was connected by; empty: the first.
    login: str = ""
    #: What was granted, in the network's words; empty where that is not known.
    scopes: tuple[str, ...] = ()

    @property
    def bearer(self) -> dict[str, str]:
        """The header that authorizes a call with `token`."""
        return {"Authorization": f"Bearer {self.token}"}

    def secrets(self) -> tuple[str, ...]:
        return tuple(secret for secret in (self.token, self.refresh_token) if secret)
