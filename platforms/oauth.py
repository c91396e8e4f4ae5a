"""The interface of a login: the consent page, the tokens, and the profiles they may post as.

A network's `oauth.py` implements it. It stores nothing: its caller stores, locks and encrypts.
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
    """The app that the operator of this installation registered at a network."""

    client_id: str
    client_secret: str = field(repr=False)
    #: Of the APIs, for URLs that a browser opens.
    versions: Versions = field(default_factory=Versions, repr=False)


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a network gives for a consent. `expires_at` is None if the token does not expire."""

    access: str = field(repr=False)
    refresh: str = field(default="", repr=False)
    expires_at: datetime | None = None
    refresh_expires_at: datetime | None = None
    scopes: tuple[str, ...] = ()

    @property
    def bearer(self) -> dict[str, str]:
        """The header that authorizes a call with `access`."""
        return {"Authorization": f"Bearer {self.access}"}


@dataclass(frozen=True, slots=True)
class Profile:
    """A member, page or channel that can be posted as, with its own `tokens`."""

    platform_account_id: str
    #: As customers see it: `@acme`, `Acme Inc.`
    name: str
    username: str
    tokens: Tokens
    avatar_url: str = ""
    #: For the page that offers the choice: `page`, `organization`.
    kind: str = "profile"
    #: As the network shows it beside the handle; blank if `name` is the same.
    display_name: str = ""
    #: What the adapter needs besides the token.
    extra: Mapping[str, str] = field(default_factory=dict, repr=False)


class OAuth(ABC):
    """One way to log in at a network."""

    #: What publishing needs, in the network's own words.
    scopes: ClassVar[tuple[str, ...]]
    #: Requested too; without them some feature is missing.
    optional_scopes: ClassVar[tuple[str, ...]] = ()
    #: A token with less than this to live is refreshed before it is used.
    refresh_margin: ClassVar[timedelta] = timedelta(minutes=5)

    @abstractmethod
    def authorize_url(self, app: App, redirect_uri: str, state: str, verifier: str) -> str:
        """The consent page's URL. `verifier` is the PKCE secret; only its challenge is sent."""

    @abstractmethod
    async def exchange(
        self, app: App, code: str, redirect_uri: str, verifier: str, http: Client
    ) -> Tokens:
        """Tokens for the code that the consent page returned. Raises PlatformError."""

    @abstractmethod
    async def profiles(self, app: App, tokens: Tokens, http: Client) -> Sequence[Profile]:
        """The profiles that these tokens may post as. Raises PlatformError."""

    def can_refresh(self, account: Credentials) -> bool:
        return bool(account.refresh_token)

    async def refresh(self, app: App, account: Credentials, http: Client) -> Tokens:
        """New tokens for an account. With an empty `refresh` the old refresh token stays valid.

        Raises Unauthorized only if the network says that the authorization is gone. A fault of the
        app's own credentials is Unavailable (`app_refused`), and so is any network failure.
        """
        raise Unavailable("This network's tokens are not refreshed.", code="internal_error")

    @abstractmethod
    def explain(self, answer: Answer) -> PlatformError:
        """The error that a refusal of the token or identity endpoints means."""


def missing(oauth: OAuth, granted: Sequence[str]) -> tuple[str, ...]:
    """The scopes that publishing needs and that were not granted."""
    return tuple(scope for scope in oauth.scopes if scope not in granted)


def challenge(verifier: str) -> str:
    """The S256 challenge of RFC 7636."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
