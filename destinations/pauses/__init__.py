"""Pauses: an operator stops what has not begun, for everything, a network, a workspace, an account.

A pause holds what has not begun: posts that are due, and retries that wait. They keep their places
and spend no try. What has reached its network goes on, so that its outcome becomes known: polls,
lookups, and what is left of a started publish.

Once `pause` has returned, nothing of its scope begins. A start reads the pauses in its transaction,
which locks their table (`dispatch.holds.GATE`); `pause` takes a stronger lock before it writes. So
a start has either committed before the pause does, and had begun, or it reads the pause.
"""

from destinations.pauses.current import active, covering, sentence
from destinations.pauses.lifecycle import (
    AlreadyPaused,
    StartHangs,
    UnknownTarget,
    pause,
    resume,
)

__all__ = [
    "AlreadyPaused",
    "StartHangs",
    "UnknownTarget",
    "active",
    "covering",
    "pause",
    "resume",
    "sentence",
]
