"""Accounts over HTTP."""

import re
from collections.abc import Sequence
from typing import Any, TypedDict, get_args

from drf_spectacular.utils import extend_schema, extend_schema_field, inline_serializer
from rest_framework import serializers
from rest_framework.exceptions import NotFound, PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from destinations import access, public_ids, retry
from destinations.accounts import connect_flow, health, store
from destinations.accounts.oauth_apps import NotPossible
from destinations.models import Account, Connection
from destinations.reach import Reach
from destinations.runtime import clock
from destinations.state import waiting
from platforms.registry import ADAPTERS

LIMITED = "Until when the network limits the account; its posts wait. Absent while it does not."


#: How many destinations that a retry left out are named; the others are counted.
MOST_SKIPPED = 100
LEFT_OUT = "What was left out, and why; absent without any."


class Health(serializers.Serializer):
    status = serializers.ChoiceField(["healthy", "rate_limited", "expired", "unhealthy"])
    can_post = serializers.BooleanField()
    rate_limited_until = serializers.DateTimeField(required=False, help_text=LIMITED)


class AccountShape(serializers.Serializer):
    id = serializers.IntegerField()
    platform = serializers.CharField()
    account_name = serializers.CharField(source="name")
    username = serializers.SerializerMethodField(
        help_text="The handle without its @; null where the network has none."
    )
    display_name = serializers.SerializerMethodField(
        help_text="The name that the network shows; null if it is not known."
    )
    avatar_url = serializers.SerializerMethodField()
    is_active = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    health = serializers.SerializerMethodField()

    def get_username(self, account: Account) -> str | None:
        return account.username or None

    def get_display_name(self, account: Account) -> str | None:
        is_handle = account.name == f"@{account.username}"
        return account.display_name or (None if is_handle else account.name)

    def get_avatar_url(self, account: Account) -> str | None:
        return account.avatar_url or None

    @extend_schema_field(Health)
    def get_health(self, account: Account) -> dict[str, object]:
        why_not = health.broken(account)
        if why_not:
            status = "unhealthy" if why_not == ["account_inactive"] else "expired"
            return Health({"status": status, "can_post": False}).data
        until = waiting.limited_until(account, clock.now())
        limited = {"status": "rate_limited", "can_post": True, "rate_limited_until": until}
        return Health(limited if until else {"status": "healthy", "can_post": True}).data


class TokenShape(serializers.Serializer):
    expires_at = serializers.DateTimeField(source="token_expires_at", allow_null=True)
    last_refresh = serializers.DateTimeField(source="token_refreshed_at", allow_null=True)
    expired = serializers.BooleanField(source="now.expired")
    expiring_soon = serializers.BooleanField(source="now.expiring_soon", help_text="In 7 days.")


class ActivityShape(serializers.Serializer):
    last_published_at = serializers.DateTimeField(allow_null=True)
    failures_last_7d = serializers.IntegerField(
        help_text="Tries that failed, also of what was published by a later one."
    )
    permanent_failures_last_7d = serializers.IntegerField(help_text="Failed for good.")
    queued_count = serializers.IntegerField()


class HealthShape(serializers.Serializer):
    """Made from an account whose `now` is its health."""

    account_id = serializers.IntegerField(source="id")
    platform = serializers.CharField()
    account_name = serializers.CharField(source="name")
    platform_account_id = serializers.CharField()
    status = serializers.ChoiceField(["healthy", "warning", "broken"], source="now.status")
    can_post = serializers.BooleanField(source="now.can_post")
    reasons = serializers.ListField(child=serializers.CharField(), source="now.reasons")
    rate_limited_until = serializers.DateTimeField(
        source="now.rate_limited_until", required=False, help_text=LIMITED
    )
    is_active = serializers.BooleanField()
    needs_reconnection = serializers.SerializerMethodField()
    needs_reconnection_since = serializers.DateTimeField(allow_null=True)
    token = TokenShape(source="*")
    activity = ActivityShape(source="now")
    connected_at = serializers.DateTimeField(allow_null=True)

    def to_representation(self, account: Account) -> dict[str, Any]:
        shown: dict[str, Any] = super().to_representation(account)
        if shown["rate_limited_until"] is None:
            del shown["rate_limited_until"]
        return shown

    def get_needs_reconnection(self, account: Account) -> bool:
        return account.needs_reconnection_since is not None


class LinkBody(serializers.Serializer):
    platform = serializers.ChoiceField([*ADAPTERS, "twitter"])
    login = serializers.CharField(
        required=False,
        allow_blank=True,
        allow_null=True,
        default="",
        help_text="Which of the platform's ways to log in; default: the first that is set up.",
    )

    def validate_platform(self, name: str) -> str:
        return "x" if name == "twitter" else name

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, dict):
            return super().to_internal_value(data)
        for name in data:
            if name not in self.fields:
                raise ValidationError({name[:100]: "There is no such field."})
        given = {
            name: value for name, value in data.items() if value is not None or name != "login"
        }
        return super().to_internal_value(given)


class LinkShape(serializers.Serializer):
    url = serializers.URLField(help_text="For the account's owner, to be opened in a browser.")
    expires_at = serializers.DateTimeField()
    platform = serializers.CharField()


class SkippedShape(serializers.Serializer):
    """A destination that a retry left out."""

    id = serializers.CharField(source="row.public_id")
    platform = serializers.CharField(source="row.platform")
    reason = serializers.ChoiceField(
        get_args(retry.Reason), help_text="Why it was left out, as a word for programs."
    )
    how = serializers.CharField(help_text="What lets it be retried, in a sentence for people.")


class SkippedOfManyShape(SkippedShape):
    post_id = serializers.SerializerMethodField()

    def get_post_id(self, skipped: retry.Skipped) -> str:
        return public_ids.encode(public_ids.POST, skipped.row.post_id)


class SkippedMeta(serializers.Serializer):
    """`meta` of a call that retries one post."""

    request_id = serializers.CharField()
    timestamp = serializers.DateTimeField()
    skipped = SkippedShape(many=True, required=False, help_text=LEFT_OUT)
    more_skipped = serializers.IntegerField(
        required=False, help_text="How many more were left out than are listed; absent without any."
    )


class SkippedOfManyMeta(SkippedMeta):
    """`meta` of a call that retries many posts."""

    skipped = SkippedOfManyShape(many=True, required=False, help_text=LEFT_OUT)


class RetriedMissed(serializers.Serializer):
    retried_count = serializers.IntegerField()
    destinations = inline_serializer(
        "MissedDestination",
        {
            "id": serializers.CharField(),
            "platform": serializers.CharField(),
            "new_status": serializers.CharField(),
        },
        many=True,
    )


ACCOUNTS = inline_serializer("Accounts", {"accounts": AccountShape(many=True)})


class AccountList(APIView):
    @extend_schema(operation_id="list_accounts", responses=ACCOUNTS)
    def get(self, request: Request) -> Response:
        """Every connected account, oldest first."""
        found = access.accounts(_reach(request))
        return Response({"accounts": AccountShape(found, many=True).data})


class AccountDetail(APIView):
    @extend_schema(operation_id="get_account", responses=AccountShape)
    def get(self, request: Request, account_id: str) -> Response:
        """One connected account."""
        return Response(AccountShape(_account(request, account_id)).data)


class AccountHealth(APIView):
    @extend_schema(operation_id="get_account_health", responses=HealthShape)
    def get(self, request: Request, account_id: str) -> Response:
        """Whether an account can be posted to, why not, and what it has been doing."""
        account = _account(request, account_id)
        account.now = health.of(account)  # type: ignore[attr-defined]
        return Response(HealthShape(account).data)


class ConnectLink(APIView):
    @extend_schema(operation_id="connect_link", request=LinkBody, responses=LinkShape)
    def post(self, request: Request) -> Response:
        """A link, good for ten minutes, by which an account's owner connects it."""
        reach = _reach(request)
        if reach.only is not None:
            raise PermissionDenied("This key is for some accounts only; it connects no others.")
        body = LinkBody(data=request.data)
        body.is_valid(raise_exception=True)
        wanted = body.validated_data
        try:
            made = connect_flow.link(
                reach.workspace_id, wanted["platform"], wanted["login"], **_author(request)
            )
        except NotPossible as why:
            raise ValidationError({"platform": str(why)}) from why
        return _link(*made)


class AccountReconnect(APIView):
    @extend_schema(operation_id="reconnect_account", request=None, responses=LinkShape)
    def post(self, request: Request, account_id: str) -> Response:
        """A link, good for ten minutes, by which its owner repairs this account in place."""
        account = _account(request, account_id)
        try:
            return _link(*connect_flow.relink(account, **_author(request)))
        except NotPossible as why:
            raise ValidationError(str(why)) from why


class RetryMissed(APIView):
    @extend_schema(
        operation_id="retry_missed",
        request=None,
        responses=inline_serializer(
            "RetriedMissedAnswer", {"data": RetriedMissed(), "meta": SkippedOfManyMeta()}
        ),
    )
    def post(self, request: Request, account_id: str) -> Response:
        """Send again what failed because this account could not be posted to.

        A key for some accounts leaves out posts that also go to others.
        """
        account = _account(request, account_id)
        if not account.can_post:
            raise ValidationError(f"{account.name} still cannot be posted to; reconnect it first.")
        requeued = store.retry_missed([account], reach=_reach(request), **_author(request))
        response = Response(_retried(requeued))
        meta = skipped_meta(requeued.skipped, SkippedOfManyShape)
        response.meta = meta  # type: ignore[attr-defined]
        return response


def skipped_meta(
    skipped: Sequence[retry.Skipped],
    shape: type[SkippedShape] = SkippedShape,
    total: int | None = None,
) -> dict[str, Any]:
    """What `meta` says of the destinations that a retry left out; `total`: how many there are."""
    more = (len(skipped) if total is None else total) - min(len(skipped), MOST_SKIPPED)
    found = {"skipped": shape(skipped[:MOST_SKIPPED], many=True).data, "more_skipped": more}
    return {name: value for name, value in found.items() if value}


def _retried(requeued: retry.Requeued) -> dict[str, Any]:
    moved = [
        {"id": each.public_id, "platform": each.platform, "new_status": "queued"}
        for each in requeued.moved
    ]
    return {"retried_count": len(moved), "destinations": moved}


def _link(connection: Connection, url: str) -> Response:
    shown = {"url": url, "expires_at": connection.expires_at, "platform": connection.platform}
    return Response(LinkShape(shown).data, headers={"Cache-Control": "no-store"})


def _account(request: Request, account_id: str) -> Account:
    number = int(account_id) if re.fullmatch(r"[0-9]{1,19}", account_id) else 0
    account = access.account(_reach(request), number)
    if account is None:
        raise NotFound("There is no such account.")
    return account


class Author(TypedDict):
    by: str
    request_id: str


# The key's class belongs to posts, which imports us; all we know is that it has these.


def _reach(request: Request) -> Reach:
    key: Any = request.auth
    reach: Reach = key.reach
    return reach


def _author(request: Request) -> Author:
    key: Any = request.auth
    return {"by": f"key:{key.prefix}", "request_id": getattr(request, "request_id", "")}
