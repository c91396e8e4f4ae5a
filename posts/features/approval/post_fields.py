"""The approval in answers about posts."""

from typing import Any

from rest_framework import serializers

from posts.features.approval.models import Approval


class ApprovalSerializer(serializers.Serializer):
    """Where a post stands with the people who must approve it."""

    status = serializers.ChoiceField(Approval.Status.values, help_text="`none`: none was asked.")
    stage = serializers.ChoiceField(
        Approval.Stage.values, allow_null=True, help_text="Who decides next, or decided last."
    )
    requested_at = serializers.DateTimeField(allow_null=True, help_text="When it was asked for.")
    decided_at = serializers.DateTimeField(
        allow_null=True, help_text="When the last decision was made; null while one is awaited."
    )
    by = serializers.CharField(allow_null=True, help_text="Who decided last.")
    comment = serializers.CharField(allow_null=True, help_text="What they said.")


class ShownApprovalField(ApprovalSerializer):
    """A post's approval; a post for which none was asked does not have the field."""

    omitted_if_empty = True

    def __init__(self, **options: Any) -> None:
        options.setdefault("required", False)
        options.setdefault("help_text", "Where it stands; absent if no approval was asked for.")
        super().__init__(**options)

    def get_attribute(self, instance: Any) -> Any:
        found = getattr(instance, "approval", None)
        if not isinstance(found, dict):
            raise serializers.SkipField
        return found

    def to_representation(self, instance: Any) -> Any:
        return instance


SHOWN = {"approval": ShownApprovalField}
