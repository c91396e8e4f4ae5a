"""What the simulated networks know: accounts, tokens, public posts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

#: When what never ends ends.
FAR_FUTURE = 1e12


@dataclass(frozen=True, slots=True)
class Account:
    network: str
    id: str
    name: str
    username: str
    token: str
    extra: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Token:
    """A secret that a network has given out. Times are unix seconds on the networks' clock.

    `kind` is the network's own word: access, refresh, user, page. `scopes` of None allow all.
    """

    network: str
    value: str
    account: str
    kind: str = "access"
    scopes: tuple[str, ...] | None = None
    expires_at: float = FAR_FUTURE
    issued_at: float = 0
    #: What the network notes with it, such as the client it was given to.
    data: Mapping[str, Any] = field(default_factory=dict)

    def allows(self, scope: str) -> bool:
        return self.scopes is None or scope in self.scopes


@dataclass(frozen=True, slots=True)
class Post:
    """Something a reader can see. `media` are ids of stored files; `created_at` is unix seconds."""

    network: str
    id: str
    account: str
    text: str
    media: tuple[str, ...]
    url: str
    extra: Mapping[str, Any]
    created_at: float
