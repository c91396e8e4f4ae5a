"""Links to the installation's own log search, made from the template LOG_SEARCH_URL."""

import uuid
from urllib.parse import quote

from django.conf import settings

from destinations import public_ids


def url(
    *,
    request_id: str = "",
    destination: uuid.UUID | None = None,
    post: uuid.UUID | None = None,
) -> str:
    """Return where to read what was logged about one of these; "" without a log search.

    What is not given becomes empty in the template.
    """
    values = {
        "{request_id}": request_id,
        "{destination_id}": public_ids.encode(public_ids.DESTINATION, destination)
        if destination
        else "",
        "{post_id}": public_ids.encode(public_ids.POST, post) if post else "",
    }
    found: str = settings.LOG_SEARCH_URL
    if not any(value and name in found for name, value in values.items()):
        return ""
    for name, value in values.items():
        found = found.replace(name, quote(value, safe=""))
    return found
