"""What an adapter answers: how a publish stands, and what a look-up has found."""

from dataclasses import dataclass

from platforms.errors import PlatformError


@dataclass(frozen=True, slots=True)
class Published:
    """The post is public. `url` may be empty where the network tells it later or never.

    `notes` are what else a customer must know: the network made it private, a comment is missing.
    `found`: publishing came upon it and recognised it by what it says.
    Raises ValueError without an id: a destination is not published until something names its post.
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
    """The network is still working; call again after a pause. Spends no try."""

    after_seconds: float


@dataclass(frozen=True, slots=True)
class Absent:
    """The post is not public, as far as the network shows.

    `proven`: it is tried again by policy. Otherwise it is looked for again, and after the last
    look-up it ends as one that may be live.
    """

    proven: bool = True


@dataclass(frozen=True, slots=True)
class PartiallyPublished:
    """What was looked for is public, and more of the post is still to be sent: publish again.

    The checkpoint says where to go on. Only posts of several parts end a look-up like this; `id`
    is the first one's.
    """

    id: str = ""


@dataclass(frozen=True, slots=True)
class Undeterminable:
    """The network offers no way to learn whether the post is public."""

    look_at: str = ""


@dataclass(frozen=True, slots=True)
class RefusedLater:
    """The network says that it took the post and then refused it: nothing is public.

    Different from an error raised by the look-up itself, which says nothing about the post.
    """

    error: PlatformError


Outcome = Published | Processing
Finding = Published | Processing | Absent | RefusedLater | PartiallyPublished | Undeterminable
