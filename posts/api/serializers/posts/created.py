"""Answers to creating, scheduling and deleting posts."""

from typing import Any, ClassVar

from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema_field
from rest_framework import serializers

from destinations import public_ids
from destinations.models import Deletion
from destinations.models.deletion import OPEN
from platforms.registry import ADAPTERS
from posts.api.serializers.compiled import compiled
from posts.api.serializers.posts.options import ShownQueueIdField, ShownRecurrenceIdField
from posts.api.serializers.posts.warnings import WarnedMetaSerializer
from posts.api.serializers.resources import NullIfBlankField
from posts.composing.changes.deletion import Deleted
from posts.composing.compose import Composed
from posts.models import Post


class CreatedPostSerializer(serializers.Serializer):
    """Shows a `Composed` that is no draft."""

    post_id = serializers.CharField(source="post.public_id")
    status = serializers.ChoiceField(choices=Post.Status.values, source="post.status")
    scheduled_for = serializers.DateTimeField(allow_null=True, source="post.scheduled_for")
    accounts_count = serializers.SerializerMethodField(help_text="How many accounts it goes to.")
    message = serializers.SerializerMethodField()
    queue_id = ShownQueueIdField()
    recurrence_id = ShownRecurrenceIdField()

    def get_accounts_count(self, made: Composed) -> int:
        return len(made.destinations)

    def get_message(self, made: Composed) -> str:
        return outcome_message(made.post, len(made.destinations))


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
        return next_steps(f"/api/v1/posts/{post.public_id}")


def next_steps(path: str) -> dict[str, str]:
    """Return what to do with the draft at this path."""
    return {
        "review": f"GET {path} shows it, PATCH {path} changes it.",
        "publish": f"POST {path}/schedule publishes it, at a time or now.",
    }


def created_field(
    post: type[serializers.Serializer] = CreatedPostSerializer,
    draft: type[serializers.Serializer] = CreatedDraftSerializer,
    **options: Any,
) -> PolymorphicProxySerializer:
    """The two forms of POST /posts's answer, for the OpenAPI document."""
    field = PolymorphicProxySerializer(
        component_name="CreatedPostOrDraft",
        serializers=[post, draft],
        resource_type_field_name=None,
        **options,
    )
    field.meta_serializer = WarnedMetaSerializer
    return field


_show_draft = compiled(CreatedDraftSerializer)
_show_post = compiled(CreatedPostSerializer)


def created(made: Composed) -> dict[str, Any]:
    """The answer about a new post."""
    if made.post.status == Post.Status.DRAFT:
        return _show_draft(made.post)
    return _show_post(made)


#: How a message begins if nothing is published until people approve it.
WAITS = "Post waits for approval"


def outcome_message(post: Post, count: int) -> str:
    """Return what happens now, for people to read."""
    if post.awaits_approval:
        accounts = f"{count} account{'' if count == 1 else 's'}"
        return f"{WAITS}, and is then published to {accounts}"
    verb = "scheduled for" if post.scheduled_for else "publishing to"
    return f"Post {verb} {count} account{'' if count == 1 else 's'}"


class ScheduledDestinationSerializer(serializers.Serializer):
    account_id = serializers.IntegerField(source="account_number")
    platform = serializers.CharField()
    status = serializers.CharField()


class ScheduledPostSerializer(serializers.Serializer):
    meta_serializer: ClassVar = WarnedMetaSerializer

    post_id = serializers.CharField(source="public_id")
    status = serializers.ChoiceField(choices=[Post.Status.SCHEDULED, Post.Status.PUBLISHING])
    scheduled_for = serializers.DateTimeField(allow_null=True)
    publish_now = serializers.SerializerMethodField(help_text="Whether it is published at once.")
    destinations = serializers.SerializerMethodField()
    message = serializers.SerializerMethodField()
    queue_id = ShownQueueIdField()

    def get_publish_now(self, post: Post) -> bool:
        return post.scheduled_for is None

    @extend_schema_field(ScheduledDestinationSerializer(many=True))
    def get_destinations(self, post: Post) -> Any:
        return ScheduledDestinationSerializer(self.context["destinations"], many=True).data

    def get_message(self, post: Post) -> str:
        return outcome_message(post, len(self.context["destinations"]))


D = Deletion.Status
#: Of what waits or has a worker.
DELETING = str(D.DELETING)
STATUSES = [DELETING, *(str(each) for each in D if each not in (*OPEN, D.LEFT))]


class DeletedCopySerializer(serializers.Serializer):
    """Shows a `Deletion`."""

    destination_id = serializers.CharField(source="destination_public_id")
    platform = serializers.ChoiceField(choices=list(ADAPTERS))
    status = serializers.SerializerMethodField(
        help_text="What became of it. `already_gone`: the network no longer had it."
    )
    error = NullIfBlankField(help_text="Why it is still public; null if it is gone.")

    @extend_schema_field(serializers.ChoiceField(choices=STATUSES))
    def get_status(self, row: Deletion) -> str:
        return DELETING if row.is_open else row.status


class DeletedPostSerializer(serializers.Serializer):
    """Shows `deletion.Deleted`. Without `delete_on_platforms` it has the first two fields."""

    id = serializers.SerializerMethodField()
    deleted = serializers.BooleanField(
        help_text="Whether the post is deleted here. False while a copy that was to go is public: "
        "the post is kept, and the same request goes on."
    )
    message = serializers.CharField(required=False, help_text="What was done, in words.")
    platforms = DeletedCopySerializer(
        many=True,
        required=False,
        source="deletions",
        help_text="What became of each public copy that was to go.",
    )

    @extend_schema_field(serializers.CharField())
    def get_id(self, found: Deleted) -> str:
        return public_ids.encode(public_ids.POST, found.post_id)
