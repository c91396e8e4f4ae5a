"""What became of a post that was to be deleted, with the fields of every published client."""

from rest_framework import serializers

from posts.api.serializers.posts import deleted


class DeletedCopySerializer(deleted.DeletedCopySerializer):
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
