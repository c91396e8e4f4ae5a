"""Ask the network whether the post at a link belongs to the account.

If the network says no, the person's claim is refused. If it cannot be asked, is away, or no longer
accepts the account's token, the claim stands and is marked as unverified. Nothing here reveals what
other workspaces have.
"""

import asyncio
import uuid

import structlog
from django.conf import settings

from destinations.accounts import encryption
from destinations.manual_retry import MAY_BE_PUBLIC
from destinations.models import Destination
from destinations.runtime.request_waits import RequestWaitLimiter
from destinations.runtime.worker import adapter_crash
from platforms.adapter import Adapter
from platforms.drafts import Credentials
from platforms.errors import PlatformError
from platforms.http.client import Client
from platforms.http.transport import Transport
from platforms.registry import ADAPTERS

log = structlog.get_logger()

#: Short, because a person is waiting.
ASK_SECONDS = 5
_room = RequestWaitLimiter()


class NotShown(Exception):
    """The network does not show this post as one of the account's; the text says so."""


def verify_post_owner(pk: uuid.UUID, link: str, post_id: str = "") -> bool:
    """Return whether the network has confirmed the post; False where it cannot be asked.

    Asks only for a destination whose outcome a person must resolve. Raises NotShown if the network
    says that the post is not the account's, and Busy while too many ask.
    """
    waiting = Destination.objects.filter(
        pk=pk, status=Destination.Status.FAILED, error_code=MAY_BE_PUBLIC
    )
    row = waiting.select_related("account").first()
    if row is None or row.account is None:
        return False
    adapter = ADAPTERS[row.platform]
    named = post_id or adapter.post_id(link)
    try:
        account = encryption.credentials(row.account)
    except encryption.Unreadable:
        return False
    if not named:
        return False
    with _room.enter(row.workspace_id):
        shown = asyncio.run(_ask(adapter, named, account))
    if shown is False:
        raise NotShown(f"{adapter.name} does not show this as a post of {row.account.name}.")
    return bool(shown)


async def _ask(adapter: Adapter, post_id: str, account: Credentials) -> bool | None:
    transport = Transport(
        connections=1,
        timeout_seconds=ASK_SECONDS,
        base_urls=settings.PLATFORM_BASE_URLS,
        gateway=settings.SIMULATOR_URL,
        versions=settings.API_VERSIONS,
    )
    http = Client(transport, explain=adapter.explain, secrets=account.secrets())
    try:
        async with asyncio.timeout(ASK_SECONDS):
            with adapter_crash.contained(http, adapter.key, TimeoutError):
                return await adapter.shows_as_own(post_id, account, http)
    except (PlatformError, TimeoutError) as failure:
        log.info("post_not_verified", platform=adapter.key, failure=str(failure))
        return None
    finally:
        await transport.close()
