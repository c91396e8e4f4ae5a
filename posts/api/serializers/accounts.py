"""Accounts: what callers receive of them, and what they send to connect one."""

from typing import Any

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from destinations import pauses
from destinations.accounts import health
from destinations.models import Account, Pause
from destinations.runtime import clock
from destinations.state import waiting
from platforms.registry import ADAPTERS, ALIASES
from posts.api.serializers.error_codes import listed
from posts.api.serializers.fields import StrictSerializer
from posts.api.serializers.posts.pauses import PAUSED, PublishingPausedSerializer
from posts.api.serializers.resources import NullIfBlankField

LIMITED = "Until when the network limits the account; its posts wait. Absent while it has no limit."


class HealthSummarySerializer(serializers.Serializer):
    status = serializers.ChoiceField(["healthy", "rate_limited", "expired", "unhealthy"])
    can_post = serializers.BooleanField()
    rate_limited_until = serializers.DateTimeField(required=False, help_text=LIMITED)
    publishing_paused = PublishingPausedSerializer(required=False, help_text=PAUSED)


#: One for all accounts of a list: to make it takes ten times as long as to use it.
HEALTH = HealthSummarySerializer()


class AccountSerializer(serializers.Serializer):
    """`context["pauses"]`: what is paused now."""

    id = serializers.IntegerField()
    platform = serializers.CharField()
    account_name = serializers.CharField(source="name")
    username = NullIfBlankField(
        help_text="The handle without its @; null where the network has none."
    )
    display_name = serializers.SerializerMethodField(
        help_text="The name that the network shows; null if it is not known."
    )
    avatar_url = NullIfBlankField(help_text="The profile's picture, if the network gave one.")
    is_active = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    health = serializers.SerializerMethodField(help_text="Whether it can publish.")

    def get_display_name(self, account: Account) -> str | None:
        is_handle = account.name == f"@{account.username}"
        return account.display_name or (None if is_handle else account.name)

    @extend_schema_field(HealthSummarySerializer)
    def get_health(self, account: Account) -> dict[str, object]:
        reasons = health.blockers(account)
        found: dict[str, object] = {"status": "healthy", "can_post": not reasons}
        if reasons:
            found["status"] = "unhealthy" if reasons == ["account_inactive"] else "expired"
        elif until := waiting.limited_until(account, clock.now()):
            found |= {"status": "rate_limited", "rate_limited_until": until}
        if pause := self._pause(account):
            found["publishing_paused"] = pause
        return dict(HEALTH.to_representation(found))

    def _pause(self, account: Account) -> Pause | None:
        active = self.context["pauses"]
        return pauses.covering(active, account.platform, account.workspace_id, account.pk)


class TokenSerializer(serializers.Serializer):
    expires_at = serializers.DateTimeField(source="token_expires_at", allow_null=True)
    last_refresh = serializers.DateTimeField(source="token_refreshed_at", allow_null=True)
    expired = serializers.BooleanField(source="now.expired", help_text="Whether it has expired.")
    expiring_soon = serializers.BooleanField(
        source="now.expiring_soon", help_text="Whether it expires within 7 days."
    )


class ActivitySerializer(serializers.Serializer):
    last_published_at = serializers.DateTimeField(allow_null=True)
    failures_last_7d = serializers.IntegerField(
        help_text="Failed attempts, including those of posts that a later attempt published."
    )
    permanent_failures_last_7d = serializers.IntegerField(
        help_text="Destinations that failed permanently."
    )
    queued_count = serializers.IntegerField()


class HealthReportSerializer(serializers.Serializer):
    """An account whose `now` is its health."""

    account_id = serializers.IntegerField(source="id")
    platform = serializers.CharField()
    account_name = serializers.CharField(source="name")
    platform_account_id = serializers.CharField(help_text="The account's id at the network.")
    status = serializers.ChoiceField(["healthy", "warning", "broken"], source="now.status")
    can_post = serializers.BooleanField(source="now.can_post")
    reasons = serializers.ListField(
        child=serializers.ChoiceField(list(health.REASONS)),
        source="now.reasons",
        help_text="Why it is not healthy, as stable codes. Who must act, and what to do:\n\n"
        + listed(health.REASONS),
    )
    rate_limited_until = serializers.DateTimeField(
        source="now.rate_limited_until", required=False, help_text=LIMITED
    )
    publishing_paused = PublishingPausedSerializer(
        source="now.pause", required=False, help_text=PAUSED
    )
    is_active = serializers.BooleanField()
    needs_reconnection = serializers.SerializerMethodField()
    needs_reconnection_since = serializers.DateTimeField(allow_null=True)
    token = TokenSerializer(source="*", help_text="The access token that the network granted.")
    activity = ActivitySerializer(source="now", help_text="Its recent activity.")
    connected_at = serializers.DateTimeField(allow_null=True)

    def to_representation(self, account: Account) -> dict[str, Any]:
        shown: dict[str, Any] = super().to_representation(account)
        return {
            name: value
            for name, value in shown.items()
            if value is not None or name not in ("rate_limited_until", "publishing_paused")
        }

    def get_needs_reconnection(self, account: Account) -> bool:
        return account.needs_reconnection_since is not None


class CreateLinkSerializer(StrictSerializer):
    platform = serializers.ChoiceField([*ADAPTERS, *ALIASES])
    login = serializers.CharField(
        required=False,
        allow_blank=True,
        allow_null=True,
        default="",
        help_text="Which of the platform's logins to use; default: the first that is configured.",
    )

    def validate_platform(self, name: str) -> str:
        return ALIASES.get(name, name)

    def validate_login(self, name: str | None) -> str:
        return name or ""

    def to_internal_value(self, data: Any) -> Any:
        for name in data if isinstance(data, dict) else ():
            if name not in self.fields:
                raise serializers.ValidationError({name[:100]: "There is no such field."})
        return super().to_internal_value(data)


class LinkSerializer(serializers.Serializer):
    url = serializers.URLField(help_text="The link, for the account's owner to open in a browser.")
    expires_at = serializers.DateTimeField(help_text="When the link expires.")
    platform = serializers.CharField()


@extend_schema_serializer(many=False)
class AccountsSerializer(serializers.Serializer):
    accounts = AccountSerializer(many=True, help_text="The accounts, oldest first.")
