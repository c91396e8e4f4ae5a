"""The flow from a link (`links`) to connected accounts: open, begin, callback or submit, choose.

Where the owner first names the account's server, `leave` comes between the form and the callback.

The threats: a link travels by mail and chat, whose programs open it to show a preview; it may come
from a stranger who wants to post in the reader's name; the network's answer passes through a
browser's address bar, and its code is valid for seconds. So opening a link changes nothing: a page
says who asks, and a button begins. Each later step works once, only in the browser that pressed the
button and only for the newest start, and the code is exchanged before anything else is done. Tokens
and codes are stored hashed or encrypted. No account is saved before its owner has seen which
profile goes to which workspace, and agreed.
"""

import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import QuerySet
from django.utils.crypto import constant_time_compare

from destinations.accounts import encryption, exchange, oauth_apps, store
from destinations.accounts.links import STEP_TIME, hashed, login_of, open_link
from destinations.accounts.messages import ConnectError
from destinations.models import Account, Connection
from destinations.runtime import clock
from destinations.runtime.request_waits import RequestWaitLimiter
from destinations.wording import quoted
from platforms.oauth import App, ConsentRequest, Profile

log = structlog.get_logger()

#: How long the whole flow may take.
WHOLE_TIME = timedelta(hours=1)
#: A network's answer may take long.
_room = RequestWaitLimiter()
#: What a connection keeps of a login that came to nothing.
FORGOTTEN = {"found": "", "verifier": "", "state_hash": "", "browser_hash": ""}
#: What is kept of an app at a server until the login ends.
APP_FIELDS = ("client_id", "client_secret", "server", "extra")
#: The errors that networks return when a person declines.
DENIALS = {"access_denied", "user_cancelled_login", "user_cancelled_authorize", "user_denied"}


@dataclass(frozen=True, slots=True)
class StartedLogin:
    """The address the browser goes to next, and the secret it must bring back."""

    connection: Connection
    address: str
    browser: str = field(repr=False)


def begin(token: str) -> StartedLogin:
    """Begin the login, or begin it again; only the newest one is valid. Raises ConnectError."""
    connection, now = open_link(token), clock.now()
    login = login_of(connection)
    assert login.app is not None  # noqa: S101 - `login_of` refused the others
    state, browser, verifier = (secrets.token_urlsafe(48) for _ in range(3))
    started = Connection.objects.filter(pk=connection.pk, used_at=None).update(
        state_hash=hashed(state),
        browser_hash=hashed(browser),
        verifier=encryption.seal({"verifier": verifier}),
        returned_at=None,
        cancelled_at=None,
        found="",
        expires_at=_next_step(connection, now),
    )
    if not started:
        raise ConnectError("used", connection)
    if login.first_form:
        return StartedLogin(connection, f"/connect/{connection.pk}/form", browser)
    address = login.oauth.authorize_url(
        login.app, ConsentRequest(login.redirect_uri, state, verifier)
    )
    return StartedLogin(connection, oauth_apps.resolve(address), browser)


def leave(connection: Connection, answers: Mapping[str, str]) -> str:
    """Return the address of the consent page of the server that a form leads to.

    Its return is valid only for the newest server that was named. Raises ConnectError as `submit`.
    """
    state, verifier = (secrets.token_urlsafe(48) for _ in range(2))
    with _room.one(connection.workspace_id) as has_place:
        if not has_place:
            raise ConnectError("busy", connection)
        try:
            login = login_of(connection)
            asked = ConsentRequest(login.redirect_uri, state, verifier)
            app, address = exchange.leave(login, answers, asked)
        except ConnectError as error:
            error.connection = connection
            raise
    kept = {name: value for name, value in asdict(app).items() if name in APP_FIELDS}
    left = _unchanged(connection).update(
        state_hash=hashed(state),
        verifier=encryption.seal({"verifier": verifier, "app": kept}),
        returned_at=None,
        expires_at=_next_step(connection, clock.now()),
    )
    if not left:
        raise ConnectError("unknown_state", connection)
    return oauth_apps.resolve(address)


def submit(connection: Connection, answers: Mapping[str, str]) -> None:
    """Log in with the answers of a form: store the profiles (`found`) for their owner to choose.

    Raises ConnectError; after `not_accepted` the same form may be sent again.
    """
    with _room.one(connection.workspace_id) as has_place:
        if not has_place:
            raise ConnectError("busy", connection)
        try:
            profiles = exchange.sign_in(login_of(connection), answers)
        except ConnectError as error:
            error.connection = connection
            raise
    now = clock.now()
    _keep(connection, profiles, returned_at=now, expires_at=_next_step(connection, now))


def callback(app: str, answer: Mapping[str, str], browser: Callable[[int], str]) -> Connection:
    """Handle the network's return: store the profiles (`found`) for their owner to choose from.

    `browser` returns the secret that a connection's browser holds. Raises ConnectError.
    """
    connection = _by_state(app, answer.get("state", ""), browser)
    with _room.one(connection.workspace_id) as has_place:
        if not has_place:
            raise ConnectError("busy", connection)
        return _redeem(connection, answer)


def _redeem(connection: Connection, answer: Mapping[str, str]) -> Connection:
    now = clock.now()
    mine = _unchanged(connection).filter(returned_at=None)
    if not mine.update(returned_at=now, expires_at=_next_step(connection, now)):
        raise ConnectError("replayed", connection)
    connection.refresh_from_db()
    app = _app_at_server(connection)
    if app and not login_of(connection).oauth.is_returned_by(app, answer):
        log.warning("connect_refused", platform=connection.platform, error="another server's")
        raise ConnectError("refused", connection, error=quoted("another server's answer"))
    if "code" not in answer:
        error = answer.get("error", "") or answer.get("error_code", "")
        if error in DENIALS:
            _unchanged(connection).update(cancelled_at=now)
            raise ConnectError("denied", connection)
        log.warning("connect_refused", platform=connection.platform, error=error[:100])
        raise ConnectError("refused", connection, error=quoted(error or "no reason given", 100))
    _keep(connection, _fetch_profiles(connection, answer["code"]))
    return connection


def _keep(connection: Connection, profiles: list[Profile], **step: datetime) -> None:
    """Store what a login found, for its owner to choose from. Raises ConnectError."""
    found = _to_choose_from(connection, profiles)
    connection.found = encryption.seal({"profiles": [exchange.as_json(each) for each in found]})
    # The link may have been started again meanwhile, in another browser.
    if not _unchanged(connection).update(found=connection.found, **step):
        raise ConnectError("unknown_state", connection)


def choices(connection: Connection) -> list[Profile]:
    """Return the profiles found at the network, to choose from."""
    kept = encryption.unseal(connection.found).get("profiles", [])
    return [exchange.from_json(each) for each in kept]


def choose(connection: Connection, ids: Collection[str]) -> list[Account]:
    """Connect the chosen ones of `choices`; an empty choice does nothing. Raises ConnectError."""
    if connection.used_at or not connection.found:
        raise ConnectError("used", connection)
    chosen = [each for each in choices(connection) if each.platform_account_id in ids]
    return _save(connection, chosen) if chosen else []


def decline(connection: Connection) -> None:
    """Delete what the network gave, tokens too; the link works again. Raises ConnectError."""
    mine = _unchanged(connection).exclude(found="")
    if not mine.update(**FORGOTTEN, cancelled_at=clock.now()):
        raise ConnectError("used", connection)


def for_browser(number: int, browser: str) -> Connection:
    """Return a connection that this browser started. Raises ConnectError."""
    connection = Connection.objects.select_related("workspace").filter(pk=number).first()
    if connection is None or not _is_same_browser(connection, browser):
        raise ConnectError("foreign_browser")
    returned_at, now = connection.returned_at, clock.now()
    is_late = not connection.used_at and returned_at and returned_at + STEP_TIME <= now
    if connection.expires_at <= now or is_late:
        raise ConnectError("expired", connection)
    return connection


def _unchanged(connection: Connection) -> QuerySet[Connection]:
    """Return its row, unless it was restarted or used since it was read."""
    return Connection.objects.filter(
        pk=connection.pk, state_hash=connection.state_hash, used_at=None
    )


def _by_state(app: str, state: str, browser: Callable[[int], str]) -> Connection:
    found = Connection.objects.filter(state_hash=hashed(state), login=app) if state else None
    connection = found.first() if found is not None else None
    if connection is None:
        raise ConnectError("unknown_state")
    if not _is_same_browser(connection, browser(connection.pk)):
        raise ConnectError("foreign_browser")
    if connection.returned_at or connection.used_at:
        raise ConnectError("replayed", connection)
    if connection.expires_at <= clock.now():
        raise ConnectError("expired", connection)
    return connection


def _fetch_profiles(connection: Connection, code: str) -> list[Profile]:
    try:
        verifier = encryption.unseal(connection.verifier)["verifier"]
        login, app = login_of(connection), _app_at_server(connection)
        return exchange.redeem(replace(login, app=app or login.app), code, verifier)
    except ConnectError as error:
        error.connection = connection
        raise


def _app_at_server(connection: Connection) -> App | None:
    """Return the app at the server that a form named; None for a login without one."""
    kept = encryption.unseal(connection.verifier).get("app")
    return App(**kept) if kept else None


def _to_choose_from(connection: Connection, found: list[Profile]) -> list[Profile]:
    """Return all of them; for a reconnection, only the profile of that account."""
    account = connection.account
    if account is None:
        return found
    same = [each for each in found if each.platform_account_id == account.platform_account_id]
    if not same:
        others = ", ".join(quoted(each.name) for each in found[:5])
        name = quoted(account.name)
        raise ConnectError("other_profile", connection, others=others, account=name)
    return same[:1]


def _save(connection: Connection, chosen: Collection[Profile]) -> list[Account]:
    login, now = login_of(connection), clock.now()
    with transaction.atomic():
        mine = Connection.objects.select_for_update().get(pk=connection.pk)
        if mine.used_at or mine.state_hash != connection.state_hash:
            raise ConnectError("used", mine)
        app = _app_at_server(mine)
        saved = [store.connect(connection.workspace_id, login, each, app) for each in chosen]
        connection.used_at = now
        connection.expires_at = now + STEP_TIME
        connection.connected = [account.pk for account in saved]
        connection.found = connection.verifier = ""
        connection.save()
    return saved


def _next_step(connection: Connection, now: datetime) -> datetime:
    whole = connection.created_at + WHOLE_TIME
    if connection.account_id and connection.expires_at > whole:
        return connection.expires_at  # a link of days
    return min(now + STEP_TIME, whole)


def _is_same_browser(connection: Connection, browser: str) -> bool:
    return bool(browser) and constant_time_compare(connection.browser_hash, hashed(browser))
