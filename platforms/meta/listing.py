"""Read a list of the Graph API, a page at a time.

A page is so short that it can be read with the longest texts: Graph escapes each letter that is not
ASCII, and an answer of more than 2 MB is not read.
Source: Graph API, "Paginated Results" (read 2026-11-24).
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

from platforms.errors import Unavailable
from platforms.http.client import Answer

#: More pages than a list has of what an account publishes in the time of a lookup.
PAGES = 10


async def entries(
    ask: Callable[[Mapping[str, str]], Awaitable[Answer]], count: int
) -> AsyncIterator[dict[str, Any]]:
    """Yield the entries in the list's order, of `count` a page.

    Raises PlatformError, Unavailable for a list of more than `PAGES` pages.
    """
    after: dict[str, str] = {}
    for _ in range(PAGES):
        answer = await ask({"limit": str(count), **after})
        for entry in answer.take_list("data"):
            yield entry
        after = following(answer)
        if not after:
            return
    raise Unavailable("The network's list is longer than is read.")


def following(answer: Answer) -> dict[str, str]:
    """Return the parameter that asks for the next page; empty if this is the last one."""
    paging = answer.json_object().get("paging")
    if not isinstance(paging, dict) or not paging.get("next"):
        return {}
    # The address under `next` holds the token: the cursor beside it leads to the same page.
    cursors = paging.get("cursors")
    after = cursors.get("after") if isinstance(cursors, dict) else None
    return {"after": str(after)} if after else {}
