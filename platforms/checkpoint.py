"""Keep what an adapter remembers between its calls, and the state of its irreversible call."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from platforms.drafts import Draft

#: The links of posts by their ids.
Links = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Lookalike:
    """Another destination of the same account whose call, last sent at `sent_at`, got no answer."""

    draft: Draft
    checkpoint: Mapping[str, Any]
    sent_at: datetime


async def _alone() -> Sequence[Lookalike]:
    return ()


async def _none_taken(posts: Links) -> Collection[str]:
    return ()


async def forget(values: dict[str, Any], sending: bool) -> None:
    """Keep nothing, for calls that need no memory."""


class Checkpoint(dict[str, Any]):
    """An adapter's memory between calls. Durable once `save` returns.

    `state` follows the irreversible call: `unsent`, `sent` without an answer yet, `answered`.
    `may_leave` is asked right before that call is written to its connection; if it says False,
    nothing is sent. `others` gives the ids of those posts that another destination has: an adapter
    that recognises a post by its text asks first, because a customer may say the same thing twice.
    `lookalikes` are the account's other destinations whose calls got no answer: each may have made
    a post that is found. None if there are too many.
    """

    def __init__(
        self,
        values: Mapping[str, Any],
        store: Callable[[dict[str, Any], bool], Awaitable[None]],
        may_leave: Callable[[], bool] = lambda: True,
        others: Callable[[Links], Awaitable[Collection[str]]] = _none_taken,
        lookalikes: Callable[[], Awaitable[Sequence[Lookalike] | None]] = _alone,
    ) -> None:
        super().__init__(values)
        self._store = store
        self._others = others
        self.lookalikes = lookalikes
        self.may_leave = may_leave
        self.state: Literal["unsent", "sent", "answered"] = "unsent"

    async def save(self, **values: Any) -> None:
        self.update(values)
        await self._store(dict(self), False)

    async def sending(self) -> None:
        """Record that the irreversible call is about to leave."""
        await self._store(dict(self), True)
        self.state = "sent"

    async def others(self, posts: Links) -> Collection[str]:
        """Return the ids of those posts that another destination has."""
        return await self._others(posts) if posts else ()

    def answered(self) -> None:
        """Note that the irreversible call got a readable answer."""
        self.state = "answered"
