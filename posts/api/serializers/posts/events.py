"""A post's history: what happened to each destination, when, by whom and why."""

from typing import ClassVar

from rest_framework import serializers

from destinations.state.history import EventRow
from posts.api.serializers.posts import posts
from posts.api.serializers.resources import NullIfBlankField, PageMetaSerializer


class EventAttemptSerializer(serializers.Serializer):
    number = serializers.IntegerField(help_text="The attempt's number, from 1.")
    started_at = serializers.DateTimeField(help_text="When the attempt began.")
    sent_at = serializers.DateTimeField(
        allow_null=True, help_text="When the publishing call was about to be sent."
    )
    answered_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True, help_text="When the attempt ended.")
    outcome = NullIfBlankField(help_text="How the attempt ended.")
    error = NullIfBlankField(help_text="Why the attempt failed, for people to read.")
    http_status = serializers.IntegerField(allow_null=True)
    platform_code = NullIfBlankField(help_text="The network's own error code.")
    platform_request_id = NullIfBlankField()


class PostEventSerializer(serializers.Serializer):
    meta_serializer: ClassVar = PageMetaSerializer

    id = serializers.IntegerField()
    at = serializers.DateTimeField(help_text="When it happened.")
    destination_id = serializers.CharField(source="destination.public_id", read_only=True)
    account_id = serializers.IntegerField(source="destination.account_number", read_only=True)
    account_name = serializers.CharField(source="destination.account_name", read_only=True)
    platform = serializers.CharField(source="destination.platform", read_only=True)
    move = serializers.CharField()
    from_status = posts.WireStatusField(allow_null=True)
    to_status = posts.WireStatusField(help_text="The destination's status after.")
    by = serializers.SerializerMethodField(
        help_text="Who caused it: key:…, operator:…, worker or beat."
    )
    reason = NullIfBlankField(help_text="Why, for people to read.")
    request_id = NullIfBlankField()
    attempt = EventAttemptSerializer(allow_null=True)

    def get_by(self, event: EventRow) -> str:
        """Only operators see which worker it was."""
        kind = event.by.partition(":")[0]
        return kind if kind == "worker" else event.by
