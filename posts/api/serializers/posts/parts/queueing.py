"""Fields by which a post enters a posting queue, and the one that shows its queue."""

from typing import Any

from rest_framework import serializers

from posts.composing.queueing import IntoQueue
from posts.models import Post

PRIORITIES = {choice.name.lower(): choice.value for choice in Post.QueuePriority}


class ShownQueueIdField(serializers.UUIDField):
    """A post's queue; a post that is in none does not have the field."""

    omitted_if_empty = True

    def __init__(self) -> None:
        super().__init__(
            required=False,
            help_text="The queue that gave it its time; absent if it is in no queue.",
        )

    def get_attribute(self, instance: Any) -> Any:
        found = instance.queue_id
        if not found:
            raise serializers.SkipField
        return found


def take(values: dict[str, Any]) -> dict[str, Any]:
    """The values with these fields folded into `queue`, an IntoQueue, if the post is to enter one.

    Raises ValidationError.
    """
    given = {name: values.pop(name) for name in ("queue_id", "priority") if name in values}
    if not values.pop("use_queue", False):
        for name in given:
            raise serializers.ValidationError({name: "Send it together with use_queue: true."})
        return values
    rank = PRIORITIES.get(given.get("priority", ""))
    return {**values, "queue": IntoQueue(given.get("queue_id"), rank)}


def check_alone(values: dict[str, Any]) -> None:
    """Raises ValidationError for a time or a draft beside `queue`."""
    if "queue" not in values:
        return
    if values.get("when") is not None:
        raise serializers.ValidationError(
            {"use_queue": "Send either use_queue or a time: the queue chooses the time."}
        )
    if values.get("draft"):
        raise serializers.ValidationError(
            {"use_queue": "A draft is in no queue; schedule it with use_queue later."}
        )
