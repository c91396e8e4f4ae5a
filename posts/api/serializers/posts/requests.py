"""Request bodies."""

from datetime import datetime
from typing import Any

from rest_framework import serializers

from destinations import resolve
from destinations.runtime import clock
from platforms.registry import ADAPTERS, ALIASES
from posts import content
from posts.api.serializers.fields import (
    AccountNumberField,
    AccountNumbersField,
    FlagField,
    ISODateTimeField,
    LinkField,
    NumberField,
    PostIdField,
    SeenAttemptsField,
    StrictListField,
    StrictSerializer,
    TextField,
    UTCDateTimeField,
    one_of,
)
from posts.api.serializers.posts import options
from posts.api.serializers.posts.declared import Declared, requested


class PostFields(StrictSerializer, Declared):
    def declared_fields(self) -> dict[str, serializers.Field]:
        return requested(content.read_by("edit"))

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        given = one_of(attrs, "scheduled_at", "scheduled_for")
        names = {"scheduled_at": "when", "timezone": "zone"}
        values = options.fold_queue({names.get(name, name): value for name, value in given.items()})
        options.check_alone(values)
        return options.fold_hashtags(values)


class CreatePostSerializer(PostFields):
    def declared_fields(self) -> dict[str, serializers.Field]:
        return requested(content.FIELDS)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs["draft"] and "account_ids" not in attrs:
            raise serializers.ValidationError({"account_ids": "This field is required."})
        now = attrs.pop("publish_now", None)
        values = {"account_ids": [], **super().validate(attrs)}
        waits = values["draft"] or values.get("when") is not None or "queue" in values
        if now is not None and now == waits:
            raise serializers.ValidationError(
                {"publish_now": "It contradicts the time, or the lack of one, or the draft."}
            )
        options.check_recurs_alone(values)
        return values


class EditPostSerializer(PostFields):
    """Only what changes. A post cannot be unscheduled: a time of null is refused.

    Nor can it leave its queue without a time: `use_queue` of false is refused.
    """

    never_null = frozenset({"scheduled_at", "scheduled_for"})
    null_is_said = frozenset({"campaign_id"})
    content = TextField(
        required=False,
        allow_blank=True,
        help_text="As for POST /posts; may be blank only with files.",
    )
    scheduled_at = ISODateTimeField(required=False)
    campaign_id = NumberField(
        required=False, help_text="An active campaign of the workspace; null: in none."
    )

    def validate_use_queue(self, value: bool) -> bool:
        if not value:
            raise serializers.ValidationError("A post leaves its queue when it gets a time.")
        return value


QUEUE = ("use_queue", "queue_id", "priority")
#: What scheduling a draft says of the other fields.
SCHEDULE = {
    "scheduled_for": "ISO 8601, at least a minute ahead; or publish_now.",
    "scheduled_at": "An alias of scheduled_for.",
    "publish_now": "true: at once; or scheduled_for.",
    "timezone": "An IANA name; default: the draft's.",
}


class SchedulePostSerializer(StrictSerializer, Declared):
    """When a draft is published: a time, `publish_now` or `use_queue`."""

    account_ids = AccountNumbersField(
        allow_empty=False, help_text="Replaces the draft's own accounts."
    )

    def declared_fields(self) -> dict[str, serializers.Field]:
        return requested(map(content.field, (*SCHEDULE, *QUEUE)), SCHEDULE)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        values = options.fold_queue(one_of(attrs, "scheduled_for", "scheduled_at"))
        ways = ["scheduled_for" in values, values.pop("publish_now", False), "queue" in values]
        if sum(ways) != 1:
            raise serializers.ValidationError(
                {"scheduled_for": "Send either a time or publish_now: true, or use_queue: true."}
            )
        names = {"scheduled_for": "when", "timezone": "zone"}
        return {"when": None, **{names.get(name, name): value for name, value in values.items()}}


#: Null by mistake must not switch this guard off.
GUARDS = frozenset({"seen_attempts"})


class RetryPostSerializer(StrictSerializer):
    never_null = GUARDS
    account_ids = AccountNumbersField(
        allow_empty=False, help_text="Only the destinations of these accounts."
    )
    confirm_not_published = FlagField(
        required=False,
        help_text="Also retry destinations that may already be live; you confirm that they are "
        "not.",
    )
    seen_attempts = SeenAttemptsField(
        required=False,
        help_text="Only these destinations, by id, each only while its results show as many "
        "`attempts` as you give. So you confirm no attempt made after you looked, however often "
        "this request arrives.",
    )


class RetryFailedSerializer(StrictSerializer):
    """Which failed destinations to retry: those that match every filter given."""

    never_null = GUARDS
    post_ids = StrictListField(
        child=PostIdField(), allow_empty=False, max_length=200, required=False
    )
    account_id = AccountNumberField(required=False, help_text="Only destinations of this account.")
    platform = serializers.ChoiceField(choices=[*ADAPTERS, *ALIASES], required=False)
    failed_after = UTCDateTimeField(
        required=False, help_text="From this time on; in UTC if it has no offset."
    )
    failed_before = UTCDateTimeField(
        required=False, help_text="Before this time; in UTC if it has no offset."
    )
    max_attempts = NumberField(
        required=False,
        min_value=1,
        max_value=10,
        help_text="Skip destinations with as many attempts or more.",
    )
    seen_attempts = SeenAttemptsField(
        required=False,
        help_text="Only these destinations, by id, each only while its results show as many "
        "`attempts` as you give, as for POST /posts/{id}/retry.",
    )
    confirm_not_published = FlagField(
        required=False,
        default=False,
        help_text="Also retry those that may already be live: you confirm that they are not.",
    )

    def validate_platform(self, value: str) -> str:
        return ALIASES.get(value, value)


class ResolveDestinationSerializer(StrictSerializer):
    never_null = GUARDS
    outcome = serializers.ChoiceField(
        choices=["published", "not_published"], help_text="What you found."
    )
    platform_post_url = LinkField(
        required=False, help_text="The public URL; required with `published`, refused otherwise."
    )
    platform_post_id = TextField(
        required=False,
        max_length=resolve.ID_CHARS,
        help_text="Absent: taken from the link, if it is there.",
    )
    published_at = ISODateTimeField(
        required=False,
        help_text="ISO 8601 with an offset, not before the post was created. Absent: now.",
    )
    seen_attempts = NumberField(
        required=False,
        min_value=0,
        help_text="The `attempts` that its results showed when you looked. If it was tried since, "
        "the answer is a 409, and nothing is changed.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        values = dict(attrs)
        values.pop("seen_attempts", None)
        if values.pop("outcome") == "published":
            if "platform_post_url" not in values:
                raise serializers.ValidationError({"platform_post_url": "This field is required."})
            self._check_time(values.get("published_at"))
        elif values:
            raise serializers.ValidationError({next(iter(values)): "It was not published."})
        return attrs

    def _check_time(self, moment: datetime | None) -> None:
        if moment is None:
            return
        if moment.tzinfo is None:
            raise serializers.ValidationError({"published_at": "Write it with an offset."})
        if moment > clock.now():
            raise serializers.ValidationError({"published_at": "This is in the future."})
