"""One attempt: an HTTP request to a customer's address, and what came back.

The host is resolved at the time of sending, each of its addresses is checked, and the connection
goes to these addresses only (`platforms.http.pinned_post`). A name server may hang as well as a
receiver, so lookups have threads of their own, and one host occupies one of them.
"""

import asyncio
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from django.conf import settings

from destinations.state import sanitize
from platforms.downloads import receiver_urls
from platforms.downloads.addresses import Address
from platforms.downloads.receiver_urls import ForbiddenReceiver, Receiver
from platforms.http.failures import NoAnswer

#: Name lookup, connection and answer together.
SECONDS = 10.0
#: How much of the answer is kept.
KEPT_BYTES = 10 * 1024
LOOKUPS = 64
UNKNOWN_HOST = "The host name could not be resolved."

_threads = ThreadPoolExecutor(LOOKUPS, thread_name_prefix="names")


@dataclass(frozen=True, slots=True)
class ReceiverAnswer:
    """The result of one attempt. Without a status there was no answer, and `error` says why."""

    status: int | None
    duration_ms: int
    error: str = ""
    body: str = ""
    retry_after: str = ""
    #: There was nothing to send: no attempt follows, and the receiver has not failed.
    is_unsendable: bool = False

    @property
    def is_success(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class Sender:
    """Used on one event loop."""

    def __init__(self) -> None:
        self._lookups: dict[Receiver, asyncio.Future[list[Address]]] = {}

    async def send(self, url: str, headers: Mapping[str, str], body: bytes) -> ReceiverAnswer:
        """POST the body. Never raises for what the receiver or the network does."""
        # Here, because aiohttp takes 12 MB that a web process needs only for a test.
        from platforms.http import pinned_post

        began = time.monotonic()
        try:
            found = await asyncio.wait_for(self._addresses(url), SECONDS)
            reply = await pinned_post.post(
                url,
                found,
                headers=headers,
                body=body,
                seconds=max(0.1, SECONDS - (time.monotonic() - began)),
                most_bytes=KEPT_BYTES,
            )
        except ForbiddenReceiver as refusal:
            return ReceiverAnswer(None, _since(began), str(refusal))
        except TimeoutError:
            return ReceiverAnswer(None, _since(began), UNKNOWN_HOST)
        except NoAnswer as failure:
            return ReceiverAnswer(None, _since(began), f"The receiver did not answer: {failure}.")
        return ReceiverAnswer(
            reply.status,
            _since(began),
            _refusal(reply.status),
            sanitize.clean(reply.content.decode("utf-8", "replace")),
            reply.headers.get("Retry-After", ""),
        )

    async def _addresses(self, url: str) -> list[str]:
        """Return the IP addresses of a URL's host. Raises ForbiddenReceiver as for new URLs.

        So nothing is sent to a URL that was accepted under other rules, or another setting.
        """
        receiver = receiver_urls.parse(url, settings.WEBHOOK_ALLOW_PRIVATE)
        try:
            return [str(each.place[0]) for each in await self._resolve(receiver)]
        except (OSError, UnicodeError):
            raise ForbiddenReceiver(UNKNOWN_HOST) from None

    async def _resolve(self, receiver: Receiver) -> list[Address]:
        """Attempts of one moment share a lookup."""
        if receiver not in self._lookups:
            resolve = partial(receiver_urls.resolve, receiver, settings.WEBHOOK_ALLOW_PRIVATE)
            future = asyncio.get_running_loop().run_in_executor(_threads, resolve)
            self._lookups[receiver] = future
            future.add_done_callback(partial(self._looked_up, receiver))
        return await asyncio.shield(self._lookups[receiver])

    def _looked_up(self, receiver: Receiver, future: "asyncio.Future[list[Address]]") -> None:
        del self._lookups[receiver]
        if not future.cancelled():
            future.exception()  # read: all who waited may have given up


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)


def _refusal(status: int) -> str:
    """Return why an answer is no success; empty if it is one."""
    if 200 <= status < 300:
        return ""
    if 300 <= status < 400:
        return f"The receiver answered {status}. Redirects are not followed: use the last address."
    return f"The receiver answered {status}."
