"""What a database that has lost commits can still look up."""

from datetime import datetime

from destinations.accounts import encryption
from destinations.models import Destination
from platforms.drafts import Draft
from platforms.registry import ADAPTERS


def checkpoint(row: Destination, since: datetime) -> str | None:
    """Return the sealed checkpoint by which a lookup finds what was sent of this row since then.

    None if its network cannot find it without a record of the call.
    """
    draft = Draft.from_json(row.draft)
    try:
        kept = encryption.unseal(row.checkpoint)
    except encryption.Unreadable:
        return None
    found = ADAPTERS[row.platform].recall(draft, kept, since)
    return None if found is None else encryption.seal(found)
