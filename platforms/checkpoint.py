"""What an adapter remembers between its calls, and how far its irreversible call has come."""

from collections import UserDict
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from platforms.drafts import Draft

#: The links of posts by their ids.
Links = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Rival:
    """Another destination of the same account, whose call got no answer either.

    `sent_at` is when its last call left.
    """

    draft: Draft
    checkpoint: Mapping[str, Any]
    sent_at: datetime


async def _alone() -> Sequence[Rival]:
    return ()


async def _nobodys(posts: Links) -> Collection[str]:
    return ()


async def forget(values: dict[str, Any], sending: bool) -> None:
    """Keep nothing: what is asked needs no memory."""


class Checkpoint(UserDict[str, Any]):
    """What an adapter must remember between calls. Durable once `save` returns.

    `state` follows the irreversible call: `unsent`, `sent` while its answer is out, `answered`.
    `may_leave` is asked when that call is about to be written to its connection: False, and nothing
    is sent. `others` tells which of some posts another destination has, by their ids: whoever
    recognises a post by what it says asks first, for a customer may say the same thing twice.
    `rivals` tells which others may have made a post that is found, because their calls got no
    answer either.
    """

    def __init__(
        self,
        values: Mapping[str, Any],
        store: Callable[[dict[str, Any], bool], Awaitable[None]],
        may_leave: Callable[[], bool] = lambda: True,
        others: Callable[[Links], Awaitable[Collection[str]]] = _nobodys,
        rivals: Callable[[], Awaitable[Sequence[Rival] | None]] = _alone,
    ) -> None:
        super().__init__(values)
        self._store = store
        self._others = others
        self.rivals = rivals
        self.may_leave = may_leave
        self.state: Literal["unsent", "sent", "answered"] = "unsent"

    async def save(self, **values: Any) -> None:
        self.update(values)
        await self._store(dict(self.data), False)

    async def sending(self) -> None:
        """Record that the irreversible call is about to leave."""
        await self._store(dict(self.data), True)
        self.state = "sent"

    async def others(self, posts: Links) -> Collection[str]:
        """The ids of those posts that are not this destination's, because another one has them."""
        return await self._others(posts) if posts else ()

    def answered(self) -> None:
        """The irreversible call got an answer that can be read."""
        self.state = "answered"
