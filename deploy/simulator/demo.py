"""Demonstrations of a network: accounts and posts that `make up` and `make demo` make."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

#: Names of files that every demo has.
FOUR_IMAGES = ("morning.jpg", "noon.jpg", "afternoon.jpg", "evening.jpg")
CHAIN = ("The second part follows the first.", "And the third one ends it.")
LINK = "https://example.com/dovecote"


@dataclass(frozen=True, slots=True)
class DemoAccount:
    platform: str
    platform_account_id: str
    name: str
    username: str
    #: Whether connecting it would call it by its `username`, as `@pigeonpost`.
    is_called_by_handle: bool = False
    #: Into our credentials, for the adapter.
    extra: Mapping[str, str] = field(default_factory=dict)
    #: What the simulated network knows about the account.
    simulator_extra: Mapping[str, Any] = field(default_factory=dict)
    #: The token, where it cannot be made up: who has it is the account.
    token: str = ""
    #: Which of the platform's logins it was connected by; empty: the usual one.
    login: str = ""
    #: Beside the one account of the network that newcomers post to.
    spare: bool = False

    @property
    def account_name(self) -> str:
        return f"@{self.username}" if self.is_called_by_handle else self.name


@dataclass(frozen=True, slots=True)
class DemoPost:
    """A kind of post, and what its request says beside the text."""

    platform: str
    what: str
    files: tuple[str, ...] = ()
    post_type: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    #: The further parts of a chain, each made unique by the time.
    parts: tuple[str, ...] = ()
    #: Which of the network's demo accounts: its place among them.
    account: int = 0
    #: How many of the files the public sees in the post, where it is not all of them.
    seen: int | None = None

    @property
    def visible_files(self) -> int:
        return len(self.files) if self.seen is None else self.seen

    @property
    def shows_picture_first(self) -> bool:
        """Return whether the first file is a picture that a network may describe."""
        is_picture = bool(self.files) and self.files[0].endswith((".jpg", ".png", ".gif"))
        return is_picture and self.post_type != "Story"

    def platform_content(self, sent_at: str) -> dict[str, Any]:
        """Return the request's `platform_content`; empty if the kind needs none."""
        own: dict[str, Any] = {}
        if self.post_type:
            own["contentType"] = self.post_type
        if self.settings:
            own["settings"] = dict(self.settings)
        if self.parts:
            own.setdefault("settings", {})["thread"] = [f"{part} {sent_at}" for part in self.parts]
        return {self.platform: own} if own else {}


@dataclass(frozen=True, slots=True)
class Demo:
    accounts: tuple[DemoAccount, ...] = ()
    posts: tuple[DemoPost, ...] = ()
    #: Settings of the simulated network, for daily limits that a day of demos would reach.
    simulator_settings: Mapping[str, int] = field(default_factory=dict)
    #: The options that the demo's workspace chooses for every post.
    chosen: Mapping[str, str] = field(default_factory=dict)
