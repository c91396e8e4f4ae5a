"""Exchange a consent page's code, or a form's answers, for tokens and the profiles they speak for.

Profiles are stored as JSON between the network's answer and the owner's choice.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, replace
from datetime import datetime
from functools import partial
from typing import Any

import structlog

from destinations.accounts import oauth_apps
from destinations.accounts.messages import ConnectError
from destinations.accounts.oauth_apps import Login
from destinations.runtime.worker import adapter_crash
from destinations.runtime.worker.adapter_crash import AdapterCrashed
from destinations.state import sanitize
from platforms import oauth
from platforms.errors import PlatformError, Unauthorized
from platforms.http.client import Client
from platforms.oauth import App, ConsentRequest, Profile, Tokens

log = structlog.get_logger()


def redeem(login: Login, code: str, verifier: str) -> list[Profile]:
    """Return the profiles that a code allows us to post as, with tokens. Raises ConnectError."""
    try:
        return oauth_apps.call(login, _exchange(login, code, verifier), code, verifier)
    except AdapterCrashed as crash:
        raise ConnectError("broke") from crash
    except TimeoutError as late:
        raise ConnectError("away") from late
    except PlatformError as error:
        _log(login, error)
        if isinstance(error, Unauthorized):
            raise ConnectError("code_refused") from error
        if error.code == "handle_refused":
            raise ConnectError("not_accepted", said=error.message) from error
        raise ConnectError("app_refused" if error.code == "app_refused" else "away") from error


def sign_in(login: Login, answers: Mapping[str, str]) -> list[Profile]:
    """Return the profiles that a form's answers allow us to post as. Raises ConnectError.

    `not_accepted` has the network's `said` for the owner, and the error's `code`.
    """
    form = login.form
    assert form is not None  # noqa: S101 - only forms have answers
    if problem := form.problem(answers):
        raise ConnectError("not_accepted", said=problem, code="unsupported")

    async def run(http: Client) -> list[Profile]:
        with adapter_crash.contained(http, login.platform):
            return [sanitized(each) for each in await form.sign_in(answers, http)]

    try:
        found = oauth_apps.call(login, run, *form.secrets(answers))
    except AdapterCrashed as crash:
        raise ConnectError("broke") from crash
    except TimeoutError as late:
        raise ConnectError("away") from late
    except PlatformError as error:
        _log(login, error)
        raise ConnectError("not_accepted", said=error.message, code=error.code) from error
    if not found:
        raise ConnectError("no_profiles")
    return found


def leave(login: Login, answers: Mapping[str, str], asked: ConsentRequest) -> tuple[App, str]:
    """Return Dovecote's app at the server that a form leads to, and its consent page's address.

    Raises ConnectError; `not_accepted` as in `sign_in`.
    """
    at_server = login.at_server
    assert at_server is not None  # noqa: S101 - only their forms lead to a server
    if problem := at_server.problem(answers):
        raise ConnectError("not_accepted", said=problem, code="unsupported")

    async def run(http: Client) -> tuple[App, str]:
        with adapter_crash.contained(http, login.platform):
            return await at_server.leave(known, server, asked, http)

    try:
        server = at_server.server(answers)
        known = at_server.own_app(asked.redirect_uri, partial(oauth_apps.own_key, login))
        known = known or oauth_apps.registered(login, server)
        return oauth_apps.call(login, run, known.client_secret if known else "")
    except AdapterCrashed as crash:
        raise ConnectError("broke") from crash
    except TimeoutError as late:
        raise ConnectError("away") from late
    except PlatformError as error:
        _log(login, error)
        raise ConnectError("not_accepted", said=error.message, code=error.code) from error


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
            found = [sanitized(profile) for profile in shown]
            if not found:
                raise ConnectError("no_profiles")
            complete = [each for each in found if not _missing(login, each.tokens.scopes)]
            if not complete:
                _require(login, found[0].tokens.scopes)
            return complete

    return run


def _log(login: Login, error: PlatformError) -> None:
    log.warning(
        "connect_failed",
        platform=login.platform,
        code=error.code,
        platform_code=error.platform_code,
        http_status=error.http_status,
        failure=error.message,
        body=error.body[:500],
    )


def _missing(login: Login, granted: tuple[str, ...]) -> tuple[str, ...]:
    """Return the scopes that were not granted, as far as the network says."""
    return oauth.missing_scopes(login.method, granted) if granted else ()


def _require(login: Login, granted: tuple[str, ...]) -> None:
    if lacking := _missing(login, granted):
        raise ConnectError("missing_scopes", scopes=", ".join(lacking))


TIMES = ("expires_at", "refresh_expires_at")
NAMES = ("name", "username", "display_name", "avatar_url")


def sanitized(profile: Profile) -> Profile:
    """Return the profile, with names that the columns of an account can hold."""
    return replace(profile, **sanitize.values({name: getattr(profile, name) for name in NAMES}))


def as_json(profile: Profile) -> dict[str, Any]:
    """Contains the tokens: encrypt it."""
    found = asdict(profile)
    for name in TIMES:
        at = found["tokens"][name]
        found["tokens"][name] = at and at.isoformat()
    return found


def from_json(data: Mapping[str, Any]) -> Profile:
    tokens = dict(data["tokens"])
    for name in TIMES:
        tokens[name] = tokens[name] and datetime.fromisoformat(tokens[name])
    tokens["scopes"] = tuple(tokens["scopes"])
    return Profile(**{**data, "tokens": Tokens(**tokens)})
