"""Accounts over HTTP."""

import re
import uuid
from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field, inline_serializer
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from destinations import reading
from destinations.models import Account


class Health(serializers.Serializer):
    status = serializers.ChoiceField(["healthy", "expired", "unhealthy"])
    can_post = serializers.BooleanField()


class AccountShape(serializers.Serializer):
    id = serializers.IntegerField()
    platform = serializers.CharField()
    account_name = serializers.CharField(source="name")
    avatar_url = serializers.SerializerMethodField()
    is_active = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    health = serializers.SerializerMethodField()

    def get_avatar_url(self, account: Account) -> str | None:
        return account.avatar_url or None

    @extend_schema_field(Health)
    def get_health(self, account: Account) -> dict[str, object]:
        if account.can_post:
            status = "healthy"
        else:
            status = "expired" if account.needs_reconnection_since else "unhealthy"
        return {"status": status, "can_post": account.can_post}


ACCOUNTS = inline_serializer("Accounts", {"accounts": AccountShape(many=True)})


class AccountList(APIView):
    @extend_schema(operation_id="list_accounts", responses=ACCOUNTS)
    def get(self, request: Request) -> Response:
        """Every connected account, oldest first."""
        found = reading.accounts(_workspace(request))
        return Response({"accounts": AccountShape(found, many=True).data})


class AccountDetail(APIView):
    @extend_schema(operation_id="get_account", responses=AccountShape)
    def get(self, request: Request, account_id: str) -> Response:
        """One connected account."""
        number = int(account_id) if re.fullmatch(r"[0-9]{1,19}", account_id) else 0
        account = reading.account(_workspace(request), number)
        if account is None:
            raise NotFound("There is no such account.")
        return Response(AccountShape(account).data)


def _workspace(request: Request) -> uuid.UUID:
    # The key class belongs to posts, which imports us; all we know is that a key has a workspace.
    key: Any = request.auth
    workspace_id: uuid.UUID = key.workspace_id
    return workspace_id
