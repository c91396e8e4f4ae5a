"""Refresh an account's tokens, by the clock or in the middle of a publish.

Runs on the network's loop and asks the thread that owns the database to take the lease and to
store the answer (`tokens`), so no transaction is open while the network works. Only a network's
own refusal of the authorization says that it is gone; a failure of the way, or of this
installation's app, says nothing about the account.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial

import structlog

from destinations.accounts import encryption, oauth_apps, tokens
from destinations.accounts.tokens import Busy, Fresh, GiveBack, Gone, Keep, Mark, Take, Taken
from destinations.models import Account
from destinations.publishing import commands, job
from destinations.runtime import clock, event_loop, failpoints
from destinations.runtime.event_loop import Ask
from platforms.drafts import Credentials
from platforms.errors import PlatformError, Unauthorized, Unavailable
from platforms.http.client import Client
from platforms.oauth import Tokens
from platforms.registry import ADAPTERS

log = structlog.get_logger()

#: How long a network may take, both tries together; the lease is longer.
NETWORK_SECONDS = 45
#: How long somebody else's refresh is waited for, and how often it is looked at.
WAIT_SECONDS, LOOK_SECONDS = tokens.LEASE_SECONDS, 0.2
#: The clock's pause after a failure.
PAUSE_SECONDS = (120, 300)
#: Refreshes of one platform in flight at the clock's tick.
IN_FLIGHT = 10


async def refresh(
    network: event_loop.Loop, platform: str, account_id: int, seen: Credentials, ask: Ask
) -> Credentials:
    """Credentials that are newer than `seen`, stored.

    Raises Unauthorized if the network has proven that the authorization is gone, or if nothing
    can be refreshed; Unavailable if it could not be asked.
    """
    taken = await _take(account_id, seen, ask)
    if isinstance(taken, Fresh):
        return taken.credentials
    if isinstance(taken, Gone):
        raise Unauthorized(_lost(platform))
    try:
        given = await _ask_network(network, platform, taken)
    except Unauthorized:
        if _is_refreshable(platform, seen):
            log.warning("refresh_refused", account=account_id, platform=platform)
            await ask(Mark(account_id, taken.credentials, taken.claim))
        else:
            await ask(GiveBack(account_id, taken.claim))
        raise
    except PlatformError as error:
        log.warning(
            "refresh_failed",
            account=account_id,
            platform=platform,
            code=error.code,
            platform_code=error.platform_code,
            failure=error.message,
        )
        await ask(GiveBack(account_id, taken.claim, random.uniform(*PAUSE_SECONDS)))
        raise
    failpoints.reach(failpoints.REFRESHED, platform)
    credentials: Credentials = await ask(Keep(account_id, taken.claim, taken.credentials, given))
    log.info("refreshed", account=account_id, platform=platform)
    return credentials


async def _take(account_id: int, seen: Credentials, ask: Ask) -> Taken | Fresh | Gone:
    give_up_at = asyncio.get_running_loop().time() + WAIT_SECONDS
    while True:
        found: Taken | Fresh | Busy | Gone = await ask(Take(account_id, seen))
        if not isinstance(found, Busy):
            return found
        if asyncio.get_running_loop().time() > give_up_at:
            raise Unavailable("The account's authorization is being renewed.")
        await asyncio.sleep(LOOK_SECONDS)


async def _ask_network(network: event_loop.Loop, platform: str, taken: Taken) -> Tokens:
    """New tokens for what is stored, or for the pair before it if that one alone is still good."""
    login = oauth_apps.of(platform, taken.credentials.login)
    held = taken.credentials
    if login is None or not login.oauth.can_refresh(held):
        raise Unauthorized(_lost(platform))
    if login.app is None:
        raise Unavailable(
            f"{ADAPTERS[platform].name} is not set up on this installation: "
            f"{login.name.upper()}_CLIENT_ID is missing.",
            code="app_refused",
        )
    hidden = [*held.secrets(), login.app.client_secret]
    hidden += taken.previous.secrets() if taken.previous else ()
    http = Client(network.transport(platform), explain=login.oauth.explain, secrets=hidden)
    try:
        async with asyncio.timeout(NETWORK_SECONDS):
            try:
                return await _twice(partial(login.oauth.refresh, login.app, held, http))
            except Unauthorized:
                if taken.previous is None:
                    raise
                before = taken.previous
                given = await login.oauth.refresh(login.app, before, http)
                return replace(given, refresh=given.refresh or before.refresh_token)
    except TimeoutError:
        raise Unavailable(f"{ADAPTERS[platform].name} took too long.", code="deadline") from None
    except PlatformError:
        raise
    except Exception as failure:
        log.error("refresh_broke", platform=platform, exception=http.traceback())
        raise Unavailable("Renewing broke off.", code="internal_error") from failure


async def _twice(call: Callable[[], Awaitable[Tokens]]) -> Tokens:
    """Once more if the answer was lost: the old refresh token may still be good, or be refused."""
    try:
        return await call()
    except Unavailable as error:
        lost = error.http_status is None or error.http_status < 300
        if not lost or error.code == "app_refused":
            raise
    return await call()


def _is_refreshable(platform: str, credentials: Credentials) -> bool:
    login = oauth_apps.of(platform, credentials.login)
    return login is not None and login.oauth.can_refresh(credentials)


def _lost(platform: str) -> str:
    name = ADAPTERS[platform].name
    return f"{name} no longer accepts this account's authorization; reconnect it."


# By the clock


def tick() -> int:
    """Refresh what is due; returns how many accounts were looked at."""
    accounts = list(tokens.due(clock.now()))
    network = event_loop.current()
    turn = network.turn()
    starts = [partial(_one, network, turn, *found) for found in _readable(accounts)]
    for group in network.stream(starts, idle_seconds=5):
        if group:
            commands.patiently(partial(commands.record, group, "beat"))
    return len(starts)


def _readable(accounts: Sequence[Account]) -> list[tuple[str, int, Credentials]]:
    found = []
    for account in accounts:
        try:
            found.append((account.platform, account.pk, job.credentials(account)))
        except encryption.Unreadable:
            log.error("credentials_unreadable", account=account.pk)
    return found


async def _one(
    network: event_loop.Loop, turn: int, platform: str, account_id: int, seen: Credentials, ask: Ask
) -> None:
    slots = network.slots(f"{platform}:refresh", IN_FLIGHT)
    await slots.take(turn)
    try:
        await refresh(network, platform, account_id, seen, ask)
    except PlatformError:
        pass  # Told in the log, and at the account if it was proven.
    finally:
        slots.give_back()
