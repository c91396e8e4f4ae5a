"""Where a page is in its list, as clients look for it in `data`."""

from typing import Any


def page_data(meta: dict[str, Any], *names: str) -> dict[str, Any]:
    """`meta`'s pagination, and these of its numbers on their own."""
    pagination = meta["pagination"]
    return {"pagination": pagination, **{name: pagination[name] for name in names}}
