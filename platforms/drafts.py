"""Define what one destination sends, and the account that it sends as."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any, BinaryIO

from platforms.limits import Form, MediaKind


@dataclass(frozen=True, slots=True)
class Media:
    """One file of a draft. `url` and `open` are set when it is published.

    Dimensions are as displayed, after rotation; None if unknown or not applicable.
    """

    key: str
    kind: MediaKind
    content_type: str
    filename: str
    size_bytes: int
    width: int | None = None
    height: int | None = None
    duration_seconds: float | None = None
    #: Codecs by FFmpeg's names, `h264` or `aac`; a video without audio has no `audio_codec`.
    video_codec: str = ""
    audio_codec: str = ""
    frames_per_second: float | None = None
    #: Whether the index comes first, so that a video can be played while it loads.
    index_first: bool | None = None
    #: Frames of an animation; 1 for a still image.
    frames: int = 1
    pages: int | None = None
    alt_text: str = ""
    #: The form that this file is converted to before it is sent; None sends it as it is.
    form: Form | None = None
    #: The customer insisted on deleting the file: publishing it fails.
    deleted: bool = False
    #: A public, signed, expiring URL where a network may fetch the file.
    url: str = field(default="", compare=False)
    #: Opens the file for reading; blocks.
    open: Callable[[], BinaryIO] | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Draft:
    """Exactly what one destination will send. Frozen when the post is composed."""

    text: str
    media: tuple[Media, ...] = ()
    #: The platform's own options, by name.
    settings: Mapping[str, Any] = field(default_factory=dict)
    #: The platform's own type of post, such as `Story`; empty for the one that suits the media.
    post_type: str = ""
    #: What the account's server takes, as `Adapter.read_server` told; empty if it is not known.
    server: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {
            "text": self.text,
            "media": [_as_json(item) for item in self.media],
            "settings": dict(self.settings),
            "post_type": self.post_type,
            **({"server": dict(self.server)} if self.server else {}),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Draft":
        """Return what `as_json` wrote, by this or an earlier release."""
        return cls(
            text=data["text"],
            media=tuple(_media(item) for item in data["media"]),
            settings=data["settings"],
            post_type=data.get("post_type", ""),
            server=data.get("server", {}),
        )


def _as_json(item: Media) -> dict[str, Any]:
    # Left out while false: workers of an earlier release do not know this field.
    kept = {name: value for name, value in asdict(item).items() if name not in ("url", "open")}
    return kept if item.deleted else {n: v for n, v in kept.items() if n != "deleted"}


def _media(item: Mapping[str, Any]) -> Media:
    form = item.get("form")
    return Media(**{**item, "form": Form(**form) if form else None})


@dataclass(frozen=True)
class AccountFacts:
    """What composing a post knows of an account: nothing secret."""

    platform_account_id: str
    #: Reads `extra`, which costs a statement and a decryption.
    read_extra: Callable[[], Mapping[str, str] | None] = field(compare=False, repr=False)

    @cached_property
    def extra(self) -> Mapping[str, str] | None:
        """Of `Credentials.extra` what the adapter's `account_facts` name; None: not readable.

        Ask for it only if the draft depends on it: most posts do not.
        """
        return self.read_extra()


#: The names in `extra` whose values are secret.
SECRET_FACTS = ("password", "client_secret", "dpop_key")


@dataclass(frozen=True, slots=True)
class Credentials:
    """An account as its adapter sees it. `token` and `extra` never reach a log or a page."""

    platform_account_id: str
    username: str
    token: str = field(repr=False)
    refresh_token: str = field(default="", repr=False)
    #: Further facts that the network needs: a page id, an author URN.
    extra: Mapping[str, str] = field(default_factory=dict, repr=False)
    #: The adapter's login that connected it; empty for the first.
    login: str = ""
    #: The granted scopes in the network's words; empty if unknown.
    scopes: tuple[str, ...] = ()

    @property
    def bearer(self) -> dict[str, str]:
        """Return the header that authorizes a call with `token`."""
        return {"Authorization": f"Bearer {self.token}"}

    def secrets(self) -> tuple[str, ...]:
        kept = (self.extra.get(name, "") for name in SECRET_FACTS)
        return tuple(filter(None, (self.token, self.refresh_token, *kept)))
