"""Show accounts and the calling key in the shapes of the published clients, which expect a user."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import (
    extend_schema,
    extend_schema_field,
    extend_schema_serializer,
    extend_schema_view,
)
from rest_framework import serializers

from destinations.models import Account
from destinations.state import waiting
from posts.api.compat import by_accounts, retries
from posts.api.compat.serializers.fields import PlainIds
from posts.api.serializers import accounts
from posts.api.views import accounts as reference
from posts.api.views import me
from posts.models import ApiKey, DeviceLogin

#: What each health but a healthy one means for the account's posts.
MESSAGES = {
    "unhealthy": "It is switched off, so nothing is published to it.",
    "expired": "It must be reconnected before anything is published to it.",
}


class HealthSummarySerializer(accounts.HealthSummarySerializer):
    message = serializers.CharField(
        allow_null=True, help_text="What is wrong, for people to read; null if nothing is."
    )


class AccountSerializer(accounts.AccountSerializer):
    account_id = serializers.IntegerField(source="id", help_text="The same as `id`.")
    platform_username = serializers.SerializerMethodField(
        help_text="The handle without its @, or the name where the network has none."
    )
    platform_account_id = serializers.CharField(help_text="The account's id at the network.")
    platform_user_id = serializers.CharField(
        source="platform_account_id", help_text="The same as `platform_account_id`."
    )
    display_name = serializers.SerializerMethodField(
        help_text="The name that the network shows, or the account's name."
    )

    def get_platform_username(self, account: Account) -> str:
        return account.username or account.name.removeprefix("@")

    def get_display_name(self, account: Account) -> str:
        return super().get_display_name(account) or account.name

    @extend_schema_field(HealthSummarySerializer)
    def get_health(self, account: Account) -> dict[str, object]:
        found = super().get_health(account)
        message = MESSAGES.get(str(found["status"]))
        if found["status"] == "rate_limited" and account.held_until:
            message = waiting.limit_note(account.platform, account.name, account.held_until)
        return {**found, "message": message}


class BoardSerializer(serializers.Serializer):
    id = serializers.CharField(
        source="platform_account_id", help_text="What `boardId` names it by."
    )
    name = serializers.CharField()
    account_id = serializers.IntegerField(source="pk", help_text="Its own account.")


class WholeAccountSerializer(AccountSerializer):
    """An account on its own. `context["reach"]`: the caller's."""

    boards = BoardSerializer(
        many=True,
        required=False,
        help_text="The connected boards of the account's person, where a board is an account.",
    )

    def to_representation(self, account: Account) -> dict[str, Any]:
        account.boards = by_accounts.boards_of(self.context["reach"], account)  # type: ignore[attr-defined]
        shown: dict[str, Any] = super().to_representation(account)
        return {name: each for name, each in shown.items() if name != "boards" or each}


@extend_schema_serializer(many=False)
class AccountsSerializer(serializers.Serializer):
    accounts = AccountSerializer(many=True, help_text="The accounts, oldest first.")
    account_ids = serializers.SerializerMethodField(help_text="Their ids.")
    total = serializers.SerializerMethodField(help_text="How many there are.")

    @extend_schema_field(serializers.ListField(child=serializers.IntegerField()))
    def get_account_ids(self, found: Mapping[str, Any]) -> list[int]:
        return [account.pk for account in found["accounts"]]

    def get_total(self, found: Mapping[str, Any]) -> int:
        return len(found["accounts"])


@extend_schema_view(
    list=extend_schema(responses=AccountsSerializer),
    retrieve=extend_schema(responses=WholeAccountSerializer),
    retry_missed=extend_schema(responses=retries.RetriedMissedSerializer),
)
class AccountViewSet(PlainIds, reference.AccountViewSet):
    one: type[WholeAccountSerializer] = WholeAccountSerializer
    all: Any = AccountsSerializer
    retried: type[retries.RetriedMissedSerializer] = retries.RetriedMissedSerializer


class UserSerializer(me.UserSerializer):
    id = serializers.IntegerField(help_text="The operator's number, or 0 if no operator is known.")
    email = serializers.CharField(help_text="The operator's address, or empty.")
    name = serializers.CharField(help_text="The operator's name, or the workspace's.")


class MeSerializer(me.MeSerializer):
    user = UserSerializer(
        help_text="Who allowed the login from a terminal that made the key, or the workspace."
    )


@extend_schema_view(get=extend_schema(responses=MeSerializer))
class Me(me.Me):
    def user(self, key: ApiKey) -> dict[str, Any]:
        """Return who allowed the login from a terminal that made the key; else the workspace."""
        login = DeviceLogin.objects.filter(api_key=key).select_related("decided_by").first()
        person = login.decided_by if login else None
        if person is None:
            return {"id": 0, "email": "", "name": key.workspace.name}
        name = person.get_full_name() or person.get_username()
        return {"id": person.pk, "email": person.email, "name": name}
