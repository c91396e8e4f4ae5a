"""Feeds over HTTP."""

import uuid
from functools import partial
from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from destinations import public_ids
from posts.api import routing
from posts.api.endpoints import Arguments, Json, Tool, options, tools
from posts.api.idempotency import versions
from posts.api.mounts import is_compat
from posts.api.pagination import page
from posts.api.resources import Resource, Values
from posts.api.serializers.fields import (
    AccountNumbersField,
    FlagField,
    NumberField,
    StrictListField,
    StrictSerializer,
    TextField,
    TrimmedField,
)
from posts.api.serializers.queries import ResourceQuery
from posts.api.serializers.resources import (
    ChangesSerializer,
    NullIfBlankField,
    ResourcePageSerializer,
    answer,
    deleted_as,
    read,
)
from posts.composing.destinations import Author
from posts.features.feeds import create_posts, feeds
from posts.features.feeds.models import Feed, FeedItem

MODES = Feed.Mode.values
STATES = FeedItem.State.values
MOST_DELAY_MINUTES = 30 * 24 * 60


class WordsField(StrictListField):
    """At most 50 words or phrases."""

    child = TextField(max_length=100)

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=50, required=False, allow_empty=True, **options)


class CreateFeedSerializer(StrictSerializer):
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
        if unknown := create_posts.unknown_fields(value):
            names = ", ".join(f"{{{name}}}" for name in create_posts.TEMPLATE_FIELDS)
            raise serializers.ValidationError(
                f"{{{unknown[0]}}} is unknown; a template may name {names}."
            )
        return value

    def validate_account_ids(self, value: list[int]) -> list[int]:
        return list(dict.fromkeys(value))

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs.get("account_ids"):
            raise serializers.ValidationError({"account_ids": "Name at least one account."})
        attrs.setdefault("mode", Feed.Mode.DRAFT)
        return attrs


class EditFeedSerializer(ChangesSerializer, CreateFeedSerializer):
    texts: ClassVar = {
        "name": "1 to 100 characters.",
        "url": "What another URL has now is not posted, as with a new feed.",
    }


class FeedItemQuery(ResourceQuery):
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


FeedItemListSerializer = answer(
    "FeedItemList",
    items=FeedItemSerializer(many=True, help_text="Newest first."),
    pagination=ResourcePageSerializer(help_text="Which page this is."),
)


def version_of(workspace_id: uuid.UUID, data: Values) -> str:
    """Return when the feed that POST /feeds answered with last changed; blank if it is gone."""
    return versions.of_row(Feed.objects.filter(workspace=workspace_id), data)


def _after_change(arguments: Arguments, answer: Json) -> str:
    if answer["data"]["enabled"]:
        return "It is read by itself; list_feeds says if that fails."
    return "It is switched off: update_feed with enabled: true has it read."


LIST_FEEDS = Tool(
    description="List the RSS and Atom feeds whose new items become posts, newest first, each "
    "with what is wrong with it.",
)
CREATE_FEED = Tool(
    title="Make posts of a feed",
    required=("account_ids",),
    description="Make a post of each new item of an RSS or Atom feed: a draft, unless mode says "
    "that it is published by itself, which the user must have agreed to. What the feed has now is "
    "not posted.",
    open_world=True,
    version_of=version_of,
    next_step=_after_change,
)
UPDATE_FEED = Tool(
    name="update_feed",
    description="Change a feed, or switch it off or on with enabled: only the fields given, each "
    "replaced as a whole. Posts that were made stay as they are.",
    open_world=True,
    next_step=_after_change,
)
DELETE_FEED = Tool(
    description="Delete a feed for good; its posts stay. If an answer was lost, not_found says "
    "that the feed is gone.",
)


class FeedViewSet(Resource):
    one, many = "feed", "feeds"
    shown = FeedSerializer
    new = CreateFeedSerializer
    changes = EditFeedSerializer
    query = ResourceQuery
    order = "Newest first."
    pagination = ResourcePageSerializer(help_text="Which page this is.")
    reads = "Read one feed."
    deleted = deleted_as("DeletedFeed")

    @tools(LIST_FEEDS)
    def rows(self, who: Author, asked: Values) -> QuerySet[Feed]:
        """List feeds, newest first."""
        return feeds.within(who.reach)

    @tools(CREATE_FEED)
    def make(self, who: Author, values: Values) -> Feed:
        """Make posts of a feed's new items.

        What the feed has now is not posted. It is read each 15 minutes; at most five items of a
        reading are posted, the others after the next ones.
        """
        return feeds.create(who.reach, values)

    @tools(UPDATE_FEED)
    def change(self, who: Author, row: Feed, values: Values) -> Feed:
        """Change a feed, or switch it off or on; posts that were made stay as they are."""
        return feeds.change(who.reach, row.pk, values)

    @tools(DELETE_FEED)
    def remove(self, who: Author, row: Feed) -> None:
        """Delete a feed; its posts stay."""
        feeds.delete(row)

    @extend_schema(
        operation_id="list_feed_items",
        parameters=[FeedItemQuery],
        responses=FeedItemListSerializer,
    )
    @action(detail=True)
    @options(may_lag=True, reads_query=True)
    def items(self, request: Request, **path: str) -> Response:
        """List a feed's items and what became of them, newest first."""
        feed = self.named(request, **path)
        asked = read(FeedItemQuery, request.query_params.dict())
        rows, meta = page(feeds.items(feed, asked.get("state")), asked)
        post_id = str if is_compat(request) else partial(public_ids.encode, public_ids.POST)
        shown = FeedItemSerializer(rows, many=True, context={"post_id": post_id}).data
        return Response(
            {"items": shown, "pagination": ResourcePageSerializer(meta["pagination"]).data}
        )


SHARED = routing.resource("feeds", FeedViewSet, "feed")
