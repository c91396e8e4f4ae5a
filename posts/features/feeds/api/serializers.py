"""Feeds: bodies, queries and answers."""

from typing import Any

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from posts.api.serializers.fields import (
    AccountNumbersField,
    FlagField,
    NumberField,
    QueryNumberField,
    QuerySerializer,
    StrictListField,
    StrictSerializer,
    TextField,
)
from posts.api.serializers.posts.posts import NullIfBlankField
from posts.features.campaigns.api.serializers import CampaignPageSerializer, TrimmedField
from posts.features.feeds import item_text
from posts.features.feeds.models import Feed, FeedItem

MODES = Feed.Mode.values
STATES = FeedItem.State.values
MOST_DELAY_MINUTES = 30 * 24 * 60


class WordsField(StrictListField):
    """At most 50 words or phrases."""

    child = TextField(max_length=100)

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=50, required=False, allow_empty=True, **options)


class FeedFields(StrictSerializer):
    """What a new feed has and an edit may change."""

    null_is_said = frozenset({"campaign_id"})
    name = TrimmedField(max_length=100, help_text="1 to 100 characters; need not be unique.")
    url = TextField(
        max_length=4096, help_text="Of an RSS or Atom feed, or of a page that links to one."
    )
    account_ids = AccountNumbersField(
        allow_empty=False, help_text="Each item is posted to all of these accounts."
    )
    mode = serializers.ChoiceField(
        choices=MODES,
        required=False,
        help_text="What becomes of a new item: a draft, a post after a delay, a post at once, or a "
        "post in the default posting queue. Default draft.",
    )
    template = TextField(
        required=False,
        max_length=5_000,
        help_text="The text of a post. {title}, {link}, {summary}, {author} and {feed} stand for "
        "the item's. Title and summary are cut where the post would be too long.",
    )
    include_words = WordsField(
        help_text="Only items with one of these in title or summary, in any case, are posted."
    )
    exclude_words = WordsField(help_text="Items with one of these are not posted.")
    publish_delay_minutes = NumberField(
        required=False,
        min_value=0,
        max_value=MOST_DELAY_MINUTES,
        help_text="How long after it was found an item is published; default 0. The mode "
        "`schedule` needs one.",
    )
    require_approval = FlagField(
        required=False,
        help_text="true: each post waits until it is approved, also where the workspace leaves it "
        "to people; default false.",
    )
    campaign_id = NumberField(
        required=False, allow_null=True, min_value=1, help_text="The posts' campaign; null: none."
    )
    enabled = FlagField(
        required=False,
        help_text="false: it is not read. What it has when it is switched on again is not posted.",
    )

    def validate_template(self, value: str) -> str:
        if unknown := item_text.unknown(value):
            names = ", ".join(f"{{{name}}}" for name in item_text.FIELDS)
            raise serializers.ValidationError(
                f"{{{unknown[0]}}} is unknown; a template may name {names}."
            )
        return value

    def validate_account_ids(self, value: list[int]) -> list[int]:
        return list(dict.fromkeys(value))


class CreateFeedSerializer(FeedFields):
    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs.get("account_ids"):
            raise serializers.ValidationError({"account_ids": "Name at least one account."})
        attrs.setdefault("mode", Feed.Mode.DRAFT)
        return attrs


class EditFeedSerializer(FeedFields):
    """At least one field."""

    name = TrimmedField(required=False, max_length=100, help_text="1 to 100 characters.")
    url = TextField(
        required=False,
        max_length=4096,
        help_text="What another URL has now is not posted, as with a new feed.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs:
            raise serializers.ValidationError("Send at least one field to change.")
        return attrs


class FeedQuery(QuerySerializer):
    limit = QueryNumberField(min_value=1, max_value=100, default=50)
    offset = QueryNumberField(min_value=0, max_value=1_000_000_000, default=0)


class FeedItemQuery(FeedQuery):
    state = serializers.ChoiceField(choices=STATES, required=False)


class FeedSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    url = serializers.CharField(help_text="As it was given.")
    feed_url = serializers.SerializerMethodField(
        help_text="The feed that was found there; null until it was read."
    )
    account_ids = serializers.ListField(
        child=serializers.IntegerField(), help_text="Where items are posted."
    )
    mode = serializers.ChoiceField(choices=MODES, help_text="What becomes of a new item.")
    template = serializers.CharField(help_text="The text of a post.")
    include_words = serializers.ListField(
        child=serializers.CharField(), help_text="Items need one of these; empty: none."
    )
    exclude_words = serializers.ListField(
        child=serializers.CharField(), help_text="Items with one of these are not posted."
    )
    publish_delay_minutes = serializers.IntegerField(
        help_text="How long after it was found an item is published."
    )
    require_approval = serializers.BooleanField(
        help_text="Whether each post waits until it is approved."
    )
    campaign_id = serializers.IntegerField(
        allow_null=True, help_text="The posts' campaign; null: none."
    )
    enabled = serializers.BooleanField(help_text="Whether it is read.")
    next_read_at = serializers.SerializerMethodField(
        help_text="When it is read next, in UTC; null while it is switched off."
    )
    last_read_at = serializers.DateTimeField(
        source="read_at", allow_null=True, help_text="When it was last read without an error."
    )
    consecutive_errors = serializers.IntegerField(
        help_text="How often in a row it could not be read; after ten it is switched off."
    )
    problem = NullIfBlankField(help_text="Why it could not be read the last time; null: it was.")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()

    def get_feed_url(self, feed: Feed) -> str | None:
        return (feed.source_url or feed.url) if feed.read_at else None

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_next_read_at(self, feed: Feed) -> Any:
        return serializers.DateTimeField().to_representation(feed.due_at) if feed.enabled else None


class FeedItemSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    title = serializers.CharField()
    link = NullIfBlankField(help_text="Where the item leads; null: nowhere.")
    state = serializers.ChoiceField(
        choices=STATES,
        help_text="`backlog`: it was there before the feed was first read. `filtered`: its words "
        "exclude it. `waiting`: its post is made soon, or tried again. `failed`: the post was "
        "refused for good.",
    )
    post_id = serializers.SerializerMethodField(
        help_text="Its post, which may have been deleted since; null: none."
    )
    problem = NullIfBlankField(
        help_text="Why there is no post, or none yet; null: nothing is wrong."
    )
    found_at = serializers.DateTimeField(source="created_at", help_text="When it was first read.")

    def get_post_id(self, item: FeedItem) -> str | None:
        if item.post_id is None:
            return None
        shown: str = self.context["post_id"](item.post_id)
        return shown


@extend_schema_serializer(many=False)
class FeedListSerializer(serializers.Serializer):
    feeds = FeedSerializer(many=True, help_text="Newest first.")
    pagination = CampaignPageSerializer(help_text="Which page this is.")


@extend_schema_serializer(many=False)
class FeedItemListSerializer(serializers.Serializer):
    items = FeedItemSerializer(many=True, help_text="Newest first.")
    pagination = CampaignPageSerializer(help_text="Which page this is.")


class DeletedFeedSerializer(serializers.Serializer):
    id = serializers.CharField()
    deleted = serializers.BooleanField(help_text="Always true.")
