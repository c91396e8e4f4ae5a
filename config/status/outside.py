"""Servers of others: the networks, of which only the root is requested, and single sign-on."""

import asyncio
from collections.abc import Iterator

from django.conf import settings

from config.operators.sso import provider
from config.status.fact import Finding, ok, problem, warning
from platforms.adapter import Adapter
from platforms.http.transport import Transport
from platforms.registry import ADAPTERS

TIMEOUT_SECONDS = 5


def check_egress() -> Iterator[Finding]:
    """Any answer will do: an unauthorized request is refused by the network itself."""
    adapters = list(ADAPTERS.values())
    for adapter, status in zip(adapters, asyncio.run(_statuses(adapters)), strict=True):
        if status is not None:
            yield ok("egress", f"{adapter.name} answers")
            continue
        report = problem if _is_used(adapter) else warning
        yield report(
            "egress",
            f"{adapter.name} cannot be reached at {adapter.origin}.",
            "Look at name resolution, at the firewall and at PLATFORM_BASE_URLS on this machine.",
        )


def _is_used(adapter: Adapter) -> bool:
    """Return whether this installation has an app there."""
    return any(login in settings.PLATFORM_APPS for login in adapter.logins)


async def _statuses(adapters: list[Adapter]) -> list[int | None]:
    transport = Transport(base_urls=settings.PLATFORM_BASE_URLS, gateway=settings.SIMULATOR_URL)
    try:
        return await asyncio.gather(
            *(transport.status_of(f"{each.origin}/", TIMEOUT_SECONDS) for each in adapters)
        )
    finally:
        await transport.close()


def check_provider() -> Iterator[Finding]:
    """Find nothing without a provider. Posts go out without it, so this is never a problem."""
    if not settings.OIDC_ISSUER:
        return
    try:
        provider.document()
    except provider.Away as why:
        said = f"Operators cannot log in by it: {why}"
        remedy = "Look at OIDC_ISSUER, and at the provider. Superusers: /admin/login/?by=password."
        yield warning("single sign-on", said, remedy)
    else:
        yield ok("single sign-on", "the provider answers")
