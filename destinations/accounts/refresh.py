"""Refresh an account's tokens, by the clock or in the middle of a publish.

Runs on the network's loop; the commands of `tokens` take the lease and store the answer, so no
transaction is open while the network works. Before it is stored, the answer is noted in Redis, in
case the database loses it (`tokens.newest`). Only the network's own refusal proves that an
authorization is gone. A network failure, or a refusal of this installation's app, says nothing
about the account.
"""

import asyncio
import random
import threading
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

import structlog

from destinations.accounts import encryption, oauth_apps
from destinations.accounts.tokens import commands, newest
from destinations.accounts.tokens.commands import (
    AccountGone,
    Acquired,
    AcquireRefresh,
    AlreadyRefreshed,
    MarkUnauthorized,
    RefreshInProgress,
    ReleaseRefresh,
    StoreTokens,
)
from destinations.models import Account
from destinations.runtime import clock, failpoints
from destinations.runtime.worker import adapter_crash, batch, event_loop
from destinations.runtime.worker.command_queue import Execute
from destinations.statistics.counting import Refresh
from platforms.drafts import Credentials
from platforms.errors import PlatformError, Unauthorized, Unavailable
from platforms.http.client import Client
from platforms.oauth import App, LoginMethod, Tokens
from platforms.registry import ADAPTERS

log = structlog.get_logger()

#: How long a network may take, both tries together; the lease is longer.
NETWORK_SECONDS = 45
#: How long another process's refresh is waited for, and how often it is checked.
WAIT_SECONDS, CHECK_SECONDS = commands.LEASE_SECONDS, 0.2
#: After a failure the tick waits for a time between these.
PAUSE_SECONDS = (120, 300)
#: Refreshes of one platform in flight at a tick.
IN_FLIGHT = 10


def is_due(platform: str, credentials: Credentials, expires_at: datetime | None) -> bool:
    """Return whether a token has expired or soon will, and can be refreshed."""
    if expires_at is None:
        return False
    login = oauth_apps.find(platform, credentials.login)
    if login is None or expires_at - login.method.refresh_margin > clock.known():
        return False
    return login.method.can_refresh(credentials)


async def refresh(
    network: event_loop.Loop, platform: str, account_id: int, seen: Credentials, execute: Execute
) -> Credentials:
    """Credentials that are newer than `seen`, and stored.

    Raises Unauthorized if the network has proven that the authorization is gone, or if nothing
    can be refreshed; Unavailable if it could not be asked.
    """
    acquired = await _acquire(account_id, seen, execute)
    if isinstance(acquired, AlreadyRefreshed):
        return acquired.credentials
    if isinstance(acquired, AccountGone):
        raise _unauthorized(platform)
    if kept := await _kept(account_id, acquired):
        return await _take_over(network, platform, account_id, acquired, kept, execute)
    try:
        given = await _ask_network(network, platform, acquired)
    except PlatformError as error:
        # Another process may have been given the new pair meanwhile, and spent this one.
        is_refused = isinstance(error, Unauthorized)
        if is_refused and (kept := await _kept(account_id, acquired)):
            return await _take_over(network, platform, account_id, acquired, kept, execute)
        await execute(_end(platform, account_id, acquired, error))
        raise
    await asyncio.to_thread(newest.keep, account_id, acquired.credentials, given)
    failpoints.reach(failpoints.REFRESHED, platform)
    store = StoreTokens(account_id, acquired.credentials, given, Refresh(platform))
    credentials: Credentials = await execute(store)
    log.info("refreshed", account=account_id, platform=platform)
    return credentials


async def _kept(account_id: int, acquired: Acquired) -> Tokens | None:
    """Return what Redis knows the stored pair was exchanged for."""
    return await asyncio.to_thread(newest.after, account_id, acquired.credentials)


async def _take_over(
    network: event_loop.Loop,
    platform: str,
    account_id: int,
    acquired: Acquired,
    kept: Tokens,
    execute: Execute,
) -> Credentials:
    """Store tokens that the database has lost, and refresh them if they expire soon."""
    credentials: Credentials = await execute(StoreTokens(account_id, acquired.credentials, kept))
    log.warning("lost_tokens_recovered", account=account_id, platform=platform)
    if is_due(platform, credentials, kept.expires_at):
        return await refresh(network, platform, account_id, credentials, execute)
    return credentials


def _end(
    platform: str, account_id: int, acquired: Acquired, error: PlatformError
) -> MarkUnauthorized | ReleaseRefresh:
    """Return what ends a refresh that failed."""
    claim, used = acquired.claim, acquired.credentials
    if isinstance(error, Unauthorized):
        if not oauth_apps.can_refresh(platform, used):
            return ReleaseRefresh(account_id, claim)
        log.warning("refresh_refused", account=account_id, platform=platform)
        return MarkUnauthorized(account_id, used, claim, Refresh(platform, error.code))
    failure = {"code": error.code, "platform_code": error.platform_code}
    ids = {"account": account_id, "platform": platform}
    log.warning("refresh_failed", **ids, **failure, failure=error.message)
    pause, counts = random.uniform(*PAUSE_SECONDS), Refresh(platform, error.code)
    return ReleaseRefresh(account_id, claim, pause, counts)


async def _acquire(
    account_id: int, seen: Credentials, execute: Execute
) -> Acquired | AlreadyRefreshed | AccountGone:
    give_up_at = asyncio.get_running_loop().time() + WAIT_SECONDS
    while True:
        result: Acquired | AlreadyRefreshed | RefreshInProgress | AccountGone = await execute(
            AcquireRefresh(account_id, seen)
        )
        if not isinstance(result, RefreshInProgress):
            return result
        if asyncio.get_running_loop().time() > give_up_at:
            raise Unavailable("The account's authorization is being renewed.")
        await asyncio.sleep(CHECK_SECONDS)


async def _ask_network(network: event_loop.Loop, platform: str, acquired: Acquired) -> Tokens:
    """Ask for new tokens, by the stored pair, or the one before it if only that still works."""
    held, before = acquired.credentials, acquired.previous
    login = oauth_apps.find(platform, held.login)
    if login is None or not login.method.can_refresh(held):
        raise _unauthorized(platform)
    if login.app is None:
        raise Unavailable(
            f"{ADAPTERS[platform].name} is not set up on this installation: "
            f"{login.name.upper()}_CLIENT_ID is missing.",
            code="app_refused",
        )
    hidden = [*held.secrets(), login.app.client_secret, *(before.secrets() if before else ())]
    http = Client(
        network.transport(platform),
        explain=login.method.explain,
        secrets=hidden,
        may_leave=acquired.is_certain,
    )
    try:
        async with asyncio.timeout(NETWORK_SECONDS):
            with adapter_crash.contained(http, platform, TimeoutError):
                return await _refresh_or_fall_back(login.method, login.app, held, before, http)
    except TimeoutError:
        raise Unavailable(f"{ADAPTERS[platform].name} took too long.", code="deadline") from None


async def _refresh_or_fall_back(
    method: LoginMethod, app: App, held: Credentials, before: Credentials | None, http: Client
) -> Tokens:
    try:
        return await _with_one_retry(partial(method.refresh, app, held, http))
    except Unauthorized:
        if before is None:
            raise
        given = await method.refresh(app, before, http)
        return replace(given, refresh=given.refresh or before.refresh_token)


async def _with_one_retry(call: Callable[[], Awaitable[Tokens]]) -> Tokens:
    """Call again if the answer was lost: the old refresh token may still work, or be refused."""
    try:
        return await call()
    except Unavailable as error:
        lost = error.http_status is None or error.http_status < 300
        if not lost or error.code == "app_refused":
            raise
    return await call()


def _unauthorized(platform: str) -> Unauthorized:
    name = ADAPTERS[platform].name
    return Unauthorized(f"{name} no longer accepts this account's authorization; reconnect it.")


# By beat

_one_at_a_time = threading.Lock()


def tick_alone() -> int:
    """Run `tick`, unless another thread of this process is at it; then return 0.

    Beat asks once a minute. While a network hangs each tick takes minutes, and without this they
    would come to hold every thread of the worker, also those that its other messages need.
    """
    if not _one_at_a_time.acquire(blocking=False):
        return 0
    try:
        return tick()
    finally:
        _one_at_a_time.release()


def tick() -> int:
    """Refresh what is due; returns how many accounts that was."""
    accounts = list(commands.due(clock.now()))
    network = event_loop.current()
    priority = network.next_priority()
    starts = [partial(_refresh_account, network, priority, *found) for found in _readable(accounts)]
    batch.run(network.command_queue(), starts, by="beat")
    return len(starts)


def _readable(accounts: Sequence[Account]) -> list[tuple[str, int, Credentials]]:
    found = []
    for account in accounts:
        try:
            found.append((account.platform, account.pk, encryption.credentials(account)))
        except encryption.Unreadable:
            log.error("credentials_unreadable", account=account.pk)
    return found


async def _refresh_account(
    network: event_loop.Loop,
    priority: int,
    platform: str,
    account_id: int,
    seen: Credentials,
    execute: Execute,
) -> None:
    slots = network.slots(f"{platform}:refresh", IN_FLIGHT)
    await slots.acquire(priority)
    try:
        await refresh(network, platform, account_id, seen, execute)
    except PlatformError:
        pass  # It is in the log, and marked on the account if it was proven.
    finally:
        slots.release()
