"""Retries, in the shapes of the published clients."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers

from posts.api.compat.serializers import posts
from posts.api.compat.serializers.fields import PlainIds, ShownUUIDField
from posts.api.serializers.posts import retries
from posts.api.views import retries as reference


def _retried() -> serializers.IntegerField:
    return serializers.IntegerField(
        source="retried_count", help_text="The same as `retried_count`."
    )


class RequeuedSerializer(retries.RequeuedDestinationSerializer):
    id = ShownUUIDField()  # type: ignore[assignment]
    status = serializers.SerializerMethodField(
        method_name="get_new_status", help_text="The same as `new_status`."
    )

    def get_new_status(self, row: Any) -> str:
        return "queued"


class RetriedMissedSerializer(retries.RetriedMissedSerializer):
    destinations = RequeuedSerializer(many=True, help_text=retries.RETRIED)
    retried = _retried()


class RetriedSerializer(retries.RetriedSerializer):
    post_id = ShownUUIDField()
    retried = _retried()
    message = serializers.SerializerMethodField()
    next_step = serializers.SerializerMethodField()
    destinations = RequeuedSerializer(many=True, help_text=retries.RETRIED)

    def get_message(self, found: Mapping[str, Any]) -> str:
        count = found["retried_count"]
        return f"Retrying {count} destination{'' if count == 1 else 's'}."

    def get_next_step(self, found: Mapping[str, Any]) -> str:
        return f"GET /posts/{found['post_id']}/results shows what becomes of it."


class RetriedFailedDestinationSerializer(retries.RetriedFailedDestinationSerializer):
    destination_id = ShownUUIDField(source="id")  # type: ignore[assignment]
    post_id = ShownUUIDField()  # type: ignore[assignment]
    status = serializers.SerializerMethodField(
        method_name="get_new_status", help_text="The same as `new_status`."
    )


class RetriedFailedSerializer(retries.RetriedFailedSerializer):
    destinations = RetriedFailedDestinationSerializer(many=True, help_text=retries.RETRIED)
    retried = _retried()


@extend_schema_view(
    retry=extend_schema(responses=RetriedSerializer),
    resolve=extend_schema(responses=posts.DestinationResultSerializer),
    retry_failed=extend_schema(responses=RetriedFailedSerializer),
)
class RetryViewSet(PlainIds, reference.RetryViewSet):
    retried: type[RetriedSerializer] = RetriedSerializer
    resolved: type[posts.DestinationResultSerializer] = posts.DestinationResultSerializer
    retried_failed: type[RetriedFailedSerializer] = RetriedFailedSerializer
