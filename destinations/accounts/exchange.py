"""What a code from a network's consent page stands for: the profiles that may be posted as."""

from collections.abc import Awaitable, Callable

import structlog

from destinations.accounts import oauth_apps, profiles
from destinations.accounts.messages import Stopped
from destinations.accounts.oauth_apps import Login
from destinations.runtime import adapter_crash
from destinations.runtime.adapter_crash import AdapterCrashed
from platforms import oauth
from platforms.errors import PlatformError, Unauthorized
from platforms.http.client import Client
from platforms.oauth import Profile

log = structlog.get_logger()


def redeem(login: Login, code: str, verifier: str) -> list[Profile]:
    """Everybody this code lets us post as, with everything that posting needs. Raises Stopped."""
    try:
        return oauth_apps.ask(login, _exchange(login, code, verifier), code, verifier)
    except AdapterCrashed as bug:
        # The page says that the fault is not the person's.
        raise Stopped("broke") from bug
    except PlatformError as error:
        log.warning(
            "connect_failed",
            platform=login.platform,
            code=error.code,
            platform_code=error.platform_code,
            http_status=error.http_status,
            failure=error.message,
            body=error.body[:500],
        )
        if isinstance(error, Unauthorized):
            raise Stopped("code_refused") from error
        raise Stopped("app_refused" if error.code == "app_refused" else "away") from error


def _exchange(
    login: Login, code: str, verifier: str
) -> Callable[[Client], Awaitable[list[Profile]]]:
    app = login.app
    assert app is not None  # noqa: S101 - only usable logins come here

    async def run(http: Client) -> list[Profile]:
        with adapter_crash.contained(http, login.platform, Stopped):
            return await exchange(http)

    async def exchange(http: Client) -> list[Profile]:
        # First of all: some networks' codes are good for half a minute.
        tokens = await login.oauth.exchange(app, code, login.redirect_uri, verifier, http)
        http.hide(tokens.access, tokens.refresh)
        _require(login, tokens.scopes)
        found = [profiles.fit(each) for each in await login.oauth.profiles(app, tokens, http)]
        if not found:
            raise Stopped("nobody")
        complete = [each for each in found if not _missing(login, each.tokens.scopes)]
        if not complete:
            _require(login, found[0].tokens.scopes)
        return complete

    return run


def _missing(login: Login, granted: tuple[str, ...]) -> tuple[str, ...]:
    """Not every network says what was granted."""
    return oauth.missing(login.oauth, granted) if granted else ()


def _require(login: Login, granted: tuple[str, ...]) -> None:
    if lacking := _missing(login, granted):
        raise Stopped("missing_scopes", scopes=", ".join(lacking))
