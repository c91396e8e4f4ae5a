"""A post's history: what happened to each destination, when, by whom and why."""

import uuid
from collections.abc import Mapping
from typing import ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from destinations.models import Destination
from destinations.state.history import HistoryEntry
from posts.api.serializers import posts

WIRE_STATUSES = ["queued", "publishing", "published", "failed"]


class EventAttemptSerializer(serializers.Serializer):
    number = serializers.IntegerField(help_text="The attempt's number, from 1.")
    started_at = serializers.DateTimeField(help_text="When the attempt began.")
    sent_at = serializers.DateTimeField(
        allow_null=True, help_text="When the publishing call was about to be sent."
    )
    answered_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True, help_text="When the attempt ended.")
    outcome = posts.NullIfBlankField(help_text="How the attempt ended.")
    error = posts.NullIfBlankField(help_text="Why the attempt failed, for people to read.")
    http_status = serializers.IntegerField(allow_null=True)
    platform_code = posts.NullIfBlankField(help_text="The network's own error code.")
    platform_request_id = posts.NullIfBlankField()


class PostEventSerializer(serializers.Serializer):
    meta_serializer: ClassVar = posts.PageMetaSerializer

    id = serializers.IntegerField(source="event.id")
    at = serializers.DateTimeField(source="event.at", help_text="When it happened.")
    destination_id = serializers.SerializerMethodField()
    account_id = serializers.SerializerMethodField()
    account_name = serializers.SerializerMethodField()
    platform = serializers.SerializerMethodField()
    move = serializers.CharField(source="event.move")
    from_status = serializers.SerializerMethodField()
    to_status = serializers.SerializerMethodField(help_text="The destination's status after.")
    by = serializers.SerializerMethodField(
        help_text="Who caused it: key:…, operator:…, worker or beat."
    )
    reason = posts.NullIfBlankField(source="event.reason", help_text="Why, for people to read.")
    request_id = posts.NullIfBlankField(source="event.request_id")
    attempt = EventAttemptSerializer(allow_null=True)

    def get_destination_id(self, entry: HistoryEntry) -> str:
        return self._row(entry).public_id

    def get_account_id(self, entry: HistoryEntry) -> int:
        return self._row(entry).account_number

    def get_account_name(self, entry: HistoryEntry) -> str:
        return self._row(entry).account_name

    def get_platform(self, entry: HistoryEntry) -> str:
        return self._row(entry).platform

    @extend_schema_field(serializers.ChoiceField(WIRE_STATUSES, allow_null=True))
    def get_from_status(self, entry: HistoryEntry) -> str | None:
        status = entry.event.from_status
        return posts.wire_status(status) if status else None

    @extend_schema_field(serializers.ChoiceField(WIRE_STATUSES))
    def get_to_status(self, entry: HistoryEntry) -> str:
        return posts.wire_status(entry.event.to_status)

    def get_by(self, entry: HistoryEntry) -> str:
        """Only operators see which worker it was."""
        kind = entry.event.by.partition(":")[0]
        return kind if kind == "worker" else entry.event.by

    def _row(self, entry: HistoryEntry) -> Destination:
        rows: Mapping[uuid.UUID, Destination] = self.context["destinations"]
        return rows[entry.event.destination_id]
