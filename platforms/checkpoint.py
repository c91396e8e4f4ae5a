"""What an adapter remembers between its calls, and how far its irreversible call has come."""

from collections import UserDict
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal


class Checkpoint(UserDict[str, Any]):
    """What an adapter must remember between calls. Durable once `save` returns.

    `state` follows the irreversible call: `unsent`, `sent` while its answer is out, `answered`.
    `may_leave` is asked when that call is about to be written to its connection: False, and nothing
    is sent.
    """

    def __init__(
        self,
        values: Mapping[str, Any],
        store: Callable[[dict[str, Any], bool], Awaitable[None]],
        may_leave: Callable[[], bool] = lambda: True,
    ) -> None:
        super().__init__(values)
        self._store = store
        self.may_leave = may_leave
        self.state: Literal["unsent", "sent", "answered"] = "unsent"

    async def save(self, **values: Any) -> None:
        self.update(values)
        await self._store(dict(self.data), False)

    async def sending(self) -> None:
        """Record that the irreversible call is about to leave."""
        await self._store(dict(self.data), True)
        self.state = "sent"

    def answered(self) -> None:
        """The irreversible call got an answer that can be read."""
        self.state = "answered"
