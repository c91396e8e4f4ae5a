"""Approvals: what posts show of theirs, bodies, and answers."""

from typing import Any

from rest_framework import serializers

from posts.api.serializers.fields import FlagField, NumberField, StrictSerializer, TextField
from posts.api.serializers.queries import PageQuery
from posts.api.serializers.resources import PaginationSerializer
from posts.features.approval.models import Approval, ApprovalEvent
from posts.features.approval.post_fields import ApprovalSerializer

COMMENT_CHARS = 2000
MOST_REVIEWERS = 20


class _Comment(TextField):
    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=COMMENT_CHARS, **options)


class RequestApprovalSerializer(StrictSerializer):
    reviewers = serializers.ListField(
        child=TextField(max_length=200, allow_blank=False),
        required=False,
        max_length=MOST_REVIEWERS,
        help_text="Whose answer is wanted, as you name them; for people to read.",
    )
    message = _Comment(required=False, allow_blank=True, help_text="What reviewers should know.")


class _Decision(StrictSerializer):
    revision = TextField(
        required=False,
        max_length=16,
        help_text="The version that you saw, from GET …/approval; 409 if the post was changed or "
        "decided about since.",
    )


class ApproveSerializer(_Decision):
    comment = _Comment(required=False, allow_blank=True, help_text="What you say.")
    stage = serializers.ChoiceField(
        Approval.Stage.values,
        required=False,
        help_text="Which approval it is; default internal. 409 if the post waits for another one.",
    )


class RefuseSerializer(_Decision):
    comment = _Comment(help_text="Why, for who wrote the post.")


class CommentSerializer(StrictSerializer):
    text = _Comment(help_text="What you say.")
    visibility = serializers.ChoiceField(
        ApprovalEvent.Visibility.values,
        required=False,
        help_text="`client`: people with a share link see it too; default internal.",
    )


class HistoryQuery(PageQuery):
    """Oldest first."""


class ApprovalEventSerializer(serializers.Serializer):
    """Something that was done or said."""

    id = serializers.IntegerField()
    at = serializers.DateTimeField(help_text="When.")
    action = serializers.ChoiceField(ApprovalEvent.Action.values, help_text="What was done.")
    stage = serializers.CharField(allow_null=True, help_text="Of a decision: which one it is.")
    by = serializers.CharField(help_text="The key, operator or share link that did it.")
    name = serializers.CharField(
        allow_null=True, help_text="What a person with a share link calls themself."
    )
    text = serializers.CharField(allow_null=True, help_text="What was said.")
    visibility = serializers.ChoiceField(ApprovalEvent.Visibility.values, help_text="Who sees it.")
    changes = serializers.DictField(help_text="Of an edit: {field: {before, after}}.")

    def to_representation(self, instance: Any) -> dict[str, Any]:
        shown: dict[str, Any] = super().to_representation(instance)
        return shown | {name: shown[name] or None for name in ("stage", "name", "text")}


class ReviewedSerializer(serializers.Serializer):
    """A post's approval after an action."""

    approval = ApprovalSerializer(help_text="Where the post stands.")
    revision = serializers.CharField(help_text="The version of the post, for decisions.")
    post_status = serializers.CharField(help_text="The post's status.")


class ApprovalReportSerializer(ReviewedSerializer):
    """All about a post's approval."""

    reviewers = serializers.ListField(
        child=serializers.CharField(), help_text="Whose answer is wanted."
    )
    diff = serializers.DictField(
        allow_null=True,
        help_text="What changed since the version that was last approved: {field: {before, "
        "after}}; null: none was approved.",
    )
    history = ApprovalEventSerializer(many=True, help_text="What was done and said, oldest first.")
    pagination = PaginationSerializer(help_text="Which page of the history this is.")


class CreateShareLinkSerializer(StrictSerializer):
    expires_in = NumberField(
        required=False,
        min_value=60,
        max_value=7 * 24 * 3600,
        help_text="In seconds, at most 7 days, which is the default.",
    )
    can_decide = FlagField(
        required=False,
        help_text="Whether its holder may approve, ask for changes and reject; needs the scope "
        "approve, and another key than the one that wrote the post. Default false.",
    )
    reviewer = TextField(
        required=False, allow_blank=True, max_length=100, help_text="Whom it is for."
    )


class ShareLinkSerializer(serializers.Serializer):
    """A share link, without its secret."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(
        ["active", "expired", "revoked"], help_text="Whether it shows the post."
    )
    can_decide = serializers.BooleanField(help_text="Whether its holder may decide.")
    reviewer = serializers.CharField(allow_null=True, help_text="Whom it is for; null: not said.")
    created_by = serializers.CharField(help_text="Who made it.")
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(help_text="Until when it shows the post.")
    revoked_at = serializers.DateTimeField(
        allow_null=True, help_text="When it was revoked; null: it was not."
    )

    def to_representation(self, instance: Any) -> dict[str, Any]:
        shown: dict[str, Any] = super().to_representation(instance)
        return shown | {"reviewer": shown["reviewer"] or None}


class NewShareLinkSerializer(ShareLinkSerializer):
    """A new share link with its address, which is shown only now."""

    url = serializers.CharField(help_text="The secret address, shown only now.")


class ShareLinksSerializer(serializers.Serializer):
    share_links = ShareLinkSerializer(many=True, help_text="The links, newest first.")
