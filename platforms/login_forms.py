"""The interface of logins that begin with a form, which their owner fills in here.

A form either asks for all that is needed, a password, a token or an address, or only for the server
whose consent page comes next. Nothing of it needs an app of the operator. As with OAuth, nothing is
stored before the owner has seen which profile would be connected.
"""

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from platforms.http.client import Answer, Client
from platforms.oauth import App, ConsentRequest, LoginMethod, OAuth, Profile, has_control


@dataclass(frozen=True, slots=True)
class FormField:
    """One line of the form. What is entered in a secret one is never shown again."""

    name: str
    label: str
    #: What it looks like, for documents; empty where another field's example is the way shown.
    example: str
    help: str = ""
    is_secret: bool = False
    #: False if the login asks for one of several fields.
    is_required: bool = True
    max_chars: int = 300


class LoginWithForm(LoginMethod):
    """A login whose `fields` the owner of the account fills in."""

    needs_app = False
    fields: ClassVar[tuple[FormField, ...]]
    #: A sentence above the form: where its owner finds what it asks for.
    intro: ClassVar[str] = ""

    def leads_away(self, answers: Mapping[str, str]) -> bool:
        """Return whether a consent page comes next, rather than what the login found."""
        return False

    def problem(self, answers: Mapping[str, str]) -> str:
        """Return what is wrong with the answers before the network is asked; empty if nothing."""
        for each in self.fields:
            given = answers.get(each.name, "")
            if not given and each.is_required:
                return f"{each.label} is missing."
            if len(given) > each.max_chars:
                return f"{each.label} is too long."
            if has_control(given):
                return f"{each.label} holds a line break or a control character."
        return ""

    def secrets(self, answers: Mapping[str, str]) -> tuple[str, ...]:
        given = (answers.get(each.name, "") for each in self.fields if each.is_secret)
        return tuple(filter(None, given))


class FormLogin(LoginWithForm):
    """A login that needs no more than its form."""

    @abstractmethod
    async def sign_in(self, answers: Mapping[str, str], http: Client) -> Sequence[Profile]:
        """Return the profiles that these answers may post as. Each required field has one.

        Raises PlatformError, whose message the owner reads: which field is wrong, and what to do.
        """


class ConsentAtServer(LoginWithForm, OAuth):
    """OAuth at a server that the form leads to."""

    def leads_away(self, answers: Mapping[str, str]) -> bool:
        return True

    @abstractmethod
    def server(self, answers: Mapping[str, str]) -> str:
        """Return what names the server: its origin, or an account. Raises Rejected."""

    def own_app(self, redirect_uri: str, key: Callable[[], str]) -> App | None:
        """Return the app that every server knows by a document; None if each has its own.

        `key` makes and keeps this installation's key. Raises Rejected if there can be no such app.
        """
        return None

    def new_key(self) -> str:
        """Return a key for this installation, where servers know it by a document."""
        raise NotImplementedError

    def document(
        self, end: str, redirect_uri: str, key: Callable[[], str]
    ) -> Mapping[str, Any] | None:
        """Return what servers read about this installation at an address that ends so, if any."""
        return None

    @abstractmethod
    async def leave(
        self, known: App | None, server: str, asked: ConsentRequest, http: Client
    ) -> tuple[App, str]:
        """Return the app at the server and the address of its consent page.

        `known` is the app that may be there. Raises PlatformError, whose message the owner reads.
        """


class ServerLogin(ConsentAtServer):
    """OAuth at a server where Dovecote registers an app of its own.

    An App's `server` says where it is registered.
    """

    #: The paths of the server's consent page and token endpoint.
    consent_page = "/oauth/authorize"
    token_endpoint = "/oauth/token"  # noqa: S105 - a path

    @abstractmethod
    async def register(self, server: str, redirect_uri: str, http: Client) -> App:
        """Register an app at a server. Raises PlatformError, whose message the owner reads."""

    @abstractmethod
    async def is_registered(self, app: App, http: Client) -> bool:
        """Return whether the app's server still knows it. Raises PlatformError."""

    async def leave(
        self, known: App | None, server: str, asked: ConsentRequest, http: Client
    ) -> tuple[App, str]:
        is_there = known is not None and await self.is_registered(known, http)
        app = known if known and is_there else await self.register(server, asked.redirect_uri, http)
        return app, self.authorize_url(app, asked)

    def consent_address(self, app: App) -> str:
        return f"{app.server}{self.consent_page}"

    async def request_tokens(self, app: App, form: Mapping[str, str], http: Client) -> Answer:
        body = {**form, **self.app_keys(app)}
        return await http.post(f"{app.server}{self.token_endpoint}", data=body, is_foreign=True)
