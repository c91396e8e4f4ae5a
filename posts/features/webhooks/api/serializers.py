"""Webhooks and their deliveries, as callers send and receive them."""

from typing import Any, ClassVar

from rest_framework import serializers

from posts.api.serializers.fields import (
    FlagField,
    NumberField,
    StrictListField,
    StrictSerializer,
    TextField,
    UTCDateTimeField,
)
from posts.api.serializers.queries import PageQuery
from posts.api.serializers.resources import (
    ChangesSerializer,
    NullIfBlankField,
    PaginationSerializer,
)
from posts.features.webhooks.delivery.sending import ReceiverAnswer
from posts.features.webhooks.models import WebhookDelivery
from posts.outbox import names

STATUSES = [str(each) for each in WebhookDelivery.Status.values]
#: How long an old secret may still sign: a week.
EVENTS = names.every()
MOST_HOURS = 168
WARNING = "Store this secret now: it is not shown again. It verifies what is delivered."


class EventNameField(serializers.ChoiceField):
    """The name of an event; the error lists those there are."""

    def __init__(self, **options: Any) -> None:
        super().__init__(EVENTS, **options)
        self.error_messages["invalid_choice"] = f"The events are {', '.join(EVENTS)}."


class EventNamesField(StrictListField):
    """At least one event; one that is named twice counts once."""

    child = EventNameField()

    def __init__(self, **options: Any) -> None:
        super().__init__(
            allow_empty=False,
            max_length=100,
            help_text="What it is told of, in this order; at least one.",
            **options,
        )

    def to_internal_value(self, data: Any) -> list[str]:
        return list(dict.fromkeys(super().to_internal_value(data)))


class CreateWebhookSerializer(StrictSerializer):
    # Its rules have a code of their own, so nothing is refused here.
    url = TextField(
        allow_blank=True,
        help_text="An https address on the public internet, at most 2,048 characters. It is kept "
        "byte for byte.",
    )
    events = EventNamesField()
    name = TextField(required=False, allow_blank=True, max_length=100)
    description = TextField(
        required=False, allow_blank=True, max_length=500, help_text="What it is for."
    )


class EditWebhookSerializer(ChangesSerializer, CreateWebhookSerializer):
    texts: ClassVar = {"url": "As for POST /webhooks."}
    is_active = FlagField(
        help_text="false: nothing is delivered. true: it is, and failures count from 0 again; "
        "`POST /webhooks/{id}/recover` delivers what happened in between.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs:
            raise serializers.ValidationError(f"Send at least one of {', '.join(self.fields)}.")
        return attrs


class RotateSecretSerializer(StrictSerializer):
    keep_old_hours = NumberField(
        required=False,
        default=24,
        min_value=0,
        max_value=MOST_HOURS,
        help_text="For how long the old secret signs too, in `webhook-signature`; 0: not at all.",
    )


class RecoverSerializer(StrictSerializer):
    since = UTCDateTimeField(help_text="Events from this time on; in UTC if it has no offset.")
    until = UTCDateTimeField(
        required=False, help_text="Events before this time; default: until now."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "until" in attrs and attrs["until"] <= attrs["since"]:
            raise serializers.ValidationError({"until": "This is not after since."})
        return attrs


class DeliveriesQuery(PageQuery):
    status = serializers.ChoiceField(
        choices=[*STATUSES, "all"], required=False, help_text="Only deliveries with this status."
    )
    event = serializers.ChoiceField(
        choices=[*EVENTS, "all"], required=False, help_text="Only deliveries of this event."
    )
    event_id = serializers.UUIDField(required=False, help_text="Only this event's delivery.")


class WebhookSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    url = serializers.CharField()
    events = serializers.ListField(
        child=serializers.ChoiceField(EVENTS), help_text="What it is told of."
    )
    name = NullIfBlankField()
    description = NullIfBlankField()
    is_active = serializers.BooleanField(help_text="Whether it is told of anything.")
    consecutive_failures = serializers.IntegerField()
    auto_disabled_at = serializers.DateTimeField(allow_null=True)
    last_delivery_at = serializers.DateTimeField(allow_null=True)
    last_success_at = serializers.DateTimeField(allow_null=True)
    last_failure_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class RotatedWebhookSerializer(WebhookSerializer):
    secret = serializers.CharField(
        source="new_secret", help_text="The secret that signs what is delivered."
    )


class CreatedWebhookSerializer(RotatedWebhookSerializer):
    secret_warning = serializers.CharField(help_text="That the secret is shown only now.")


class WebhookTestedSerializer(serializers.Serializer):
    ok = serializers.BooleanField(help_text="Whether it answered with 2xx in time.")
    status = serializers.IntegerField(help_text="The HTTP status; 0 if there was no answer.")
    duration_ms = serializers.IntegerField()
    error = serializers.CharField(allow_null=True, help_text="What went wrong; null if nothing.")
    message = serializers.CharField()


def tested(answer: ReceiverAnswer) -> dict[str, Any]:
    """Return what a receiver answered to a test."""
    message = f"The receiver answered {answer.status}." if answer.status else answer.error
    return {
        "ok": answer.is_success,
        "status": answer.status or 0,
        "duration_ms": answer.duration_ms,
        "error": answer.error or None,
        "message": message,
    }


class DeliveryAttemptSerializer(serializers.Serializer):
    attempt_number = serializers.IntegerField()
    status = serializers.ChoiceField(STATUSES)
    status_code = serializers.IntegerField(allow_null=True)
    error = NullIfBlankField()
    duration_ms = serializers.IntegerField()
    attempted_at = serializers.DateTimeField()


class DeliverySerializer(serializers.Serializer):
    """An event on its way to a webhook. Shows a `log.Logged`."""

    id = serializers.UUIDField(source="delivery.id")
    event_id = serializers.UUIDField(source="delivery.event.event_id")
    event = serializers.ChoiceField(EVENTS, source="delivery.event.event")
    url = serializers.CharField(help_text="Where it was sent last, or will be first.")
    status = serializers.ChoiceField(STATUSES, source="delivery.status")
    attempt_number = serializers.IntegerField(
        source="delivery.attempts", help_text="Of the last attempt; 0 before the first."
    )
    status_code = serializers.IntegerField(source="last.status_code", default=None)
    request_headers = serializers.DictField(
        source="last.request_headers", default=dict, child=serializers.CharField()
    )
    request_body = serializers.CharField(source="body")
    response_body = serializers.CharField(source="last.response_body", default="")
    error = NullIfBlankField(
        help_text="Why the last attempt failed, or why there was none; null if nothing is wrong.",
    )
    duration_ms = serializers.IntegerField(source="last.duration_ms", default=None)
    attempted_at = serializers.DateTimeField(source="last.attempted_at", default=None)
    next_attempt_at = serializers.DateTimeField(source="delivery.next_attempt_at", allow_null=True)
    attempts = DeliveryAttemptSerializer(many=True)


class DeliveriesSerializer(serializers.Serializer):
    deliveries = DeliverySerializer(many=True)
    pagination = PaginationSerializer()


class RedeliveredSerializer(serializers.Serializer):
    delivery_id = serializers.UUIDField()
    event_id = serializers.UUIDField()


class RecoveredSerializer(serializers.Serializer):
    queued = serializers.IntegerField(help_text="How many deliveries are sent again.")
