"""Show the calling key, its workspace and its usage, in the format of the hosted service.

Fields without a meaning here are null or constants, so that existing programs keep working.
"""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from destinations.access import Reach
from destinations.runtime import clock
from posts import registry
from posts.api.auth import key_of
from posts.api.endpoints import Tool, tools
from posts.api.pagination import COUNTED
from posts.media import quotas
from posts.models import ApiKey, Workspace
from posts.read_models import listing, queries
from posts.read_models.listing import PostFilters
from posts.read_models.pages import Count
from posts.read_models.queries import PostCounter

NO_LIMIT = "Null: there is no limit."
NO_USER = "Always null: keys belong to a workspace, not to a person."
RECENT = timedelta(days=30)
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
    is_exact = serializers.BooleanField(
        help_text="false: at least so many. A restricted key with many posts does not count all."
    )


class MeSerializer(serializers.Serializer):
    api_key = KeySerializer(help_text="The key that was used.")
    scopes = serializers.ListField(child=serializers.ChoiceField(ApiKey.Scope.values))
    user = UserSerializer(help_text="Constants: keys belong to a workspace, not to a person.")
    organization = OrganizationSerializer(help_text="The workspace, under its other name.")
    workspace = WorkspaceSerializer(help_text="The workspace that the key belongs to.")
    quota = QuotaSerializer(help_text="Usage and limits.")
    stats = StatsSerializer(help_text="Counts of posts.")


#: Of what this installation does not have.
NOTHING = {"used": 0, "limit": 0, "bonus": 0}
#: What features add: functions of a workspace to its quotas, by their names.
QUOTAS = tuple(feature.quotas for feature in registry.modules("me"))


def credits_used(workspace_id: uuid.UUID, since: datetime, before: datetime | None) -> int:
    """Return what the workspace has spent in this time with all features."""
    return sum(each.used_since(workspace_id, since, before) for each in registry.modules("me"))


class Me(APIView):
    def user(self, key: ApiKey) -> dict[str, Any]:
        return {"id": None, "email": None, "name": None}

    @tools(Tool(description="Describe the API key in use: its workspace, scopes and usage."))
    @extend_schema(operation_id="get_me", responses=MeSerializer)
    def get(self, request: Request) -> Response:
        """Describe the calling key, its workspace and its usage.

        A self-hosted installation has no subscriptions, and keys do not belong to people: `user`,
        the subscription and most limits are constants, as their descriptions say. Counts cover
        what this key sees.
        """
        return Response(MeSerializer(_described(key_of(request), self.user)).data)


def _described(key: ApiKey, user: Callable[[ApiKey], dict[str, Any]]) -> dict[str, Any]:
    there = queries.usage(key.reach)
    return {
        "api_key": key,
        "scopes": key.scopes,
        "user": user(key),
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
            # What a feature says of its own replaces these.
            "ai_credits": NOTHING,
            "storage_bytes": {"used": there.storage_bytes, "limit": quotas.limit(key.workspace)},
            "team_seats": {"limit": None},
        }
        | {name: quota for of in QUOTAS for name, quota in of(key.workspace).items()},
        "stats": _stats(key.reach),
    }


def _stats(reach: Reach) -> dict[str, Any]:
    since = clock.now() - RECENT
    for counts in (queries.few_counts, *(each.counts for each in registry.hooks(PostCounter))):
        if found := counts(reach, since):
            total, recent = map(Count, found)
            break
    else:
        total, recent = (
            listing.find(reach, wanted).count(COUNTED + 1)
            for wanted in (PostFilters(), PostFilters(since={"created_at": since}))
        )
    return {
        "posts_last_30d": recent.total,
        "total_posts": total.total,
        "is_exact": recent.is_exact and total.is_exact,
    }
