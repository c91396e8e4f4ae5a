"""The names of events: those of the core, and those that features add in their hooks."""

from functools import cache
from typing import NamedTuple

from posts import registry

POST_PUBLISHING = "post.publishing"
POST_PUBLISHED = "post.published"
POST_FAILED = "post.failed"
POST_PARTIALLY_FAILED = "post.partially_failed"


class EventNames(NamedTuple):
    """Names of events. They are listed by `place`: the list is part of the API."""

    place: int
    names: tuple[str, ...]


CORE = (
    EventNames(
        0,
        (
            "post.scheduled",
            POST_PUBLISHING,
            POST_PUBLISHED,
            POST_FAILED,
            POST_PARTIALLY_FAILED,
            "post.updated",
            "post.deleted",
            "post.deleted_on_platform",
        ),
    ),
    EventNames(50, ("account.connected", "account.disconnected", "account.reconnect_needed")),
    EventNames(60, ("media.uploaded", "media.deleted")),
)


@cache
def every() -> tuple[str, ...]:
    """Return the names of all events that are written, in the order in which the API lists them."""
    groups = sorted((*CORE, *registry.hooks(EventNames)))
    return tuple(name for group in groups for name in group.names)
