"""Read the limits of servers once a day, for networks whose accounts live on many servers.

Composing a post reads them from the table and asks no server. Until they are known, the network's
common limits count.
"""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

import structlog

from destinations.accounts import oauth_apps
from destinations.models import Account, Server
from destinations.runtime import clock
from destinations.runtime.worker import adapter_crash
from platforms.errors import PlatformError
from platforms.http.client import Client
from platforms.registry import ADAPTERS

log = structlog.get_logger()

#: How long what a server said counts, and how soon one is asked again that did not answer.
KEPT, AGAIN = timedelta(days=1), timedelta(hours=1)
#: Servers that are asked at once, and how long each of them may take.
MOST, SECONDS = 10, 30


def limits_of(accounts: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Mapping[str, Any]]:
    """Return what the servers of accounts take, by the network and its id of the account.

    Those of whose servers nothing is known are left out.
    """
    hosts = {each: ADAPTERS[each[0]].server_of(each[1]) for each in accounts}
    wanted = {(platform, host) for (platform, _), host in hosts.items() if host}
    if not wanted:
        return {}
    platforms, names = ({each[at] for each in wanted} for at in (0, 1))
    rows = Server.objects.filter(platform__in=platforms, host__in=names).exclude(limits={})
    found = {(row.platform, row.host): row.limits for row in rows}
    return {
        (platform, number): found[platform, host]
        for (platform, number), host in hosts.items()
        if (platform, host) in found
    }


def read_due() -> int:
    """Ask the servers whose time has come; returns how many. Forgets those without accounts."""
    now = clock.now()
    due = list(Server.objects.filter(read_due_at__lte=now).order_by("read_due_at")[:MOST])
    used = [row for row in due if _is_used(row)]
    Server.objects.filter(pk__in={row.pk for row in due} - {row.pk for row in used}).delete()
    # Before they are asked, so that no two workers do.
    Server.objects.filter(pk__in=[row.pk for row in used]).update(read_due_at=now + AGAIN)
    for platform in {row.platform for row in used}:
        _read(platform, [row for row in used if row.platform == platform])
    return len(used)


def _is_used(row: Server) -> bool:
    end = f"@{row.host}"
    accounts = Account.objects.filter(platform=row.platform, platform_account_id__endswith=end)
    return accounts.exists()


def _read(platform: str, rows: list[Server]) -> None:
    login = oauth_apps.find(platform)
    assert login is not None  # noqa: S101 - its accounts were connected by one

    async def run(http: Client) -> list[Mapping[str, Any] | None]:
        return await asyncio.gather(*(_asked(row, http) for row in rows))

    told = oauth_apps.call(login, run)
    for row, limits in zip(rows, told, strict=True):
        if limits is not None:
            Server.objects.filter(pk=row.pk).update(
                limits=dict(limits), read_due_at=clock.now() + KEPT
            )


async def _asked(row: Server, http: Client) -> Mapping[str, Any] | None:
    """Return what a server says of itself; None if it cannot be read now."""
    try:
        async with asyncio.timeout(SECONDS):
            with adapter_crash.contained(http, row.platform, TimeoutError):
                return await ADAPTERS[row.platform].read_server(row.host, http)
    except (PlatformError, TimeoutError) as failure:
        log.warning("server_unread", platform=row.platform, host=row.host, failure=str(failure))
        return None
