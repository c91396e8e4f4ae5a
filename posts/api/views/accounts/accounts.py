"""Accounts over HTTP."""

import re

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound, PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from destinations import access, pauses
from destinations.accounts import connect_flow, health, store
from destinations.accounts.oauth_apps import LoginNotConfigured
from destinations.models import Account, Connection
from posts.api.auth import author, reach_of
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


class AccountViewSet(ViewSet):
    """What stands before its endpoints differs on the compatibility mount."""

    one: type[AccountSerializer] = AccountSerializer
    all: type[AccountsSerializer] = AccountsSerializer
    retried: type[RetriedMissedSerializer] = RetriedMissedSerializer
    lookup_url_kwarg = "account_id"
    lookup_value_converter = "account"

    @extend_schema(operation_id="list_accounts", responses=AccountsSerializer)
    def list(self, request: Request) -> Response:
        """List connected accounts, oldest first."""
        found = access.accounts(reach_of(request))
        context = {"pauses": pauses.active()}
        return Response(self.all({"accounts": found}, context=context).data)

    @extend_schema(operation_id="get_account", responses=AccountSerializer)
    def retrieve(self, request: Request, account_id: str) -> Response:
        """Read one connected account."""
        context = {"pauses": pauses.active()}
        return Response(self.one(_account(request, account_id), context=context).data)

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
            made = connect_flow.create_link(
                who.workspace_id,
                wanted["platform"],
                wanted["login"],
                by=who.by,
                request_id=who.request_id,
            )
        except LoginNotConfigured as why:
            raise ValidationError({"platform": str(why)}) from why
        return _link(*made)

    @extend_schema(operation_id="reconnect_account", request=None, responses=LinkSerializer)
    @action(detail=True, methods=["post"])
    def reconnect(self, request: Request, account_id: str) -> Response:
        """Create a link, valid for ten minutes, with which its owner reconnects this account."""
        account = _account(request, account_id)
        who = author(request)
        try:
            return _link(
                *connect_flow.create_reconnect_link(account, by=who.by, request_id=who.request_id)
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
    account = access.account(reach_of(request), number)
    if account is None:
        raise NotFound("There is no such account.")
    return account
