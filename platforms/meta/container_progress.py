"""How far a post made of containers has come, as its checkpoint tells it.

`posts` are the ids of the parts that are public; the rest is about the part that is being made.
"""

from collections.abc import Mapping
from typing import Any

from platforms.checkpoint import Checkpoint

#: What is remembered of the part that is being made, and forgotten with it.
PART = ("children", "container", "delivered", "sent_at", "sends", "refusals")


def done(checkpoint: Mapping[str, Any]) -> int:
    """How many parts are public."""
    return len(checkpoint.get("posts", ()))


def last(checkpoint: Checkpoint) -> str:
    """The part before: what the next one replies to."""
    posts: list[str] = checkpoint.get("posts", [])
    return posts[-1] if posts else ""


def record(post_id: str, checkpoint: Checkpoint) -> None:
    """A part is public: remember its id, and nothing of how it was made.

    Durable with the next save. Of a part that was only recognised the container stays the better
    proof until the destination has it for its own.
    """
    _drop(checkpoint)
    checkpoint["posts"] = [*checkpoint.get("posts", ()), post_id]


async def forget(checkpoint: Checkpoint, **values: Any) -> None:
    """Drop a container, so that the next try makes a new one."""
    _drop(checkpoint)
    await checkpoint.save(**values)


async def refuse(checkpoint: Checkpoint, most: int) -> bool:
    """The network did not know the container; the last time of so many it is forgotten.

    Whether it was.
    """
    refusals = checkpoint["refusals"] = checkpoint.get("refusals", 0) + 1
    is_last = bool(refusals >= most)
    await (forget(checkpoint) if is_last else checkpoint.save())
    return is_last


def _drop(checkpoint: Checkpoint) -> None:
    for name in PART:
        checkpoint.pop(name, None)


def unsend(checkpoint: Checkpoint, earlier: int) -> None:
    """The last call is known to have published nothing; `earlier` ones are not."""
    checkpoint["sends"] = earlier
    if not earlier:
        checkpoint.pop("sent_at")
