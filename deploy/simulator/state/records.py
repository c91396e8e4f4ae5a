"""The records of the simulated networks: accounts, tokens, public posts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

#: The expiry of what never expires.
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
    """A token that a network has issued. Times are unix seconds on the networks' clock.

    `kind` is the network's own name: access, refresh, user, page. `scopes` of None allow all.
    """

    network: str
    value: str
    account: str
    kind: str = "access"
    scopes: tuple[str, ...] | None = None
    expires_at: float = FAR_FUTURE
    issued_at: float = 0
    #: What the network stores with it, such as the client it was issued to.
    data: Mapping[str, Any] = field(default_factory=dict)

    def allows(self, scope: str) -> bool:
        return self.scopes is None or scope in self.scopes


@dataclass(frozen=True, slots=True)
class Post:
    """A public post. `media` are ids of stored files; `created_at` is unix seconds."""

    network: str
    id: str
    account: str
    text: str
    media: tuple[str, ...]
    url: str
    extra: Mapping[str, Any]
    created_at: float
