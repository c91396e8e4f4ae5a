"""Exchange a consent page's code for tokens and for the profiles that they may post as."""

from collections.abc import Awaitable, Callable

import structlog

from destinations.accounts import oauth_apps, profiles
from destinations.accounts.messages import ConnectError
from destinations.accounts.oauth_apps import Login
from destinations.runtime import adapter_crash
from destinations.runtime.adapter_crash import AdapterCrashed
from platforms import oauth
from platforms.errors import PlatformError, Unauthorized
from platforms.http.client import Client
from platforms.oauth import Profile

log = structlog.get_logger()


def redeem(login: Login, code: str, verifier: str) -> list[Profile]:
    """Return the profiles that a code allows us to post as, with tokens. Raises ConnectError."""
    try:
        return oauth_apps.call(login, _exchange(login, code, verifier), code, verifier)
    except AdapterCrashed as crash:
        raise ConnectError("broke") from crash
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
            raise ConnectError("code_refused") from error
        raise ConnectError("app_refused" if error.code == "app_refused" else "away") from error


def _exchange(
    login: Login, code: str, verifier: str
) -> Callable[[Client], Awaitable[list[Profile]]]:
    app = login.app
    assert app is not None  # noqa: S101 - only usable logins come here

    async def run(http: Client) -> list[Profile]:
        with adapter_crash.contained(http, login.platform, ConnectError):
            # First: the codes of some networks are valid for half a minute.
            tokens = await login.oauth.exchange(app, code, login.redirect_uri, verifier, http)
            http.hide(tokens.access, tokens.refresh)
            _require(login, tokens.scopes)
            shown = await login.oauth.profiles(app, tokens, http)
            found = [profiles.sanitized(profile) for profile in shown]
            if not found:
                raise ConnectError("no_profiles")
            complete = [each for each in found if not _missing(login, each.tokens.scopes)]
            if not complete:
                _require(login, found[0].tokens.scopes)
            return complete

    return run


def _missing(login: Login, granted: tuple[str, ...]) -> tuple[str, ...]:
    """Return the scopes that were not granted, as far as the network says."""
    return oauth.missing_scopes(login.oauth, granted) if granted else ()


def _require(login: Login, granted: tuple[str, ...]) -> None:
    if lacking := _missing(login, granted):
        raise ConnectError("missing_scopes", scopes=", ".join(lacking))
