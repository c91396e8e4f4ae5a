"""Who a key is, and what there is, in the words of the hosted service.

An installation of one's own has no customers who pay and no people behind keys. What has no meaning
here says so: null where nothing is known or limited, and constants that keep programs going.
"""

from typing import Any

from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from posts import queries
from posts.api.auth import key_of
from posts.media import quotas
from posts.models import ApiKey

NO_LIMIT = "Null: there is no limit."
NOBODY = "Always null: keys belong to a workspace, not to a person."
NO_AI = "Always 0: there are no credits here."
NO_PLAN = "Always null: nothing is sold here."


class KeySerializer(serializers.Serializer):
    id = serializers.UUIDField()
    key_prefix = serializers.CharField(source="prefix")
    name = serializers.CharField()
    scopes = serializers.ListField(child=serializers.ChoiceField(ApiKey.Scope.values))
    last_used_at = serializers.DateTimeField(allow_null=True, help_text="To the minute.")
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)


class UserSerializer(serializers.Serializer):
    id = serializers.IntegerField(allow_null=True, help_text=NOBODY)
    email = serializers.CharField(allow_null=True, help_text=NOBODY)
    name = serializers.CharField(allow_null=True, help_text=NOBODY)


class OrganizationSerializer(serializers.Serializer):
    id = serializers.UUIDField(help_text="The workspace's: organization and workspace are one.")
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
        {name: serializers.IntegerField(help_text=NO_AI) for name in ("used", "limit", "bonus")},
    )
    storage_bytes = inline_serializer(
        "StorageQuota", {"used": _used("Uploaded files that are ready."), "limit": _limit()}
    )
    team_seats = inline_serializer("SeatQuota", {"limit": _limit()})


class StatsSerializer(serializers.Serializer):
    posts_last_30d = serializers.IntegerField()
    total_posts = serializers.IntegerField()


class MeSerializer(serializers.Serializer):
    api_key = KeySerializer()
    scopes = serializers.ListField(child=serializers.ChoiceField(ApiKey.Scope.values))
    user = UserSerializer()
    organization = OrganizationSerializer()
    workspace = WorkspaceSerializer()
    quota = QuotaSerializer()
    stats = StatsSerializer()


class Me(APIView):
    @extend_schema(operation_id="get_me", responses=MeSerializer)
    def get(self, request: Request) -> Response:
        """The key that asks, its workspace, and what there is.

        An installation of your own sells nothing and knows no people behind keys, so `user`, the
        subscription and most limits are constants, as their descriptions say. Counts are of what
        this key sees.
        """
        return Response(MeSerializer(_described(key_of(request))).data)


def _described(key: ApiKey) -> dict[str, Any]:
    there = queries.usage(key.reach)
    return {
        "api_key": key,
        "scopes": key.scopes,
        "user": {"id": None, "email": None, "name": None},
        "organization": {
            "id": key.workspace_id,
            "name": key.workspace.name,
            "subscription_plan": "self_hosted",
            "subscription_status": "active",
            "subscription_source": None,
            "trial_end": None,
            "current_period_end": None,
            "cancel_at_period_end": False,
            "entitled": True,
        },
        "workspace": key.workspace,
        "quota": {
            "accounts": {"used": there.accounts, "limit": None},
            "ai_credits": {"used": 0, "limit": 0, "bonus": 0},
            "storage_bytes": {
                "used": there.storage_bytes,
                "limit": quotas.limit(key.workspace),
            },
            "team_seats": {"limit": None},
        },
        "stats": {"posts_last_30d": there.recent_posts, "total_posts": there.posts},
    }
