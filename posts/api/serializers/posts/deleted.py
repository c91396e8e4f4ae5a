"""What became of a post that was to be deleted, and of its public copies."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from destinations import public_ids
from destinations.models import Deletion
from destinations.models.deletion import OPEN
from platforms.registry import ADAPTERS
from posts.api.serializers.resources import NullIfBlankField
from posts.composing.deletion import Deleted

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
