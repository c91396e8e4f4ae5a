"""Find who wrote a post, from the history of its destinations."""

import uuid

from destinations.models import Event

#: The moves by which a post gets its content, accounts and time.
WRITING = ("compose", "edit", "schedule")


def of(post_id: uuid.UUID) -> tuple[str, str]:
    """Return who composed a post and who changed it last; blank for a draft without accounts."""
    events = Event.objects.filter(destination__post=post_id, move__in=WRITING)
    wrote = list(events.order_by("pk").values_list("by", flat=True))
    return (wrote[0], wrote[-1]) if wrote else ("", "")
