"""Retries: the destinations that are retried and, in `meta`, those that were skipped."""

from collections.abc import Sequence
from typing import Any, ClassVar, get_args

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from destinations import manual_retry
from destinations.models import Destination
from posts.api.serializers.fields import PostIdField
from posts.api.serializers.resources import MetaSerializer

LEFT_OUT = "The destinations that were skipped, and why; absent if there are none."
RETRIED = "The destinations that are retried."
#: How many skipped destinations are listed; the others are counted.
MOST_SKIPPED = 100


class SkippedSerializer(serializers.Serializer):
    id = serializers.CharField(source="row.public_id")
    platform = serializers.CharField(source="row.platform")
    reason = serializers.ChoiceField(
        get_args(manual_retry.Reason), help_text="Why it was skipped, as a stable code."
    )
    how = serializers.CharField(help_text="How it can be retried, for people to read.")


class SkippedOfManySerializer(SkippedSerializer):
    post_id = PostIdField(source="row.post_id", read_only=True)


class SkippedMetaSerializer(MetaSerializer):
    skipped = SkippedSerializer(many=True, required=False, help_text=LEFT_OUT)
    more_skipped = serializers.IntegerField(
        required=False,
        help_text="How many more were skipped than are listed; absent if there are none.",
    )


class SkippedOfManyMetaSerializer(SkippedMetaSerializer):
    skipped = SkippedOfManySerializer(many=True, required=False, help_text=LEFT_OUT)


def skipped_meta(
    skipped: Sequence[manual_retry.SkippedDestination],
    serializer: type[SkippedSerializer] = SkippedSerializer,
    total: int | None = None,
) -> dict[str, Any]:
    """`meta` of a retry: the skipped destinations. `total`: how many there are in all."""
    more = (len(skipped) if total is None else total) - min(len(skipped), MOST_SKIPPED)
    found = {"skipped": serializer(skipped[:MOST_SKIPPED], many=True).data, "more_skipped": more}
    return {name: value for name, value in found.items() if value}


class RequeuedDestinationSerializer(serializers.Serializer):
    id = serializers.CharField(source="public_id")
    platform = serializers.CharField()
    new_status = serializers.SerializerMethodField()

    @extend_schema_field(serializers.ChoiceField(["queued"]))
    def get_new_status(self, row: Destination) -> str:
        return str(Destination.Status.QUEUED)


class RetriedSerializer(serializers.Serializer):
    meta_serializer: ClassVar[type[MetaSerializer]] = SkippedMetaSerializer

    retried_count = serializers.IntegerField(help_text="How many destinations are retried.")
    destinations: serializers.Serializer = RequeuedDestinationSerializer(
        many=True, help_text=RETRIED
    )


class RetriedMissedSerializer(RetriedSerializer):
    meta_serializer: ClassVar = SkippedOfManyMetaSerializer


class RetriedFailedDestinationSerializer(serializers.Serializer):
    destination_id = serializers.CharField(source="public_id")
    post_id = PostIdField(read_only=True)
    platform = serializers.CharField()
    new_status = serializers.SerializerMethodField()

    def get_new_status(self, row: Destination) -> str:
        return "queued"


class RetriedFailedSerializer(RetriedMissedSerializer):
    destinations = RetriedFailedDestinationSerializer(many=True, help_text=RETRIED)
    message = serializers.CharField()
