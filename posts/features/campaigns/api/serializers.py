"""Campaigns: bodies, queries and answers."""

from typing import Any

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from posts.api.serializers.fields import (
    ALL,
    QueryNumberField,
    QuerySerializer,
    StrictSerializer,
    TextField,
)
from posts.api.serializers.posts.posts import NullIfBlankField
from posts.models import Campaign

COLOR = "^#[0-9a-fA-F]{6}$"


class TrimmedField(TextField):
    """A text without the white space around it."""

    def to_internal_value(self, data: Any) -> str:
        return super().to_internal_value(data).strip()


@extend_schema_field({"type": "string", "pattern": COLOR})
class ColorField(serializers.RegexField):
    """`#rrggbb`; becomes lower case."""

    def __init__(self, **options: Any) -> None:
        super().__init__(COLOR.replace("$", r"\Z"), trim_whitespace=False, **options)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return str(super().to_internal_value(data)).lower()


class CampaignFields(StrictSerializer):
    name = TrimmedField(max_length=100, help_text="Need not be unique; trimmed.")
    description = TextField(
        required=False, allow_blank=True, max_length=500, help_text="Null or empty: none."
    )
    color = ColorField(required=False, help_text="Such as #3b82f6, which is the default.")
    status = serializers.ChoiceField(
        choices=Campaign.Status.values,
        required=False,
        help_text="An archived campaign keeps its posts and takes no more.",
    )


class CreateCampaignSerializer(CampaignFields):
    pass


class EditCampaignSerializer(CampaignFields):
    """At least one field."""

    null_is_said = frozenset({"description"})
    name = TrimmedField(max_length=100, required=False, help_text="Need not be unique; trimmed.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs:
            raise serializers.ValidationError("Send at least one field to change.")
        if "description" in attrs:
            attrs["description"] = attrs["description"] or ""
        return attrs


class CampaignQuery(QuerySerializer):
    status = serializers.ChoiceField(choices=[*Campaign.Status.values, ALL], required=False)
    limit = QueryNumberField(min_value=1, max_value=100, default=50)
    offset = QueryNumberField(min_value=0, max_value=1_000_000_000, default=0)


class CampaignSerializer(serializers.Serializer):
    """Shows a campaign; `context["counts"]` has the numbers of posts by id."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    description = NullIfBlankField(help_text="What it is about; null if nothing was said.")
    color = serializers.CharField(help_text="`#rrggbb`, in lower case.")
    status = serializers.ChoiceField(choices=Campaign.Status.values)
    post_count = serializers.SerializerMethodField(
        help_text="The posts in it that this key sees, drafts too."
    )
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()

    def get_post_count(self, campaign: Campaign) -> int:
        return int(self.context["counts"].get(campaign.pk, 0))


class CampaignPageSerializer(serializers.Serializer):
    limit = serializers.IntegerField(help_text="The most items of a page.")
    offset = serializers.IntegerField(help_text="How many items come before this page.")
    total = serializers.IntegerField(help_text="How many match.")
    has_more = serializers.BooleanField(help_text="Whether more follow this page.")


@extend_schema_serializer(many=False)
class CampaignListSerializer(serializers.Serializer):
    campaigns = CampaignSerializer(many=True, help_text="Newest first.")
    pagination = CampaignPageSerializer(help_text="Which page this is.")


class DeletedCampaignSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    deleted = serializers.BooleanField(help_text="Always true.")
