"""Queries of posts and files."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from platforms.registry import ADAPTERS, ALIASES
from posts.api.serializers.fields import TextField, UTCDateTimeField
from posts.api.serializers.queries import (
    ALL,
    ChoicesField,
    PageQuery,
    QueryNumberField,
    QuerySerializer,
)
from posts.models import Media, Post
from posts.read_models.listing import PostFilters

#: A query's word for a time, and the column it is about.
TIMES = {
    "created": "created_at",
    "scheduled": "scheduled_for",
    "published": "published_at",
    "updated": "updated_at",
}


class MediaQuery(PageQuery):
    type = serializers.ChoiceField(choices=[*Media.Kind.values, ALL], required=False)
    status = serializers.ChoiceField(choices=[*Media.Status.values, ALL], required=False)


class PlatformsField(serializers.Field):
    """Platforms, separated by commas, or `all`; as their keys."""

    def __init__(self, **options: Any) -> None:
        words = [*ADAPTERS, *ALIASES]
        self.word = serializers.ChoiceField(choices=words)
        super().__init__(**options)
        pattern = f"^({ALL}|({'|'.join(words)})(,({'|'.join(words)}))*)$"
        extend_schema_field({"type": "string", "pattern": pattern})(self)

    def to_internal_value(self, data: Any) -> list[str]:
        if data == ALL:
            return list(ADAPTERS)
        words = [self.word.run_validation(word.strip()) for word in str(data).split(",")]
        return list(dict.fromkeys(ALIASES.get(word, word) for word in words))


#: The parameter of `DeletePostQuery`.
DELETE_ON_PLATFORMS = "delete_on_platforms"


class DeletePostQuery(QuerySerializer):
    delete_on_platforms = PlatformsField(
        required=False,
        help_text="Also delete what is public on these platforms, separated by commas; or `all`. "
        "Copies on other platforms stay public.",
    )


class DeleteMediaQuery(QuerySerializer):
    force = serializers.BooleanField(
        default=False, help_text="Also if unfinished posts use the file."
    )


class PostQuery(PageQuery):
    status = ChoicesField(Post.Status.values, required=False)
    platform = ChoicesField([*ADAPTERS, *ALIASES], required=False)
    account_id = QueryNumberField(required=False, help_text="Posts that go to this account.")
    campaign_id = QueryNumberField(required=False, help_text="Posts in this campaign.")
    created_after = UTCDateTimeField(required=False, help_text="Created at this time or later.")
    created_before = UTCDateTimeField(required=False, help_text="Created before this time.")
    scheduled_after = UTCDateTimeField(required=False)
    scheduled_before = UTCDateTimeField(required=False)
    published_after = UTCDateTimeField(
        required=False, help_text="A post is published when its first destination is."
    )
    published_before = UTCDateTimeField(required=False, help_text="Published before this time.")
    updated_after = UTCDateTimeField(required=False, help_text="Changed at this time or later.")
    search = TextField(
        required=False, max_length=200, help_text="Part of the content, ignoring case."
    )
    sort = serializers.ChoiceField(
        choices=list(TIMES.values()),
        default="created_at",
        help_text="Posts without this time come last; with order=asc, first.",
    )
    order = serializers.ChoiceField(choices=["desc", "asc"], default="desc")

    def validate_platform(self, value: list[str]) -> list[str]:
        return [ALIASES.get(word, word) for word in value]


def filters(values: Mapping[str, Any]) -> PostFilters:
    """Return what the values of a valid PostQuery ask for."""
    return PostFilters(
        statuses=values.get("status", ()),
        platforms=values.get("platform", ()),
        account_id=values.get("account_id"),
        campaign_id=values.get("campaign_id"),
        since=_times(values, "after"),
        before=_times(values, "before"),
        search=values.get("search", ""),
        sort=values["sort"],
        order=values["order"],
    )


def _times(values: Mapping[str, Any], side: str) -> dict[str, Any]:
    return {
        column: values[f"{word}_{side}"]
        for word, column in TIMES.items()
        if f"{word}_{side}" in values
    }
