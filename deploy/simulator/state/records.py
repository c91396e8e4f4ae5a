"""The records of the simulated networks: accounts, tokens, public posts, and the public's numbers.

Numbers grow with the age of a post, and never fall. The same post has the same ones at the same
moment, in every process. Moving the networks' clock (`/control/clock`) makes them grow.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

#: The expiry of what never expires.
FAR_FUTURE = 1e12
#: How long it takes until two thirds of the public have seen a post.
HALF_WAY_SECONDS = 3600


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


@dataclass(frozen=True, slots=True)
class Numbers:
    views: int
    likes: int
    comments: int
    shares: int
    impressions: int
    clicks: int


def of_post(post_id: str, age_seconds: float) -> Numbers:
    """Return what the public has done with a post of this age."""
    seed = hashlib.sha256(post_id.encode()).digest()
    seen = max(0.0, age_seconds) / (max(0.0, age_seconds) + HALF_WAY_SECONDS)
    most = 500 + int.from_bytes(seed[:2])
    views = 1 + int(most * seen)
    return Numbers(
        views=views,
        likes=views * (3 + seed[2] % 8) // 100,
        comments=views * (1 + seed[3] % 3) // 200,
        shares=views * (1 + seed[4] % 3) // 300,
        impressions=views + views // 3,
        clicks=views * (1 + seed[5] % 5) // 100,
    )


def followers(account_id: str, unix_seconds: float) -> int:
    """Return how many follow an account: some more each hour."""
    seed = hashlib.sha256(account_id.encode()).digest()
    return 1000 + int.from_bytes(seed[:2]) + int(unix_seconds // 3600) % 100_000
