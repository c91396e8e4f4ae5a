"""The progress of a post made of containers, in its checkpoint.

`posts` are the ids of the public parts; the other keys describe the part in flight.
"""

from collections.abc import Mapping
from typing import Any

from platforms.checkpoint import Checkpoint

#: The keys of the part in flight.
PART = ("children", "container", "delivered", "sent_at", "sends", "refusals")


def done(checkpoint: Mapping[str, Any]) -> int:
    """Return how many parts are public."""
    return len(checkpoint.get("posts", ()))


def public(checkpoint: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the ids of the public parts."""
    return tuple(checkpoint.get("posts", ()))


def last(checkpoint: Checkpoint) -> str:
    """Return the id of the last public part, which the next one replies to."""
    posts: list[str] = checkpoint.get("posts", [])
    return posts[-1] if posts else ""


def record(post_id: str, checkpoint: Checkpoint) -> None:
    """Add a public part's id, and drop the keys of the part in flight.

    Durable with the next save: for a part that was only recognised, its container is the better
    proof until the destination owns the post.
    """
    _drop(checkpoint)
    checkpoint["posts"] = [*checkpoint.get("posts", ()), post_id]


async def forget(checkpoint: Checkpoint, **values: Any) -> None:
    """Drop a container, so that the next try creates a new one."""
    _drop(checkpoint)
    await checkpoint.save(**values)


async def refuse(checkpoint: Checkpoint, most: int) -> bool:
    """Count a refusal of the container, and forget it at the last of `most`.

    Returns whether it was forgotten.
    """
    refusals = checkpoint["refusals"] = checkpoint.get("refusals", 0) + 1
    is_last = bool(refusals >= most)
    await (forget(checkpoint) if is_last else checkpoint.save())
    return is_last


def _drop(checkpoint: Checkpoint) -> None:
    for name in PART:
        checkpoint.pop(name, None)


def unsend(checkpoint: Checkpoint, earlier: int) -> None:
    """Forget the last call, which certainly published nothing; the `earlier` ones may have."""
    checkpoint["sends"] = earlier
    if not earlier:
        checkpoint.pop("sent_at")
