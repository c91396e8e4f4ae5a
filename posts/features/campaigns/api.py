"""Campaigns over HTTP."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from posts.api import routing
from posts.api.endpoints import Tool, tools
from posts.api.idempotency import versions
from posts.api.resources import Resource, Values
from posts.api.serializers.fields import StrictSerializer, TextField, TrimmedField
from posts.api.serializers.queries import ALL, ResourceQuery
from posts.api.serializers.resources import (
    ChangesSerializer,
    NullIfBlankField,
    ResourcePageSerializer,
    deleted_as,
)
from posts.composing.destinations import Author
from posts.features.campaigns import campaigns
from posts.models import Campaign

COLOR = "^#[0-9a-fA-F]{6}$"


@extend_schema_field({"type": "string", "pattern": COLOR})
class ColorField(serializers.RegexField):
    """`#rrggbb`; becomes lower case."""

    def __init__(self, **options: Any) -> None:
        super().__init__(COLOR.replace("$", r"\Z"), trim_whitespace=False, **options)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return str(super().to_internal_value(data)).lower()


class CreateCampaignSerializer(StrictSerializer):
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


class EditCampaignSerializer(ChangesSerializer, CreateCampaignSerializer):
    null_is_said = frozenset({"description"})

    def validate_description(self, value: str | None) -> str:
        return value or ""


class CampaignQuery(ResourceQuery):
    status = serializers.ChoiceField(choices=[*Campaign.Status.values, ALL], required=False)


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


def version_of(workspace_id: uuid.UUID, data: Values) -> str:
    """Return when the campaign that POST /campaigns answered with last changed."""
    rows = Campaign.objects.filter(workspace=workspace_id, deleted_at__isnull=True)
    return versions.of_row(rows, data)


LIST_CAMPAIGNS = Tool(description="List campaigns, which collect posts, newest first.")
CREATE_CAMPAIGN = Tool(
    description="Create a campaign; posts are put into it by campaign_id.",
    hides=("status",),
    version_of=version_of,
)


class CampaignViewSet(Resource):
    one, many = "campaign", "campaigns"
    parse_id = int
    shown = CampaignSerializer
    new = CreateCampaignSerializer
    changes = EditCampaignSerializer
    query = CampaignQuery
    order = "Newest first."
    pagination = ResourcePageSerializer(help_text="Which page this is.")
    reads = "Read one campaign."
    deleted = deleted_as("DeletedCampaign", serializers.IntegerField)

    def context(self, who: Author, rows: Sequence[Campaign]) -> dict[str, Any]:
        return {"counts": campaigns.post_counts(who.reach, rows)}

    @tools(LIST_CAMPAIGNS)
    def rows(self, who: Author, asked: Values) -> QuerySet[Campaign]:
        """List campaigns, newest first."""
        return campaigns.listed(who.workspace_id, asked.get("status"))

    @tools(CREATE_CAMPAIGN)
    def make(self, who: Author, values: Values) -> Campaign:
        """Create a campaign. Posts are put into it by `campaign_id`."""
        return campaigns.create(who.workspace_id, values)

    def change(self, who: Author, row: Campaign, values: Values) -> Campaign:
        """Change a campaign: at least one field."""
        return campaigns.edit(who.reach, row.pk, values)

    def remove(self, who: Author, row: Campaign) -> None:
        """Delete a campaign; its posts stay, in no campaign. Its id is never used again."""
        campaigns.delete(who.reach, row.pk)


SHARED = routing.resource("campaigns", CampaignViewSet, "campaign")
