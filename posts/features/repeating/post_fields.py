"""Fields by which a post comes again, in requests and answers about posts."""

import re
from datetime import date, timedelta
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from destinations.runtime import clock
from posts.api.serializers.fields import (
    FlagField,
    NumberField,
    StrictListField,
    StrictSerializer,
    TextField,
)
from posts.api.serializers.posts.options import OmittedField
from posts.features.repeating.models import Recurrence, Recycling
from posts.features.repeating.rules import DAYS
from posts.models.workspace import MOST_MINUTES

MOST_INTERVAL = 100
MOST_COUNT = 1_000
MOST_VARIATIONS = 20
#: The first turn of a recycled post.
FARTHEST = timedelta(days=3653)


@extend_schema_field(OpenApiTypes.DATE)
class ISODateField(TextField):
    """A date without a time, YYYY-MM-DD."""

    def to_internal_value(self, data: Any) -> date:  # type: ignore[override]
        text = super().to_internal_value(data)
        try:
            if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
                raise ValueError
            return date.fromisoformat(text)
        except ValueError:
            raise serializers.ValidationError("Write a date such as 2030-12-31.") from None


class RecurrenceFieldSerializer(StrictSerializer):
    """How a scheduled post comes again. Becomes the parts of a `rules.Rule`."""

    freq = serializers.ChoiceField(
        choices=Recurrence.Freq.values, help_text="The unit of `interval`."
    )
    interval = NumberField(
        required=False,
        min_value=1,
        max_value=MOST_INTERVAL,
        help_text="Each so many days, weeks or months; default 1.",
    )
    by_day = StrictListField(
        child=serializers.ChoiceField(choices=list(DAYS)),
        required=False,
        allow_empty=False,
        max_length=len(DAYS),
        help_text="Only on these days of the week; not with `monthly`. Default: every day, or "
        "weekly on the day of `scheduled_at`.",
    )
    until = ISODateField(required=False, help_text="The last date, in `timezone`.")
    count = NumberField(
        required=False,
        min_value=1,
        max_value=MOST_COUNT,
        help_text="How many occurrences there are, the first counted; or `until`.",
    )
    timezone = TextField(
        required=False,
        help_text="The IANA name of the zone whose time of day it keeps; default: the post's.",
    )
    missed_after_minutes = NumberField(
        required=False,
        min_value=1,
        max_value=MOST_MINUTES,
        help_text="An occurrence that could not begin within this time fails as `missed_schedule`, "
        "and only a retry publishes it; default: until the next occurrence.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "until" in attrs and "count" in attrs:
            raise serializers.ValidationError({"count": "Send either count or until."})
        if "by_day" in attrs:
            if attrs["freq"] == Recurrence.Freq.MONTHLY:
                raise serializers.ValidationError(
                    {"by_day": "A monthly post comes on the day of the month of scheduled_at."}
                )
            attrs["by_day"] = tuple(sorted(set(attrs["by_day"]), key=DAYS.index))
        return attrs


class RecyclingFieldSerializer(StrictSerializer):
    """How a post comes again after it was published."""

    enabled = FlagField(
        required=False, default=True, help_text="false: it is not recycled; default true."
    )
    gap = NumberField(
        min_value=1, max_value=52, help_text="How many weeks or months lie between two turns."
    )
    gap_unit = serializers.ChoiceField(
        choices=Recycling.GapUnit.values, help_text="The unit of `gap`."
    )
    start_date = ISODateField(required=False, help_text="No turn before this date.")
    expire_count = NumberField(
        required=False, min_value=1, max_value=1_000, help_text="How many turns there are."
    )
    expire_date = ISODateField(required=False, help_text="No turn after this date.")
    content_variations = StrictListField(
        child=TextField(),
        required=False,
        min_length=2,
        max_length=MOST_VARIATIONS,
        help_text="Texts that the turns have, one after the other, instead of the post's own. A "
        "platform with a text of its own keeps that.",
    )

    def validate_start_date(self, value: date | None) -> date | None:
        if value and value > clock.now().date() + FARTHEST:
            raise serializers.ValidationError("This is more than ten years ahead.")
        return value


class EditRecyclingSerializer(RecyclingFieldSerializer):
    """Only what changes; null takes a date, a number or the texts away."""

    null_is_said = frozenset({"start_date", "expire_count", "expire_date", "content_variations"})
    enabled = FlagField(required=False, help_text="false: it is not recycled any more.")
    gap = NumberField(
        required=False,
        min_value=1,
        max_value=52,
        help_text="How many weeks or months lie between two turns.",
    )
    gap_unit = serializers.ChoiceField(
        choices=Recycling.GapUnit.values, required=False, help_text="The unit of `gap`."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs:
            raise serializers.ValidationError("Send at least one field to change.")
        if "content_variations" in attrs:
            attrs["content_variations"] = attrs["content_variations"] or []
        return attrs


class ShownRecyclingSerializer(serializers.Serializer):
    """How a post is recycled."""

    enabled = serializers.BooleanField(help_text="Whether it is recycled.")
    gap = serializers.IntegerField(help_text="How many weeks or months lie between two turns.")
    gap_unit = serializers.ChoiceField(choices=Recycling.GapUnit.values)
    start_date = serializers.DateField(allow_null=True, help_text="No turn is before it.")
    expire_count = serializers.IntegerField(allow_null=True, help_text="How many turns there are.")
    expire_date = serializers.DateField(allow_null=True, help_text="No turn is after it.")
    content_variations = serializers.ListField(
        child=serializers.CharField(), help_text="The texts of its turns; empty: the post's own."
    )


@extend_schema_field(ShownRecyclingSerializer)
class ShownRecyclingField(OmittedField):
    says = "How it is recycled; absent if it never was to be."


REQUESTED = {"recurrence": RecurrenceFieldSerializer, "recycling": RecyclingFieldSerializer}
SHOWN = {"recycling": ShownRecyclingField}
