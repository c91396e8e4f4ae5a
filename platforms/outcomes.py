"""Define an adapter's answers to a publish or a lookup."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from platforms import clock
from platforms.errors import PlatformError, Unavailable


@dataclass(frozen=True, slots=True)
class Published:
    """The post is public. `url` is empty if the network tells it later or never.

    `notes` tell the customer what differs: the network made it private, a comment is missing.
    `found`: publishing found it and recognised it by its text.
    Raises ValueError without an id, because every published destination needs one.
    """

    id: str
    url: str = ""
    notes: tuple[str, ...] = ()
    found: bool = False

    def __post_init__(self) -> None:
        if not self.id:
            raise ValueError("A published post has an id.")


@dataclass(frozen=True, slots=True)
class Processing:
    """The network is still working: call again after a pause. Does not count as a try."""

    after_seconds: float


@dataclass(frozen=True, slots=True)
class Absent:
    """The network does not show the post.

    If that is `proven`, the post is retried by policy. Otherwise it is looked up again, and after
    the last lookup it ends as one that may be public.
    """

    proven: bool = True


def is_settled(sent_at: datetime, after: timedelta) -> bool:
    """Return whether a call of `sent_at` has had so much time that what is not shown is absent.

    Raises Unavailable if the clock says so and this process cannot know: the clock may have been
    set while the call was on its way.
    """
    if clock.now() - sent_at < after:
        return False
    missing = after - clock.certain_age(sent_at)
    if missing > timedelta():
        raise Unavailable(
            "The clock was set, or this process is new: the time since the call is not certain.",
            retry_after_seconds=missing.total_seconds(),
        )
    return True


@dataclass(frozen=True, slots=True)
class PartiallyPublished:
    """A lookup found the part it looked for, and more parts are still to be sent: publish again.

    The checkpoint says where to continue. `id` is the first part's.
    """

    id: str = ""


@dataclass(frozen=True, slots=True)
class Undeterminable:
    """The network offers no way to learn whether the post is public. `look_at` is for a person."""

    look_at: str = ""


@dataclass(frozen=True, slots=True)
class RefusedLater:
    """The network accepted the post and refused it later: nothing is public.

    An error that the lookup itself raises says nothing about the post.
    """

    error: PlatformError


#: A network's answer to a deletion: it deleted the post, or the post was already gone.
Removal = Literal["deleted", "already_gone"]

Outcome = Published | Processing
Finding = Published | Processing | Absent | RefusedLater | PartiallyPublished | Undeterminable
