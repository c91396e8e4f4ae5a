"""Posts, destinations and deletions, with the fields of every published client."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from posts.api.compat.serializers.fields import PostStatusField, ShownUUIDField
from posts.api.serializers.compiled import compiled, instant
from posts.api.serializers.posts import created, posts
from posts.api.serializers.posts.declared import Declared
from posts.api.serializers.posts.events import PostEventSerializer as EventSerializer
from posts.api.serializers.posts.warnings import WarnedMetaSerializer
from posts.api.serializers.resources import (
    MetaSerializer,
    NullIfBlankField,
    PageMetaSerializer,
    PaginationSerializer,
)
from posts.read_models import ResultRow, WholePostRow


class DestinationResultSerializer(posts.ResultSerializer):
    id = ShownUUIDField()  # type: ignore[assignment]
    social_account_id = serializers.IntegerField(
        source="account_number", help_text="The same as `account_id`."
    )
    last_error = NullIfBlankField(source="error", help_text="The same as `error`.")


class DestinationMetricsSerializer(serializers.Serializer):
    """Numbers since the post became public; one that the network does not give is absent."""

    views = serializers.IntegerField(required=False, help_text="How often it was seen.")
    likes = serializers.IntegerField(required=False, help_text="Likes, or reactions of any kind.")
    comments = serializers.IntegerField(required=False, help_text="Comments, or replies.")
    shares = serializers.IntegerField(required=False, help_text="Shares, reposts and quotes.")


class DestinationSerializer(DestinationResultSerializer):
    """A destination within its post."""

    scheduled_for = serializers.DateTimeField(allow_null=True, help_text="When the post is due.")
    metrics = DestinationMetricsSerializer(
        required=False, help_text="What its network says of it; absent until it was read."
    )


show_result = compiled(DestinationResultSerializer)


class PostSerializer(Declared):
    """Shows a `WholePostRow`, in lists too."""

    meta_serializer: ClassVar[type[MetaSerializer]] = posts.PostMetaSerializer
    own_first = True

    id = ShownUUIDField()
    post_id = ShownUUIDField(source="id", help_text="The same as `id`.")
    content = serializers.CharField(source="post.content")
    media = posts.AttachedMediaSerializer(many=True, source="post.files")
    media_ids = serializers.SerializerMethodField(help_text="The ids of its files, in order.")
    account_ids = serializers.SerializerMethodField(help_text="The accounts that it goes to.")
    platform_content = serializers.DictField(help_text="What differs on a platform, by its name.")
    campaign_id = serializers.IntegerField(
        source="post.campaign_id", allow_null=True, help_text="Its campaign; null: none."
    )
    scheduled_for = serializers.DateTimeField(source="post.scheduled_for", allow_null=True)
    timezone = serializers.CharField(source="post.timezone")
    status = PostStatusField(help_text="The post's status, which follows from its destinations'.")
    post_status = PostStatusField(source="status", help_text="The same as `status`.")
    destinations = serializers.SerializerMethodField(help_text="One destination per account.")
    created_at = serializers.DateTimeField(source="post.created_at")
    updated_at = serializers.DateTimeField(source="post.updated_at")

    def declared_fields(self) -> dict[str, serializers.Field]:
        return posts.shown_if_said()

    @extend_schema_field(serializers.ListField(child=serializers.UUIDField()))
    def get_media_ids(self, row: WholePostRow) -> list[str]:
        return [file.id for file in row.post.files]

    @extend_schema_field(serializers.ListField(child=serializers.IntegerField()))
    def get_account_ids(self, row: WholePostRow) -> list[int]:
        return [each.account_number for each in row.destinations]

    @extend_schema_field(DestinationSerializer(many=True))
    def get_destinations(self, row: WholePostRow) -> list[dict[str, Any]]:
        at = row.post.scheduled_for
        due = {"scheduled_for": instant(at) if at else None}
        return [{**show_result(each), **due, **_numbers(each)} for each in row.destinations]


def _numbers(row: ResultRow) -> dict[str, Any]:
    return {"metrics": row.metrics} if row.metrics else {}


show_post = compiled(PostSerializer)


class EditedPostSerializer(PostSerializer):
    """A post after a change."""

    meta_serializer: ClassVar = WarnedMetaSerializer


@extend_schema_serializer(many=False)
class PostsSerializer(serializers.Serializer):
    """A page of posts."""

    meta_serializer: ClassVar = PageMetaSerializer

    posts = PostSerializer(many=True, help_text="The posts of this page.")
    pagination = PaginationSerializer(help_text="Which page of the list this is.")
    total = serializers.IntegerField(help_text="The same as `pagination.total`.")
    limit = serializers.IntegerField(help_text="The same as `pagination.limit`.")
    offset = serializers.IntegerField(help_text="The same as `pagination.offset`.")


class ResultsSerializer(serializers.Serializer):
    """A post's results, of a `WholePostRow`."""

    meta_serializer: ClassVar = posts.ResultsMetaSerializer

    post_id = ShownUUIDField(source="id")
    post_status = PostStatusField(source="status", help_text="The post's status.")
    content = serializers.CharField(source="post.content")
    scheduled_for = serializers.DateTimeField(source="post.scheduled_for", allow_null=True)
    results = DestinationResultSerializer(
        many=True, source="destinations", help_text="One result per account."
    )


class PostEventSerializer(EventSerializer):
    destination_id = ShownUUIDField(source="destination.id")  # type: ignore[assignment]


show_results = compiled(ResultsSerializer)
show_event = compiled(PostEventSerializer)


class DeletedCopySerializer(created.DeletedCopySerializer):
    destination_id = serializers.UUIDField()  # type: ignore[assignment]


class DeletedPostSerializer(serializers.Serializer):
    """Shows `deletion.Deleted`."""

    id = serializers.UUIDField(source="post_id")
    post_id = serializers.UUIDField(help_text="The same as `id`.")
    deleted = serializers.BooleanField(
        help_text="Whether the post is deleted here. False while a copy that was to go is public: "
        "the post is kept, and the same request goes on."
    )
    message = serializers.CharField(help_text="What was done, in words.")
    platforms = DeletedCopySerializer(
        many=True,
        source="deletions",
        help_text="What became of each public copy that was to go.",
    )
