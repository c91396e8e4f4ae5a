"""Posts that were just created or scheduled."""

import json
from typing import Any

import orjson
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema_field
from rest_framework import serializers

from posts.api.compat.serializers.fields import PostStatusField, ShownUUIDField
from posts.api.compat.serializers.posts import DestinationResultSerializer, show_result
from posts.api.serializers.compiled import compiled
from posts.api.serializers.posts import bulk, created
from posts.composing.compose import Composed
from posts.composing.destinations import Placed
from posts.models import Post
from posts.read_models import ResultRow


class CreatedPostSerializer(created.CreatedPostSerializer):
    """Shows a `Composed` that is no draft."""

    post_id = ShownUUIDField(source="post.id")  # type: ignore[assignment]
    id = ShownUUIDField(source="post.id", help_text="The same as `post_id`.")
    post_group_id = ShownUUIDField(source="post.id", help_text="The same as `post_id`.")
    status = PostStatusField(source="post.status")
    post_status = PostStatusField(source="post.status", help_text="The same as `status`.")
    destinations = serializers.SerializerMethodField(
        method_name="get_accounts_count", help_text="The same as `accounts_count`."
    )
    content = serializers.CharField(source="post.content")
    account_ids = serializers.SerializerMethodField(help_text="The accounts that it goes to.")
    timezone = serializers.CharField(source="post.timezone")
    media_ids = serializers.SerializerMethodField(help_text="The ids of its files, in order.")
    platform_content = serializers.SerializerMethodField(
        help_text="What differs on a platform, by its name."
    )
    campaign_id = serializers.IntegerField(
        source="post.campaign_id", allow_null=True, help_text="Its campaign; null: none."
    )
    created_at = serializers.DateTimeField(source="post.updated_at")
    updated_at = serializers.DateTimeField(source="post.updated_at")
    results = serializers.SerializerMethodField(help_text="One result per account.")

    def get_accounts_count(self, made: Composed) -> int:
        return len(made.destinations)

    @extend_schema_field(serializers.ListField(child=serializers.IntegerField()))
    def get_account_ids(self, made: Composed) -> list[int]:
        return [each.number for each in made.destinations]

    @extend_schema_field(serializers.ListField(child=serializers.UUIDField()))
    def get_media_ids(self, made: Composed) -> list[str]:
        return [str(key) for key in made.media_ids]

    @extend_schema_field(serializers.DictField())
    def get_platform_content(self, made: Composed) -> Any:
        """With numbers as they are read again: JSON's may be larger than an answer takes."""
        return orjson.loads(json.dumps(made.post.platform_content))

    @extend_schema_field(DestinationResultSerializer(many=True))
    def get_results(self, made: Composed) -> list[dict[str, Any]]:
        return [show_result(_new(each)) for each in made.destinations]


def _new(placed: Placed) -> ResultRow:
    """Return what a destination is until its first attempt."""
    values = {
        **dict.fromkeys(ResultRow._fields),
        "id": placed.destination,
        "platform": placed.platform,
        "status": "queued",
        "account_name": placed.name,
        "account_number": placed.number,
        "attempts": 0,
    }
    return ResultRow._make(values.values())


class CreatedDraftSerializer(created.CreatedDraftSerializer):
    post_id = ShownUUIDField(source="id")  # type: ignore[assignment]
    id = ShownUUIDField(help_text="The same as `post_id`.")

    @extend_schema_field(created.NextStepsSerializer)
    def get_next_steps(self, post: Post) -> dict[str, str]:
        return created.next_steps(f"/posts/{post.pk}")


def created_field(**options: Any) -> PolymorphicProxySerializer:
    """The two forms of POST /posts's answer, for the OpenAPI document."""
    return created.created_field(CreatedPostSerializer, CreatedDraftSerializer, **options)


_show_draft = compiled(CreatedDraftSerializer)
_show_post = compiled(CreatedPostSerializer)


def show_created(made: Composed) -> dict[str, Any]:
    """The answer about a new post."""
    is_draft = made.post.status == Post.Status.DRAFT
    return _show_draft(made.post) if is_draft else _show_post(made)


class ScheduledPostSerializer(created.ScheduledPostSerializer):
    post_id = ShownUUIDField(source="id")  # type: ignore[assignment]
    id = ShownUUIDField(help_text="The same as `post_id`.")


class BulkResultSerializer(bulk.BulkResultSerializer):
    post = created_field(required=False, help_text="The post, if it was created.")


class BulkSerializer(bulk.BulkSerializer):
    results = BulkResultSerializer(many=True)
