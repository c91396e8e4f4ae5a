"""Calendar feeds, as callers send and receive them."""

from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from platforms.registry import ADAPTERS
from posts.api.serializers.fields import NumberField, StrictSerializer, TextField
from posts.api.serializers.posts.parts.platform_content import PLATFORM_ALIASES
from posts.api.serializers.posts.queries import ChoicesField
from posts.features.calendar_feeds.models import CalendarFeed
from posts.models import Post


class CreateCalendarFeedSerializer(StrictSerializer):
    name = TextField(max_length=100, help_text="Its name, which calendar programs show.")
    status = ChoicesField(Post.Status.values, required=False)
    platform = ChoicesField([*ADAPTERS, *PLATFORM_ALIASES], required=False)
    account_id = NumberField(required=False, help_text="Only posts that go to this account.")
    campaign_id = NumberField(required=False, help_text="Only posts in this campaign.")

    def to_internal_value(self, data: Any) -> Any:
        values = super().to_internal_value(data)
        for name in ("status", "platform"):
            words = [PLATFORM_ALIASES.get(word, word) for word in values.get(name, [])]
            values[name] = [] if "all" in words else list(dict.fromkeys(words))
        return values


class CalendarFeedSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    status = serializers.SerializerMethodField(help_text="Only these statuses; null: all.")
    platform = serializers.SerializerMethodField(help_text="Only these networks; null: all.")
    account_id = serializers.IntegerField(
        source="account_number", allow_null=True, help_text="Only this account; null: all."
    )
    campaign_id = serializers.IntegerField(
        source="campaign_number", allow_null=True, help_text="Only this campaign; null: any."
    )
    created_at = serializers.DateTimeField()
    last_read_at = serializers.DateTimeField(
        allow_null=True, help_text="When a program last read it, within an hour; null: never."
    )

    def get_status(self, feed: CalendarFeed) -> str | None:
        return ",".join(feed.statuses) or None

    def get_platform(self, feed: CalendarFeed) -> str | None:
        return ",".join(feed.platforms) or None


@extend_schema_serializer(many=False)
class CalendarFeedsSerializer(serializers.Serializer):
    calendar_feeds = CalendarFeedSerializer(many=True, help_text="The feeds, oldest first.")


class NewCalendarFeedSerializer(CalendarFeedSerializer):
    url = serializers.CharField(
        help_text="The address for calendar programs, shown this once. It opens the calendar to "
        "all who have it."
    )


class RevokedCalendarFeedSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    deleted = serializers.BooleanField(help_text="Always true.")
