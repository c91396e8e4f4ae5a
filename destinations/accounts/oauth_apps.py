"""The ways to log in at each platform, and this installation's app there, if one is needed.

Where accounts live on many servers, Dovecote registers an app at each, and keeps it encrypted.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

from django.conf import settings

from destinations.accounts import encryption
from destinations.models import Server
from destinations.runtime import clock
from platforms.drafts import Credentials
from platforms.http.client import Client
from platforms.http.transport import Transport
from platforms.login_forms import ConsentAtServer, FormLogin, LoginWithForm
from platforms.oauth import App, LoginMethod, OAuth
from platforms.registry import ADAPTERS

Value = TypeVar("Value")
#: A person waits, and some codes expire after 30 seconds.
TIMEOUT_SECONDS = 10
#: All of it together, however slowly a server goes on to answer.
CALL_SECONDS = 30
#: The row of the key by which every server of a network knows us: it has no limits to read.
EVERY_SERVER, NEVER = "*", datetime(9999, 1, 1, tzinfo=UTC)
#: Of a login that needs none.
NO_APP = App("", "")


class LoginNotConfigured(Exception):
    """This login cannot be used; the message says which settings are missing."""


@dataclass(frozen=True, slots=True)
class Login:
    """One way to log in at a platform. `name` is that of the app it needs."""

    platform: str
    name: str
    method: LoginMethod
    app: App | None

    @property
    def oauth(self) -> OAuth:
        """Return the consent flow of a login that has one."""
        assert isinstance(self.method, OAuth)  # noqa: S101 - `form` was asked first
        return self.method

    @property
    def form(self) -> FormLogin | None:
        """Return the form of a login that needs no consent page."""
        return self.method if isinstance(self.method, FormLogin) else None

    @property
    def first_form(self) -> LoginWithForm | None:
        """Return the form that a login begins with, if it has one."""
        return self.method if isinstance(self.method, LoginWithForm) else None

    @property
    def at_server(self) -> ConsentAtServer | None:
        """Return the consent flow of a login whose form leads to a server."""
        return self.method if isinstance(self.method, ConsentAtServer) else None

    @property
    def redirect_uri(self) -> str:
        """Return the redirect address of an app, exactly as it is registered at the network."""
        return f"{settings.PUBLIC_URL}/connect/{self.name}/return"

    def names(self) -> tuple[str, ...]:
        """Return the values that `Account.login` may have for this login."""
        is_usual = next(iter(ADAPTERS[self.platform].logins)) == self.name
        return (self.name, "") if is_usual else (self.name,)


def all_logins() -> Iterator[Login]:
    """Yield all logins of all platforms, including those without an app."""
    for platform, adapter in ADAPTERS.items():
        for name, method in adapter.logins.items():
            app = settings.PLATFORM_APPS.get(name) if method.needs_app else NO_APP
            yield Login(platform, name, method, app)


def with_form(platform: str) -> Login | None:
    """Return a platform's login by a form; None if it has none."""
    return next((each for each in all_logins() if each.platform == platform and each.form), None)


def find(platform: str, name: str = "") -> Login | None:
    """Return a platform's login, the usual one without a name; None if there is no such login."""
    return next(
        (each for each in all_logins() if each.platform == platform and name in each.names()), None
    )


def can_refresh(platform: str, credentials: Credentials) -> bool:
    """Return whether the login of these credentials can renew them."""
    login = find(platform, credentials.login)
    return login is not None and login.method.can_refresh(credentials)


def usable(platform: str, name: str = "") -> Login:
    """Return a login whose app is set up, the first without a name. Raises LoginNotConfigured."""
    if platform not in ADAPTERS:
        raise LoginNotConfigured(f"There is no platform {platform!r}.")
    known = [each for each in all_logins() if each.platform == platform]
    wanted = [each for each in known if each.name == name or not name]
    if not wanted:
        names = ", ".join(each.name for each in known) or "none"
        raise LoginNotConfigured(
            f"{ADAPTERS[platform].name} has no login {name!r}; it has: {names}."
        )
    ready = next((each for each in wanted if each.app), None)
    if ready is None:
        app = wanted[0].name.upper()
        raise LoginNotConfigured(
            f"{ADAPTERS[platform].name} is not set up on this installation: its operator must set "
            f"{app}_CLIENT_ID and {app}_CLIENT_SECRET."
        )
    return ready


def registered(login: Login, server: str) -> App | None:
    """Return the app that Dovecote registered at a server for this login; None without one.

    An app of another PUBLIC_URL is none: its servers send browsers elsewhere.
    """
    row = Server.objects.filter(platform=login.platform, host=host_of(server)).first()
    try:
        kept = encryption.unseal(row.app) if row else {}
    except encryption.Unreadable:
        return None
    if kept.get("redirect_uri") != login.redirect_uri:
        return None
    return App(kept["client_id"], kept["client_secret"], server=server)


def keep_server(login: Login, platform_account_id: str, app: App | None) -> None:
    """Remember the server of an account that is connected, and the app that connected it."""
    host = ADAPTERS[login.platform].server_of(platform_account_id)
    if not host:
        return
    own = {"read_due_at": clock.now()}
    row, _ = Server.objects.get_or_create(platform=login.platform, host=host, defaults=own)
    if app and host_of(app.server) == host:
        keys = {"client_id": app.client_id, "client_secret": app.client_secret}
        row.app = encryption.seal({**keys, "redirect_uri": login.redirect_uri})
        row.save(update_fields=["app"])


def own_key(login: Login) -> str:
    """Return this installation's key, for a login whose servers know it by a document.

    It is made once and kept as apps are, so that it outlives CREDENTIAL_KEYS and PUBLIC_URL.
    """
    rows = Server.objects.filter(platform=login.platform, host=EVERY_SERVER)
    row = rows.first()
    try:
        kept = encryption.unseal(row.app) if row else {}
    except encryption.Unreadable:
        # The accounts that were connected with it cannot be read either.
        rows.delete()
        kept = {}
    if not kept and login.at_server:
        made = {"app": encryption.seal({"key": login.at_server.new_key()}), "read_due_at": NEVER}
        row, _ = Server.objects.get_or_create(
            platform=login.platform, host=EVERY_SERVER, defaults=made
        )
        kept = encryption.unseal(row.app)
    return str(kept["key"])


def document(name: str, end: str) -> Mapping[str, Any] | None:
    """Return what a login's servers read about us at an address that ends so; None: nothing."""
    login = next((each for each in all_logins() if each.name == name), None)
    if login is None or login.at_server is None:
        return None
    return login.at_server.document(end, login.redirect_uri, partial(own_key, login))


def host_of(server: str) -> str:
    return server.removeprefix("https://")


def resolve(url: str) -> str:
    """Return the URL at which a browser reaches a network's page: there, or at the simulator."""
    return _transport().resolve(url)


def _transport() -> Transport:
    return Transport(
        connections=4,
        timeout_seconds=TIMEOUT_SECONDS,
        base_urls=settings.PLATFORM_BASE_URLS,
        gateway=settings.SIMULATOR_URL,
        versions=settings.API_VERSIONS,
    )


def call(login: Login, work: Callable[[Client], Awaitable[Value]], *secrets: str) -> Value:
    """Run `work` with an HTTP client, from a thread without a loop. Raises what `work` raises, and
    TimeoutError: the server may be one that its owner named, and a thread waits for it.
    """

    async def run() -> Value:
        opened = _transport()
        hidden = (*secrets, login.app.client_secret if login.app else "")
        client = Client(opened, explain=login.method.explain, secrets=filter(None, hidden))
        try:
            async with asyncio.timeout(CALL_SECONDS):
                return await work(client)
        finally:
            await opened.close()

    return asyncio.run(run())
