"""The calling key, its workspace and quotas."""

from drf_spectacular.utils import inline_serializer
from rest_framework import serializers

from posts.models import ApiKey, Workspace

NO_LIMIT = "Null: there is no limit."
NO_USER = "Always null: keys belong to a workspace, not to a person."
NO_PLAN = "Always null: there are no subscriptions."


class KeySerializer(serializers.Serializer):
    id = serializers.UUIDField()
    key_prefix = serializers.CharField(source="prefix", help_text="How the key begins.")
    name = serializers.CharField()
    scopes = serializers.ListField(child=serializers.ChoiceField(ApiKey.Scope.values))
    last_used_at = serializers.DateTimeField(allow_null=True, help_text="Accurate to the minute.")
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)


class UserSerializer(serializers.Serializer):
    id = serializers.IntegerField(allow_null=True, help_text=NO_USER)
    email = serializers.CharField(allow_null=True, help_text=NO_USER)
    name = serializers.CharField(allow_null=True, help_text=NO_USER)


class OrganizationSerializer(serializers.Serializer):
    id = serializers.UUIDField(
        help_text="The workspace's id: organization and workspace are the same."
    )
    name = serializers.CharField()
    subscription_plan = serializers.CharField(help_text="Always `self_hosted`.")
    subscription_status = serializers.CharField(help_text="Always `active`.")
    subscription_source = serializers.CharField(allow_null=True, help_text=NO_PLAN)
    trial_end = serializers.DateTimeField(allow_null=True, help_text=NO_PLAN)
    current_period_end = serializers.DateTimeField(allow_null=True, help_text=NO_PLAN)
    cancel_at_period_end = serializers.BooleanField(help_text="Always false.")
    entitled = serializers.BooleanField(help_text="Always true.")


class WorkspaceSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    approval_mode = serializers.ChoiceField(
        Workspace.ApprovalMode.values,
        help_text="Which posts need approval; its operator sets it.",
    )


def _limit() -> serializers.Field:
    return serializers.IntegerField(allow_null=True, help_text=NO_LIMIT)


def _used(says: str) -> serializers.Field:
    return serializers.IntegerField(help_text=says)


class QuotaSerializer(serializers.Serializer):
    accounts = inline_serializer(
        "AccountQuota", {"used": _used("Connected accounts that this key sees."), "limit": _limit()}
    )
    ai_credits = inline_serializer(
        "CreditQuota",
        {
            "used": _used("What AI calls cost this month."),
            "limit": serializers.IntegerField(
                allow_null=True, help_text="Null: there is no limit. 0: there is no AI provider."
            ),
            "bonus": serializers.IntegerField(help_text="Always 0: credits are not sold."),
        },
    )
    storage_bytes = inline_serializer(
        "StorageQuota", {"used": _used("Uploaded files that are ready."), "limit": _limit()}
    )
    team_seats = inline_serializer("SeatQuota", {"limit": _limit()})


class StatsSerializer(serializers.Serializer):
    posts_last_30d = serializers.IntegerField(help_text="Posts created in the last 30 days.")
    total_posts = serializers.IntegerField(help_text="Posts created.")


class MeSerializer(serializers.Serializer):
    api_key = KeySerializer(help_text="The key that was used.")
    scopes = serializers.ListField(child=serializers.ChoiceField(ApiKey.Scope.values))
    user = UserSerializer(help_text="Constants: keys belong to a workspace, not to a person.")
    organization = OrganizationSerializer(help_text="The workspace, under its other name.")
    workspace = WorkspaceSerializer(help_text="The workspace that the key belongs to.")
    quota = QuotaSerializer(help_text="Usage and limits.")
    stats = StatsSerializer(help_text="Counts of posts.")
