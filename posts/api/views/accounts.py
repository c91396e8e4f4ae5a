"""Accounts over HTTP."""

import re

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from destinations import access, pauses
from destinations.accounts import health, links, store
from destinations.accounts.oauth_apps import LoginNotConfigured
from destinations.models import Account, Connection
from posts.api.auth import author, reach_of
from posts.api.endpoints import Arguments, Json, Tool, tools
from posts.api.renderers import EnvelopeResponse
from posts.api.serializers.accounts import (
    AccountSerializer,
    AccountsSerializer,
    CreateLinkSerializer,
    HealthReportSerializer,
    LinkSerializer,
)
from posts.api.serializers.posts.retries import (
    RetriedMissedSerializer,
    SkippedOfManySerializer,
    skipped_meta,
)
from posts.api.serializers.resources import read
from posts.errors import known


def _after_listing(arguments: Arguments, answer: Json) -> str:
    found = answer["data"]["accounts"]
    broken = [str(each["id"]) for each in found if not each["health"]["can_post"]]
    if not broken:
        return ""
    return f"These cannot publish now: {', '.join(broken)}. get_account_health says why."


def _after_health(arguments: Arguments, answer: Json) -> str:
    if answer["data"]["needs_reconnection"]:
        return (
            "Its owner must reconnect it: get_reconnect_link makes a link to hand over. Then call "
            "retry_post for what has failed."
        )
    return ""


def _after_link(arguments: Arguments, answer: Json) -> str:
    return "Hand the link to the account's owner; get_account_health says when it is done."


LIST_ACCOUNTS = Tool(
    description="List the social accounts that posts can go to, with their ids, networks and "
    "health. Begin here.",
    next_step=_after_listing,
)
GET_ACCOUNT_HEALTH = Tool(
    description="Say whether an account can publish, why not, whether its owner must reconnect "
    "it, and what it did recently.",
    next_step=_after_health,
)
GET_RECONNECT_LINK = Tool(
    name="get_reconnect_link",
    title="Get a link to reconnect an account",
    description="Make a link, valid for ten minutes, that the account's owner opens in a browser "
    "to reconnect it. Hand it to the user; do not open it yourself.",
    next_step=_after_link,
)


class AccountViewSet(ViewSet):
    """What stands before its endpoints differs on the compatibility mount."""

    one: type[AccountSerializer] = AccountSerializer
    all: type[AccountsSerializer] = AccountsSerializer
    retried: type[RetriedMissedSerializer] = RetriedMissedSerializer
    lookup_url_kwarg = "account_id"
    lookup_value_converter = "account"

    @tools(LIST_ACCOUNTS)
    @extend_schema(operation_id="list_accounts", responses=AccountsSerializer)
    def list(self, request: Request) -> Response:
        """List connected accounts, oldest first."""
        found = access.accounts(reach_of(request))
        context = {"pauses": pauses.active()}
        return Response(self.all({"accounts": found}, context=context).data)

    @extend_schema(operation_id="get_account", responses=AccountSerializer)
    def retrieve(self, request: Request, account_id: str) -> Response:
        """Read one connected account."""
        context = {"pauses": pauses.active(), "reach": reach_of(request)}
        return Response(self.one(_account(request, account_id), context=context).data)

    @tools(GET_ACCOUNT_HEALTH)
    @extend_schema(operation_id="get_account_health", responses=HealthReportSerializer)
    @action(detail=True)
    def health(self, request: Request, account_id: str) -> Response:
        """Report an account's health: whether it can publish, why not, and its recent activity."""
        account = _account(request, account_id)
        account.now = health.check(account)  # type: ignore[attr-defined]
        return Response(HealthReportSerializer(account).data)

    @extend_schema(
        operation_id="connect_link", request=CreateLinkSerializer, responses=LinkSerializer
    )
    @action(detail=False, methods=["post"], url_path="connect-link")
    def connect_link(self, request: Request) -> Response:
        """Create a link, valid for ten minutes, with which an account's owner connects it."""
        who = author(request)
        if who.only is not None:
            raise PermissionDenied(
                "This key is limited to some accounts and cannot connect others."
            )
        wanted = read(CreateLinkSerializer, request.data)
        try:
            made = links.create_link(
                who.workspace_id,
                wanted["platform"],
                wanted["login"],
                by=who.by,
                request_id=who.request_id,
            )
        except LoginNotConfigured as why:
            raise ValidationError({"platform": str(why)}) from why
        return _link(*made)

    @tools(GET_RECONNECT_LINK)
    @extend_schema(operation_id="reconnect_account", request=None, responses=LinkSerializer)
    @action(detail=True, methods=["post"])
    def reconnect(self, request: Request, account_id: str) -> Response:
        """Create a link, valid for ten minutes, with which its owner reconnects this account."""
        account = _account(request, account_id)
        who = author(request)
        try:
            return _link(
                *links.create_reconnect_link(account, by=who.by, request_id=who.request_id)
            )
        except LoginNotConfigured as why:
            raise ValidationError(str(why)) from why

    @extend_schema(operation_id="retry_missed", request=None, responses=RetriedMissedSerializer)
    @action(detail=True, methods=["post"], url_path="retry-missed")
    def retry_missed(self, request: Request, account_id: str) -> Response:
        """Retry the destinations that failed because this account could not publish.

        A key limited to some accounts leaves out posts that also go to others.
        """
        account = _account(request, account_id)
        if not account.can_post:
            raise ValidationError(f"{account.name} still cannot publish; reconnect it first.")
        who = author(request)
        requeued = store.retry_missed(
            [account], by=who.by, request_id=who.request_id, reach=reach_of(request)
        )
        found = {"retried_count": len(requeued.moved), "destinations": requeued.moved}
        meta = skipped_meta(requeued.skipped, SkippedOfManySerializer)
        return EnvelopeResponse(self.retried(found).data, meta)


def _link(connection: Connection, url: str) -> Response:
    shown = {"url": url, "expires_at": connection.expires_at, "platform": connection.platform}
    return Response(LinkSerializer(shown).data, headers={"Cache-Control": "no-store"})


def _account(request: Request, account_id: str) -> Account:
    number = int(account_id) if re.fullmatch(r"[0-9]{1,19}", account_id) else 0
    return known(access.account(reach_of(request), number), "account")
