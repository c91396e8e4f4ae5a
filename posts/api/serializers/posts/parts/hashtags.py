"""Fields by which a post says which hashtags and short links it gets."""

import uuid
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from platforms.policy.options import FIRST_COMMENT_OPTION, String
from platforms.registry import ADAPTERS
from posts.composing.extensions.text_steps import HashtagRequest

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


class ShownHashtagSetIdsField(serializers.ListField):
    """The sets that a post named; one that named none does not have the field."""

    child = serializers.UUIDField()
    omitted_if_empty = True

    def __init__(self) -> None:
        super().__init__(
            required=False,
            help_text="The hashtag sets that it named; absent if it named none.",
        )

    def get_attribute(self, instance: Any) -> Any:
        found = instance.hashtag_set_ids
        if not found:
            raise serializers.SkipField
        return found

    def to_representation(self, data: list[str]) -> list[str]:
        return data


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
