"""The numbers at the `insights` edges of Facebook, Instagram and Threads.

An entry is `{name, values: [{value}]}` or `{name, total_value: {value}}`. The whole call is refused
if one metric is not served for an object, and that must not take the other numbers away.
Source: Graph API, "Insights"; Instagram Platform, "Media Insights"; Threads API, "Insights"
(read 2026-11-26).
"""

from collections.abc import Awaitable, Mapping
from typing import Any

from platforms.errors import PlatformError, Rejected
from platforms.meta.graph import MISSING, lacks_permission
from platforms.metrics import objects_in


async def read_permitted(reading: Awaitable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the values by their names; empty if this account or this object has none. Raises
    PlatformError if the network cannot be asked now."""
    try:
        body = await reading
    except PlatformError as refusal:
        if cannot_be_had(refusal):
            return {}
        raise
    return {str(entry.get("name")): _value(entry) for entry in objects_in(body.get("data"))}


def cannot_be_had(refusal: PlatformError) -> bool:
    """Return whether asking again would be refused again.

    The object is gone or of another type, or the permission is missing.
    """
    is_gone = refusal.platform_code == MISSING
    return is_gone or isinstance(refusal, Rejected) or lacks_permission(refusal)


def _value(entry: Mapping[str, Any]) -> Any:
    whole = entry.get("total_value")
    values = [whole] if isinstance(whole, dict) else objects_in(entry.get("values"))
    return values[-1].get("value") if values else None
