"""The calling key, its workspace and its usage, in the format of the hosted service.

Fields without a meaning here are null or constants, so that existing programs keep working.
"""

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from posts import registry
from posts.api.auth import key_of
from posts.api.serializers.accounts.me import MeSerializer
from posts.media import quotas
from posts.models import ApiKey
from posts.read_models import queries

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
        "stats": {"posts_last_30d": there.recent_posts, "total_posts": there.posts},
    }
