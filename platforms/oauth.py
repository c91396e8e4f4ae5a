"""How an account is connected: a network's consent page, its tokens, and who they speak for.

A network's `oauth.py` fills this in. It keeps nothing: storing, locking and encrypting is done by
whoever calls it.
"""

import base64
import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar

from platforms.drafts import Credentials
from platforms.errors import PlatformError, Unavailable
from platforms.http.client import Answer, Client
from platforms.http.versions import Versions


@dataclass(frozen=True, slots=True)
class App:
    """What the operator of this installation has registered at a network."""

    client_id: str
    client_secret: str = field(repr=False)
    #: Of the APIs, for addresses that a browser opens.
    versions: Versions = field(default_factory=Versions, repr=False)


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a network gives for a consent. `expires_at` is None where a token does not expire."""

    access: str = field(repr=False)
    refresh: str = field(default="", repr=False)
    expires_at: datetime | None = None
    refresh_expires_at: datetime | None = None
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Profile:
    """Somebody who can be posted as: a member, a page, a channel. `tokens` are its own."""

    platform_account_id: str
    #: As customers see it: `@acme`, `Acme Inc.`
    name: str
    username: str
    tokens: Tokens
    avatar_url: str = ""
    #: In words for the page that asks which one: `page`, `organization`.
    kind: str = "profile"
    #: As the network shows it beside the handle; blank where `name` is that already.
    display_name: str = ""
    #: What the adapter needs beside the token.
    extra: Mapping[str, str] = field(default_factory=dict, repr=False)


class OAuth(ABC):
    """One way to log in at a network."""

    #: What publishing cannot do without, in the network's own words.
    scopes: ClassVar[tuple[str, ...]]
    #: Asked for too; without them something small is missing.
    optional_scopes: ClassVar[tuple[str, ...]] = ()
    #: A token with less than this to live is refreshed before it is used.
    refresh_margin: ClassVar[timedelta] = timedelta(minutes=5)

    @abstractmethod
    def authorize_url(self, app: App, redirect_uri: str, state: str, verifier: str) -> str:
        """The consent page's address. `verifier` is the PKCE secret; only its challenge leaves."""

    @abstractmethod
    async def exchange(
        self, app: App, code: str, redirect_uri: str, verifier: str, http: Client
    ) -> Tokens:
        """Tokens for the code of a return from the consent page. Raises PlatformError."""

    @abstractmethod
    async def profiles(self, app: App, tokens: Tokens, http: Client) -> Sequence[Profile]:
        """Everybody these tokens may post as; empty if nobody. Raises PlatformError."""

    def can_refresh(self, account: Credentials) -> bool:
        return bool(account.refresh_token)

    async def refresh(self, app: App, account: Credentials, http: Client) -> Tokens:
        """New tokens for an account. An empty `refresh` means that the old one goes on.

        Raises Unauthorized only if the network says that the authorization is gone; a fault of
        the app's own credentials is Unavailable (`app_refused`), and so is any failure of the way.
        """
        raise Unavailable("This network's tokens are not refreshed.", code="internal_error")

    @abstractmethod
    def explain(self, answer: Answer) -> PlatformError:
        """What a refusal of the token or identity endpoints means."""


def missing(oauth: OAuth, granted: Sequence[str]) -> tuple[str, ...]:
    """Scopes without which publishing cannot work, that were not granted."""
    return tuple(scope for scope in oauth.scopes if scope not in granted)


def challenge(verifier: str) -> str:
    """The S256 challenge of RFC 7636."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
