"""Fields by which a post chooses hashtags, short links, a queue or a recurrence, and what it then
cannot be.
"""

import uuid
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from platforms.policy.options import FIRST_COMMENT_OPTION, String
from platforms.registry import ADAPTERS
from posts.composing.extensions.text_steps import HashtagRequest
from posts.composing.queueing import IntoQueue
from posts.models import Post

#: The option for an account's own first comment, on networks that have it.
FIRST_COMMENTS = {
    adapter.name: option
    for adapter in ADAPTERS.values()
    for option in adapter.options
    if isinstance(option, String) and option.name == FIRST_COMMENT_OPTION
}
IN_HELP = (
    "`text`: after a blank line at the end of the text. `first_comment`: in the account's own "
    f"first comment where Dovecote makes one ({', '.join(FIRST_COMMENTS)}), in the text elsewhere."
)


def fold_hashtags(values: dict[str, Any]) -> dict[str, Any]:
    """The values with these fields folded into `hashtags`, a HashtagRequest, if one is given."""
    names = {"hashtag_set_ids": "set_ids", "hashtags_in": "place", "use_defaults": "use_defaults"}
    given = {ours: values.pop(name) for name, ours in names.items() if name in values}
    if "set_ids" in given:
        ids: list[uuid.UUID] = given["set_ids"]
        given["set_ids"] = tuple(dict.fromkeys(ids))
    return {**values, "hashtags": HashtagRequest(**given)} if given else values


DEFAULT = "default"


@extend_schema_field({"oneOf": [{"type": "boolean"}, {"type": "string", "enum": [DEFAULT]}]})
class FlagOrDefaultField(serializers.Field):
    """true, false, or "default" (None inside)."""

    default_error_messages = {"invalid": f'This is true, false or "{DEFAULT}".'}

    def to_internal_value(self, data: Any) -> bool | None:
        if data == DEFAULT and isinstance(data, str):
            return None
        if not isinstance(data, bool):
            self.fail("invalid")
        return data


PRIORITIES = {choice.name.lower(): choice.value for choice in Post.QueuePriority}


def fold_queue(values: dict[str, Any]) -> dict[str, Any]:
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


def check_recurs_alone(values: dict[str, Any]) -> None:
    """Raises ValidationError for a recurrence of a post without a time of its own."""
    if "recurrence" not in values:
        return
    if "recycling" in values:
        raise serializers.ValidationError({"recycling": "Send either recycling or recurrence."})
    if values["draft"]:
        raise serializers.ValidationError(
            {"recurrence": "A draft does not recur: send the post with its time instead."}
        )
    if "queue" in values:
        raise serializers.ValidationError(
            {"use_queue": "A post that recurs has a time of its own, not a queue's."}
        )
    if values.get("when") is None:
        raise serializers.ValidationError(
            {"scheduled_at": "A post that recurs needs the time of its first occurrence."}
        )


class OmittedField(serializers.Field):
    """Shown only by posts that have it."""

    omitted_if_empty = True
    #: What the documents say of it where its maker says nothing else.
    says = ""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, "help_text": self.says, **kwargs})

    def get_attribute(self, instance: Any) -> Any:
        found = super().get_attribute(instance)
        if not found:
            raise serializers.SkipField
        return found

    def to_representation(self, value: Any) -> Any:
        return value


@extend_schema_field(serializers.ListField(child=serializers.UUIDField()))
class ShownHashtagSetIdsField(OmittedField):
    says = "The hashtag sets that it named; absent if it named none."


@extend_schema_field(OpenApiTypes.UUID)
class ShownQueueIdField(OmittedField):
    says = "The queue that gave it its time; absent if it is in no queue."


@extend_schema_field(OpenApiTypes.UUID)
class ShownRecurrenceIdField(OmittedField):
    says = "The recurrence that it belongs to; absent if to none."


@extend_schema_field(OpenApiTypes.DATE)
class ShownOccurrenceDateField(OmittedField):
    says = "Which of the recurrence's dates it is; absent if of none."


@extend_schema_field(OpenApiTypes.STR)
class ShownRecycledFromField(OmittedField):
    says = "The recycled post that it is a turn of; absent if of none."
