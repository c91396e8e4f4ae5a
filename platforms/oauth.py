"""The interface of a login: the consent page, the tokens, and the profiles they may post as.

A network's `oauth.py` implements it. It stores nothing: its caller stores, locks and encrypts.
Logins without a consent page are forms (`platforms.login_forms`).
"""

import base64
import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import quote, urlencode

from platforms import clock
from platforms.drafts import Credentials
from platforms.errors import PlatformError, Unavailable
from platforms.http.client import Answer, Client
from platforms.http.foreign.stated import LONGEST_LIFE_SECONDS, as_seconds
from platforms.http.versions import Versions

#: Fields of a form that are never shown.
SECRET_FIELDS = ("code", "refresh_token", "code_verifier")


@dataclass(frozen=True, slots=True)
class App:
    """The app that the operator of this installation registered at a network."""

    client_id: str
    client_secret: str = field(repr=False)
    #: Of the APIs, for URLs that a browser opens.
    versions: Versions = field(default_factory=dict, repr=False)
    #: Whether consents also ask for the permission to delete.
    asks_to_delete: bool = False
    #: Whether consents also ask for the permissions to read numbers.
    asks_for_numbers: bool = False
    #: The origin of the server that knows it, where accounts live on many.
    server: str = ""
    #: What one login remembers between its consent page and its tokens.
    extra: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class ConsentRequest:
    """One visit to a consent page. `verifier` is for the token endpoint alone (PKCE, RFC 7636)."""

    redirect_uri: str
    state: str
    verifier: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens from a network's consent. `expires_at` is None if the token does not expire."""

    access: str = field(repr=False)
    refresh: str = field(default="", repr=False)
    expires_at: datetime | None = None
    refresh_expires_at: datetime | None = None
    scopes: tuple[str, ...] = ()
    #: Facts that replace those of the account's `extra`, such as a server that it moved to.
    extra: Mapping[str, str] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        """Raise Unavailable for a token that no header can carry."""
        if has_control(self.access) or has_control(self.refresh):
            raise Unavailable("The server gave a token with a line break or a control character.")

    @property
    def bearer(self) -> dict[str, str]:
        """Return the header that authorizes a call with `access`."""
        return {"Authorization": f"Bearer {self.access}"}


@dataclass(frozen=True, slots=True)
class Profile:
    """A member, page or channel that can be posted as, with its own `tokens`."""

    platform_account_id: str
    #: The name customers see: `@acme`, `Acme Inc.`
    name: str
    username: str
    tokens: Tokens
    avatar_url: str = ""
    #: For the page that offers the choice: `page`, `organization`.
    kind: str = "profile"
    #: The name the network shows beside the handle; blank if `name` is the same.
    display_name: str = ""
    #: Further facts that the adapter needs besides the token.
    extra: Mapping[str, str] = field(default_factory=dict, repr=False)


class LoginMethod(ABC):
    """One way to log in at a network, and to renew what that gave."""

    #: The network's name in messages.
    name: ClassVar[str]
    #: False if accounts are connected without an app that the operator registered there.
    needs_app: ClassVar[bool] = True
    #: The scopes of publishing, in the network's own words.
    scopes: ClassVar[tuple[str, ...]] = ()
    #: Deleting needs any one of these beside `scopes`. The first is requested if the operator
    #: says so: a network may refuse the consent to an app that was not reviewed for it.
    deletion_scopes: ClassVar[tuple[str, ...]] = ()
    #: Further numbers of posts and accounts need these. Requested if the operator says so, for the
    #: same reason.
    number_scopes: ClassVar[tuple[str, ...]] = ()
    #: A token with less than this to live is refreshed before it is used.
    refresh_margin: ClassVar[timedelta] = timedelta(minutes=5)

    def can_refresh(self, account: Credentials) -> bool:
        return bool(account.refresh_token)

    @abstractmethod
    async def refresh(self, app: App, account: Credentials, http: Client) -> Tokens:
        """Return new tokens. With an empty `refresh` the old refresh token stays valid.

        Raises Unauthorized only if the network says that the authorization is gone. A fault of the
        app's own credentials is Unavailable (`app_refused`), and so is any network failure.
        """

    @abstractmethod
    def explain(self, answer: Answer) -> PlatformError:
        """Return the error that a refusal of the token or identity endpoints means."""


class OAuth(LoginMethod):
    """One way to log in at a network: OAuth 2.0 (RFC 6749), with PKCE (RFC 7636) by default.

    A network declares its addresses and words, and overrides only what it does in its own way.
    """

    consent_page: ClassVar[str]
    token_endpoint: ClassVar[str]
    #: Requested beside `scopes`; without them some feature is missing.
    optional_scopes: ClassVar[tuple[str, ...]] = ()
    scope_separator: ClassVar[str] = " "
    #: Further parameters of the consent page.
    consent_options: ClassVar[Mapping[str, str]] = {}
    has_pkce: ClassVar[bool] = True
    #: The network's name for the app's id.
    client_id_field: ClassVar[str] = "client_id"
    #: The fields that an answer with tokens must hold besides the access token.
    required_fields: ClassVar[tuple[str, ...]] = ()
    #: The lifetime of an access token if the answer does not say it; 0 for a token that lasts.
    default_seconds: ClassVar[int] = 0
    refresh_lifetime_field: ClassVar[str] = "refresh_token_expires_in"

    def authorize_url(self, app: App, asked: ConsentRequest) -> str:
        """Return the consent page's URL."""
        query = {
            "response_type": "code",
            self.client_id_field: app.client_id,
            "redirect_uri": asked.redirect_uri,
            "scope": self.scope_separator.join(self.requested_scopes(app)),
            "state": asked.state,
            **self.consent_options,
        }
        if self.has_pkce:
            query["code_challenge"] = self.challenge(asked.verifier)
            query["code_challenge_method"] = "S256"
        return f"{self.consent_address(app)}?{urlencode(query, quote_via=quote)}"

    def requested_scopes(self, app: App) -> tuple[str, ...]:
        """Return what the consent page asks for."""
        deleting = self.deletion_scopes[:1] if app.asks_to_delete else ()
        numbers = self.number_scopes if app.asks_for_numbers else ()
        return (*self.scopes, *self.optional_scopes, *deleting, *numbers)

    def consent_address(self, app: App) -> str:
        return self.consent_page

    def challenge(self, verifier: str) -> str:
        return challenge(verifier)

    def is_returned_by(self, app: App, answer: Mapping[str, str]) -> bool:
        """Return whether the app's server sent the browser back, where servers say who they are."""
        return True

    async def exchange(
        self, app: App, code: str, redirect_uri: str, verifier: str, http: Client
    ) -> Tokens:
        """Tokens for the code that the consent page returned. Raises PlatformError."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        if self.has_pkce:
            form["code_verifier"] = verifier
        return await self.tokens(app, form, http)

    @abstractmethod
    async def profiles(self, app: App, tokens: Tokens, http: Client) -> Sequence[Profile]:
        """Return the profiles that these tokens may post as. Raises PlatformError."""

    async def refresh(self, app: App, account: Credentials, http: Client) -> Tokens:
        form = {"grant_type": "refresh_token", "refresh_token": account.refresh_token}
        return await self.tokens(app, form, http)

    async def tokens(self, app: App, form: Mapping[str, str], http: Client) -> Tokens:
        """Return what the token endpoint gives for a form. A missing refresh token is no error: the
        consent may not include one, and the one that was sent may be used up."""
        http.hide(app.client_secret, *(form.get(name, "") for name in SECRET_FIELDS))
        answer = await self.request_tokens(app, form, http)
        access, given = answer.take("access_token"), answer.json_object()
        refresh = str(given.get("refresh_token") or "")
        http.hide(access, refresh, str(given.get("id_token") or ""))
        given |= {name: answer.take(name) for name in self.required_fields}
        return Tokens(
            access=access,
            refresh=refresh,
            expires_at=expiry(given.get("expires_in") or self.default_seconds),
            refresh_expires_at=expiry(given.get(self.refresh_lifetime_field)),
            # Networks separate scopes with commas or with spaces.
            scopes=tuple(str(given.get("scope") or "").replace(",", " ").split()),
        )

    async def request_tokens(self, app: App, form: Mapping[str, str], http: Client) -> Answer:
        """Return the token endpoint's answer; the app authenticates in the form."""
        return await http.post(self.token_endpoint, data={**form, **self.app_keys(app)})

    def app_keys(self, app: App) -> dict[str, str]:
        return {self.client_id_field: app.client_id, "client_secret": app.client_secret}

    def app_refused(self, said: str, code: str, request_id: str = "") -> Unavailable:
        """Make the error of a network that refuses the app itself, for any account."""
        return Unavailable(
            f"{self.name} does not accept this installation's app: {said}",
            code="app_refused",
            platform_code=code,
            request_id=request_id,
        )


def refusal(answer: Answer) -> tuple[str, str]:
    """`error` and `error_description` of RFC 6749, redacted; empty if the body has none."""
    body = answer.error_body()
    word = body.get("error")
    return word if isinstance(word, str) else "", str(body.get("error_description") or "")


def has_control(text: str) -> bool:
    """Return whether a text holds what no header may, such as a line break."""
    return any(char < " " or char == "\x7f" for char in text)


def expiry(seconds: Any) -> datetime | None:
    """Return the end of a lifetime that begins now; None if the network gives none."""
    life = as_seconds(seconds, LONGEST_LIFE_SECONDS)
    return clock.now() + timedelta(seconds=life) if life else None


def missing_scopes(login: LoginMethod, granted: Sequence[str]) -> tuple[str, ...]:
    """Return the scopes that publishing needs and that were not granted."""
    return tuple(scope for scope in login.scopes if scope not in granted)


def may_delete(login: LoginMethod | None, granted: Sequence[str]) -> bool:
    """Return whether an account may delete its posts, as far as it is known what was granted."""
    return has_any_scope(granted, *(login.deletion_scopes if login else ()))


def has_any_scope(granted: Sequence[str], *any_of: str) -> bool:
    """Return whether one of these scopes is granted, as far as it is known what was granted."""
    return not any_of or not granted or bool(set(any_of) & set(granted))


def challenge(verifier: str) -> str:
    """Return the S256 challenge of RFC 7636."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
