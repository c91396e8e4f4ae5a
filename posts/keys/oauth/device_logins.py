"""Logins of programs without a browser, as RFC 8628 has them: a terminal gets a code, an operator
compares it on a page and grants a key, and the terminal fetches that.

The threats: anyone may begin, so rows and calls are bounded by address and in number; what is
stored opens nothing, since the key is made only as it is fetched; and an operator may be sent the
code of a stranger's terminal, so the page says who asked from where and what to compare.

The key is in one answer. If that is lost, asking again revokes the key: whether the first answer
went to another program cannot be told. The terminal has to log in again.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal

import structlog
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.crypto import salted_hmac

from destinations.runtime import addresses, clock
from posts import rate_windows
from posts.errors import RequestRefused
from posts.keys import keys, rate_limits
from posts.keys.oauth import consents, limits
from posts.models import DeviceLogin

log = structlog.get_logger()

State = DeviceLogin.State
Status = Literal["pending", "slow_down", "denied", "expired", "authorized"]

#: RFC 8628, 6.1: no vowels, so that no code is a word.
LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
CODE_LETTERS = 8
LIFETIME = timedelta(minutes=15)
#: How long a program waits between two questions.
INTERVAL = timedelta(seconds=5)
#: How many logins may wait for an operator at once, and how often one address may begin and ask.
MOST_PENDING = 500
STARTS = rate_windows.parse("10/min,60/h")
#: From all addresses of one network (/24, /48).
WIDE_STARTS = rate_windows.parse("30/min,180/h")
QUESTIONS = rate_windows.parse("120/min")
#: For how long a login is kept that no operator decided, and one that was decided.
FORGOTTEN_AFTER, HISTORY = timedelta(hours=1), timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Started:
    """A new login; only its program knows the device code."""

    login: DeviceLogin
    user_code: str
    device_code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class TokenAnswer:
    """What a program is told; with `authorized` it gets the secret of its key."""

    status: Status
    login: DeviceLogin | None = None
    secret: str = field(default="", repr=False)


def start(client_name: str, address: str) -> Started:
    """A new login for a program that called from this network. Raises RequestRefused."""
    rate_limits.demand_of(address, "device_logins", STARTS, "logins from this address")
    network = addresses.wide(address)
    rate_limits.demand_of(network, "device_logins", WIDE_STARTS, "logins from this network")
    _forget()
    if count := limits.make_room(pending(), MOST_PENDING):
        log.warning("device_logins_made_place", count=count, most=MOST_PENDING)
    now = clock.now()
    device_code, user_code = secrets.token_urlsafe(32), _new_code()
    login = DeviceLogin.objects.create(
        device_hash=keys.digest(device_code),
        user_code_hash=_hash(user_code),
        client_name=client_name,
        address=address,
        created_at=now,
        expires_at=now + LIFETIME,
    )
    log.info("device_login_started", login=str(login.pk), client=client_name, ip=address)
    return Started(login, user_code, device_code)


def pending() -> QuerySet[DeviceLogin]:
    """Those that wait for an operator."""
    return DeviceLogin.objects.filter(state=State.PENDING, expires_at__gt=clock.now())


def ask(device_code: str, address: str) -> TokenAnswer:
    """Return what became of a login; once, its key. Raises RequestRefused if no key can be made."""
    if rate_limits.refusing(rate_limits.take_of(address, "device_questions", QUESTIONS)):
        return TokenAnswer("slow_down")
    with transaction.atomic():
        rows = DeviceLogin.objects.filter(device_hash=keys.digest(device_code))
        login = rows.select_for_update().first()
        now = clock.now()
        if login is None or login.expires_at <= now:
            return TokenAnswer("expired")
        if login.state == State.DENIED:
            return TokenAnswer("denied")
        if login.state == State.AUTHORIZED:
            return _hand_over(login, address)
        if login.state == State.USED:
            _revoke(login, address)
            return TokenAnswer("expired")
        if login.polled_at and login.polled_at > now - INTERVAL:
            return TokenAnswer("slow_down")
        login.polled_at = now
        login.save(update_fields=["polled_at"])
    return TokenAnswer("pending")


def _hand_over(login: DeviceLogin, address: str) -> TokenAnswer:
    """Make the key of a locked login. Its operator must still be one who may make keys."""
    how = f"Fetched by {login.client_name} from {address}"
    made = consents.make_key(login, login.name, login.key_expires_at, how)
    if made is None:
        login.state = State.DENIED
        login.save(update_fields=["state"])
        return TokenAnswer("denied")
    key, secret = made
    login.state, login.api_key = State.USED, key
    login.save(update_fields=["state", "api_key"])
    by = str(login.decided_by)
    log.info("device_login_used", login=str(login.pk), key=key.prefix, ip=address, by=by)
    return TokenAnswer("authorized", login, secret)


def _revoke(login: DeviceLogin, address: str) -> None:
    """End the key of a login whose program asks for it again."""
    if login.api_key and keys.revoke(login.api_key):
        log.warning("device_login_asked_again", key=login.api_key.prefix, ip=address)


def find(user_code: str) -> DeviceLogin | None:
    """The login that waits for an operator under this code, as a person may write it."""
    letters = "".join(letter for letter in user_code[:50].upper() if letter.isalpha())
    if len(letters) != CODE_LETTERS or set(letters) - set(LETTERS):
        return None
    return pending().filter(user_code_hash=_hash(letters)).first()


def authorize(login: DeviceLogin, operator: User, grant: Mapping[str, Any]) -> None:
    """Let the program fetch a key as `keys.create` would make it. Raises RequestRefused.

    The key is made later, so what is refused here may be refused again then.
    """
    keys.check(**grant)
    keys.check_room(grant["workspace"].pk)
    _decide(
        login,
        operator,
        State.AUTHORIZED,
        workspace=grant["workspace"],
        name=grant["name"].strip(),
        scopes=list(grant["scopes"]),
        account_ids=[account.pk for account in grant["accounts"]],
        key_expires_at=grant["expires_at"],
    )


def deny(login: DeviceLogin, operator: User) -> None:
    """The program gets no key. Raises RequestRefused."""
    _decide(login, operator, State.DENIED)


def _decide(login: DeviceLogin, operator: User, state: DeviceLogin.State, **granted: Any) -> None:
    waiting = pending().filter(pk=login.pk)
    if not waiting.update(state=state, decided_at=clock.now(), decided_by=operator, **granted):
        raise RequestRefused("conflict", "This login was decided or has expired in the meantime.")
    log.info(f"device_login_{state}", login=str(login.pk), by=f"operator:{operator}")


def shown(user_code: str) -> str:
    """BCDFGHJK as BCDF-GHJK."""
    letters = "".join(letter for letter in user_code.upper() if letter.isalpha())
    return f"{letters[:4]}-{letters[4:]}"


def _forget() -> None:
    """Delete what is over, so that the table needs no other upkeep."""
    now = clock.now()
    undecided = Q(state=State.PENDING, expires_at__lt=now - FORGOTTEN_AFTER)
    DeviceLogin.objects.filter(undecided | Q(expires_at__lt=now - HISTORY)).delete()


def _new_code() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(CODE_LETTERS))


def _hash(user_code: str) -> str:
    return salted_hmac("dovecote.user_code", user_code, algorithm="sha256").hexdigest()
