"""The addresses that webhooks may have.

Checked when a customer gives one, so that a mistake is noticed at once, and again right before each
request: where a name leads may change at any moment.
"""

from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillRunning

from django.conf import settings

from destinations.runtime.waiting_room import Busy, WaitingRoom
from platforms.downloads import receiver_urls
from platforms.downloads.receiver_urls import ForbiddenReceiver
from posts.errors import RequestRefused

#: How long a request waits for the resolver.
LOOKUP_SECONDS = 2
#: A resolver that hangs must hold neither requests nor any number of threads.
_room = WaitingRoom()
_lookups = ThreadPoolExecutor(4, thread_name_prefix="webhook-lookup")


def check(url: str) -> None:
    """Raise RequestRefused for a URL to which nothing will be sent.

    A name that cannot be resolved now is accepted: it may be a new one, or the resolver is away or
    busy.
    """
    private = settings.WEBHOOK_ALLOW_PRIVATE
    try:
        found = receiver_urls.parse(url, private)
        with _room.enter(found.host):
            _lookups.submit(receiver_urls.resolve, found, private).result(LOOKUP_SECONDS)
    except ForbiddenReceiver as error:
        raise RequestRefused("invalid_webhook_url", f"url: {error}") from None
    except (OSError, UnicodeError, StillRunning, Busy):
        return
