"""Connect an account by its server's consent page, or by a token that its owner made there.

Anyone may register an app at any server, and needs no review: Dovecote does so where its owner says
that the account lives. Tokens do not expire.

Source: https://docs.joinmastodon.org/methods/apps/#create, https://docs.joinmastodon.org/methods/oauth/
and https://docs.joinmastodon.org/methods/accounts/#verify_credentials (read 2026-11-30). Mastodon
before 4.3 forgets apps without any token.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from platforms.drafts import Credentials
from platforms.errors import OutcomeUnknown, PlatformError, Rejected, Unauthorized, Unavailable
from platforms.http.client import Answer, Client
from platforms.login_forms import FormField, FormLogin, ServerLogin
from platforms.mastodon import errors
from platforms.mastodon.server import ID, host_of
from platforms.oauth import App, Profile, Tokens, refusal

HOST_CHARS = 253
HOST = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,126}[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?"
)
#: What people copy with a server's host: the protocol, and the name of an account before it.
BEFORE_HOST = re.compile(r"^(?:https?://)?(?:@?[\w.-]{1,100}@)?", re.IGNORECASE)
#: How servers refuse a token when they are asked whose it is; snac 2.75 says 422.
NO_ONE = (401, 403, 422)
#: Of those that are not known here, none of which is of use.
MOST_SCOPES = 20
#: What the table of accounts holds.
ID_CHARS = 200
NO_API = (404, 405, 410)
NOT_MASTODON = "{} does not speak the API of Mastodon. Enter the address of the account's server."
SERVER = FormField(
    "instance",
    "Server",
    "mastodon.social",
    "Where the account lives, such as mastodon.social.",
)


def host_named(given: str) -> str:
    """Return the host that an address or a handle names. Raises Rejected (`handle_refused`)."""
    name = BEFORE_HOST.sub("", given.strip()).partition("/")[0]
    try:
        host = name.rstrip(".").encode("idna").decode().lower() if not name.isascii() else name
    except UnicodeError:
        host = ""
    host = host.rstrip(".").lower()
    if len(host) > HOST_CHARS or not HOST.fullmatch(host):
        raise Rejected("Enter a server such as mastodon.social.", code="handle_refused")
    return host


class MastodonLogin(ServerLogin):
    name = "Mastodon"
    intro = "Enter the address of the account's server, which asks for your permission next."
    fields = (SERVER,)
    scopes = ("read:accounts", "read:statuses", "write:statuses", "write:media")

    def server(self, answers: Mapping[str, str]) -> str:
        return f"https://{host_named(answers[SERVER.name])}"

    async def register(self, server: str, redirect_uri: str, http: Client) -> App:
        body = {
            "client_name": "Dovecote",
            "redirect_uris": redirect_uri,
            "scopes": " ".join(self.scopes),
        }
        url = f"{server}/api/v1/apps"
        answer = await http.post(url, json=body, accept=NO_API, is_foreign=True)
        if answer.status in NO_API:
            raise _not_mastodon(server)
        app = App(answer.take("client_id"), answer.take("client_secret"), server=server)
        http.hide(app.client_secret)
        return app

    async def is_registered(self, app: App, http: Client) -> bool:
        """Ask for a token of the app itself. Not all servers give one: then it counts as gone."""
        http.hide(app.client_secret)
        form = {"grant_type": "client_credentials", **self.app_keys(app)}
        answer = await http.post(
            f"{app.server}{self.token_endpoint}",
            data=form,
            accept=(400, 401, 403, 404, 422),
            is_foreign=True,
        )
        http.hide(str(answer.json_object().get("access_token") or ""))
        return answer.status == 200

    async def tokens(self, app: App, form: Mapping[str, str], http: Client) -> Tokens:
        """Return what the server gives: some name `write` for all that begins with it."""
        given = await super().tokens(app, form, http)
        told = set(given.scopes)
        known = [each for each in self.scopes if told & {each, each.partition(":")[0]}]
        return replace(given, scopes=tuple(known) or given.scopes[:MOST_SCOPES])

    async def profiles(self, app: App, tokens: Tokens, http: Client) -> Sequence[Profile]:
        host = app.server.removeprefix("https://")
        if not tokens.scopes:
            # snac 2.75 names none: what was asked for is what was granted.
            tokens = replace(tokens, scopes=self.scopes)
        found = await _profile(host, tokens, http)
        if not tokens.refresh:
            return [found]
        # Akkoma's tokens expire, and only the app that got them can renew them.
        kept = {"client_id": app.client_id, "client_secret": app.client_secret}
        return [replace(found, extra=kept)]

    def can_refresh(self, account: Credentials) -> bool:
        return bool(account.refresh_token and account.extra.get("client_secret"))

    async def refresh(self, app: App, account: Credentials, http: Client) -> Tokens:
        extra, host = account.extra, host_of(account.platform_account_id)
        keys = extra.get("client_id", ""), extra.get("client_secret", "")
        own = App(*keys, server=f"https://{host}")
        return await super().refresh(own, account, http)

    def explain(self, answer: Answer) -> PlatformError:
        word, said = refusal(answer)
        if word == "invalid_client":
            return self.app_refused(said, word)
        if word == "invalid_grant":
            return Unauthorized(f"The server refused the login: {said}", platform_code=word)
        return _of_login(answer)


class TokenLogin(FormLogin):
    """A token from the server's own settings, as people use who write programs for it."""

    name = "Mastodon"
    scopes = MastodonLogin.scopes
    intro = (
        "Create an application in the server's settings, under Development, that may "
        f"{', '.join(MastodonLogin.scopes)}; enter its access token."
    )
    fields = (
        SERVER,
        FormField(
            "access_token",
            "Access token",
            "ZA-Yj3aBD8U8Cm7lKUp-lm9O9BmDgdhHzDeqsY8tlL0",
            "Of the application that you created there.",
            is_secret=True,
            max_chars=500,
        ),
    )

    async def sign_in(self, answers: Mapping[str, str], http: Client) -> Sequence[Profile]:
        token = answers["access_token"]
        http.hide(token)
        host = host_named(answers[SERVER.name])
        return [await _profile(host, Tokens(access=token), http)]

    async def refresh(self, app: App, account: Credentials, http: Client) -> Tokens:
        raise Unauthorized("A token that its owner made is not renewed; enter another one.")

    def explain(self, answer: Answer) -> PlatformError:
        return _of_login(answer)


async def _profile(host: str, tokens: Tokens, http: Client) -> Profile:
    """Return the account that a token belongs to. Raises Unauthorized if it is no one's."""
    answer = await http.get(
        f"https://{host}/api/v1/accounts/verify_credentials",
        headers=tokens.bearer,
        accept=(*NO_ONE, *NO_API),
        is_foreign=True,
    )
    if answer.status in NO_API:
        raise _not_mastodon(f"https://{host}")
    if answer.status in NO_ONE:
        raise Unauthorized(f"{host} does not accept this access token.", http_status=answer.status)
    name, number = f"{answer.take('username')}@{host}", answer.take("id")
    shown = answer.json_object()
    if not ID.fullmatch(number) or len(f"{number}@{host}") > ID_CHARS:
        answer.unreadable("it names no account")
    return Profile(
        platform_account_id=f"{number}@{host}",
        name=f"@{name}",
        username=name,
        display_name=str(shown.get("display_name") or ""),
        avatar_url=_picture(shown),
        tokens=tokens,
    )


def _picture(shown: Mapping[str, Any]) -> str:
    avatar = shown.get("avatar")
    is_url = isinstance(avatar, str) and avatar.startswith("https://") and len(avatar) <= 1000
    return str(avatar) if is_url else ""


def _of_login(answer: Answer) -> PlatformError:
    error = errors.explain(answer)
    if isinstance(error, Rejected | OutcomeUnknown):
        # What a login is refused with is either in a table, or says nothing about it.
        error.unmapped = isinstance(error, Rejected)
        return error.as_(Unavailable, code="")
    return error


def _not_mastodon(server: str) -> Rejected:
    return Rejected(NOT_MASTODON.format(server.removeprefix("https://")), code="handle_refused")
