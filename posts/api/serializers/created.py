"""Posts that were just created or scheduled, as callers receive them."""

from dataclasses import dataclass
from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema_field
from rest_framework import serializers

from posts.api.serializers.compiled import compiled
from posts.models import Post


@dataclass(frozen=True, slots=True)
class Created:
    """A new post that is no draft, and how many accounts it goes to."""

    post: Post
    accounts_count: int

    @property
    def message(self) -> str:
        return _message(self.post, self.accounts_count)


class CreatedPostSerializer(serializers.Serializer):
    """Shows a `Created`."""

    post_id = serializers.CharField(source="post.public_id")
    status = serializers.ChoiceField(choices=Post.Status.values, source="post.status")
    scheduled_for = serializers.DateTimeField(allow_null=True, source="post.scheduled_for")
    accounts_count = serializers.IntegerField(
        read_only=True, help_text="How many accounts it goes to."
    )
    message = serializers.CharField(read_only=True)


class NextStepsSerializer(serializers.Serializer):
    review = serializers.CharField(help_text="How to read and change the draft.")
    publish = serializers.CharField(help_text="How to publish the draft.")


class CreatedDraftSerializer(serializers.Serializer):
    post_id = serializers.CharField(source="public_id")
    status = serializers.ChoiceField(choices=[Post.Status.DRAFT])
    scheduled_for = serializers.DateTimeField(allow_null=True)
    message = serializers.SerializerMethodField()
    next_steps = serializers.SerializerMethodField(help_text="What to do next.")

    def get_message(self, post: Post) -> str:
        return "Draft saved; nothing is published until you schedule it."

    @extend_schema_field(NextStepsSerializer)
    def get_next_steps(self, post: Post) -> dict[str, str]:
        path = f"/api/v1/posts/{post.public_id}"
        return {
            "review": f"GET {path} shows it, PATCH {path} changes it.",
            "publish": f"POST {path}/schedule publishes it, at a time or now.",
        }


def created_field(**options: Any) -> PolymorphicProxySerializer:
    """The two forms of POST /posts's answer, for the OpenAPI document."""
    return PolymorphicProxySerializer(
        component_name="CreatedPostOrDraft",
        serializers=[CreatedPostSerializer, CreatedDraftSerializer],
        resource_type_field_name=None,
        **options,
    )


_show_draft = compiled(CreatedDraftSerializer)
_show_post = compiled(CreatedPostSerializer)


def created(post: Post, accounts_count: int) -> dict[str, Any]:
    """The answer about a new post."""
    if post.status == Post.Status.DRAFT:
        return _show_draft(post)
    return _show_post(Created(post, accounts_count))


def _message(post: Post, count: int) -> str:
    verb = "scheduled for" if post.scheduled_for else "publishing to"
    return f"Post {verb} {count} account{'' if count == 1 else 's'}"


class ScheduledDestinationSerializer(serializers.Serializer):
    account_id = serializers.IntegerField(source="account_number")
    platform = serializers.CharField()
    status = serializers.CharField()


class ScheduledPostSerializer(serializers.Serializer):
    post_id = serializers.CharField(source="public_id")
    status = serializers.ChoiceField(choices=[Post.Status.SCHEDULED, Post.Status.PUBLISHING])
    scheduled_for = serializers.DateTimeField(allow_null=True)
    publish_now = serializers.SerializerMethodField(help_text="Whether it is published at once.")
    destinations = serializers.SerializerMethodField()
    message = serializers.SerializerMethodField()

    def get_publish_now(self, post: Post) -> bool:
        return post.scheduled_for is None

    @extend_schema_field(ScheduledDestinationSerializer(many=True))
    def get_destinations(self, post: Post) -> Any:
        return ScheduledDestinationSerializer(self.context["destinations"], many=True).data

    def get_message(self, post: Post) -> str:
        return _message(post, len(self.context["destinations"]))
