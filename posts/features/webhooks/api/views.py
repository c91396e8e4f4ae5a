"""Webhooks over HTTP."""

import uuid
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from posts import rate_windows
from posts.api.auth import SeesEveryAccount, workspace_of
from posts.api.endpoints import ReplayPolicy, options
from posts.api.mounts import is_compat
from posts.api.pagination import page
from posts.api.serializers.validated import read
from posts.errors import RequestRefused
from posts.features.webhooks import lifecycle, log, replay, send_test_event
from posts.features.webhooks.api import serializers as webhooks
from posts.features.webhooks.models import Webhook
from posts.keys import rate_limits

#: The answer to a wish for deliveries of a webhook that gets none.
OFF = "The webhook is off and is sent nothing; switch it on first, with is_active: true."
#: The answer to a wish for one more attempt of what was attempted very often.
ENOUGH = (
    f"It was attempted {replay.MOST_ATTEMPTS} times, which is the most; read its body in the log."
)
#: Of a workspace. A test may hold a process for ten seconds; recovering reads a month of events.
TESTS = rate_windows.parse("10/min,100/h")
RECOVERIES = rate_windows.parse("10/min,200/h")
#: An answer with a secret is for its reader alone.
PRIVATE = {"Cache-Control": "no-store"}


class WebhookViewSet(ViewSet):
    permission_classes = (SeesEveryAccount,)
    lookup_url_kwarg = "webhook_id"
    lookup_value_converter = "webhook"

    @extend_schema(operation_id="list_webhooks", responses=webhooks.WebhooksSerializer)
    @options(may_lag=True)
    def list(self, request: Request) -> Response:
        """List the workspace's webhooks, oldest first."""
        found = Webhook.objects.filter(workspace=workspace_of(request))
        rows = found.order_by("created_at", "id")
        return Response(webhooks.WebhooksSerializer({"webhooks": rows}).data)

    @extend_schema(
        operation_id="create_webhook",
        request=webhooks.CreateWebhookSerializer,
        responses={201: webhooks.CreatedWebhookSerializer},
    )
    def create(self, request: Request) -> Response:
        """Have events of the workspace sent to an address of yours.

        The answer has the secret that signs them, this once. A workspace has at most 25 webhooks.
        Events name posts and destinations by the ids of the mount where the webhook was made.
        """
        values = read(webhooks.CreateWebhookSerializer, request.data)
        form = Webhook.IdForm.UUID if is_compat(request) else Webhook.IdForm.PUBLIC
        webhook, secret = lifecycle.create(workspace_of(request), **values, id_form=form)
        shown = _shown(webhook, secret=secret, secret_warning=webhooks.WARNING)
        return Response(shown, status=201, headers=PRIVATE)

    @extend_schema(operation_id="get_webhook", responses=webhooks.WebhookSerializer)
    def retrieve(self, request: Request, webhook_id: str) -> Response:
        """Read one webhook."""
        return Response(_shown(find(request, webhook_id)))

    @extend_schema(
        operation_id="edit_webhook",
        request=webhooks.EditWebhookSerializer,
        responses=webhooks.WebhookSerializer,
    )
    def partial_update(self, request: Request, webhook_id: str) -> Response:
        """Change a webhook, or switch it off or on."""
        webhook = find(request, webhook_id)
        lifecycle.edit(webhook, read(webhooks.EditWebhookSerializer, request.data))
        return Response(_shown(webhook))

    @extend_schema(
        operation_id="delete_webhook", responses={200: webhooks.WebhookDeletedSerializer}
    )
    def destroy(self, request: Request, webhook_id: str) -> Response:
        """Delete a webhook with its log. What waits for it is not delivered."""
        webhook = find(request, webhook_id)
        shown = {"id": str(webhook.pk), "deleted": True}
        lifecycle.delete(webhook)
        return Response(shown)

    @extend_schema(
        operation_id="test_webhook", request=None, responses=webhooks.WebhookTestedSerializer
    )
    @action(detail=True, methods=["post"])
    @options(replay=ReplayPolicy.AFTER_WORK)
    def test(self, request: Request, webhook_id: str) -> Response:
        """Send `webhook.test` now, and report what the receiver answered.

        It takes up to ten seconds, works while the webhook is off, and counts as neither success
        nor failure. A workspace may send ten a minute.
        """
        webhook = find(request, webhook_id)
        rate_limits.demand_of(str(webhook.workspace_id), "webhook_tests", TESTS, "tests")
        return Response(webhooks.tested(send_test_event.send_test(webhook)))

    @extend_schema(
        operation_id="rotate_webhook_secret",
        request=webhooks.RotateSecretSerializer,
        responses=webhooks.RotatedWebhookSerializer,
    )
    @action(detail=True, methods=["post"], url_path="rotate-secret")
    def rotate_secret(self, request: Request, webhook_id: str) -> Response:
        """Replace the secret. The answer has the new one, this once.

        For `keep_old_hours`, `webhook-signature` is made with both.
        """
        webhook = find(request, webhook_id)
        values = read(webhooks.RotateSecretSerializer, request.data)
        secret = lifecycle.rotate(webhook, values["keep_old_hours"])
        webhook.refresh_from_db()
        return Response(_shown(webhook, secret=secret), headers=PRIVATE)

    @extend_schema(
        operation_id="recover_webhook",
        request=webhooks.RecoverSerializer,
        responses={202: webhooks.RecoveredSerializer},
    )
    @action(detail=True, methods=["post"])
    def recover(self, request: Request, webhook_id: str) -> Response:
        """Deliver what the webhook subscribes to and never got, of a span of time.

        One call sends at most 10,000; call again while `queued` is as many.
        """
        webhook = _find_active(request, webhook_id)
        values = read(webhooks.RecoverSerializer, request.data)
        whose = str(webhook.workspace_id)
        rate_limits.demand_of(whose, "webhook_recoveries", RECOVERIES, "recoveries")
        queued = replay.recover(webhook, values["since"], values.get("until"))
        return Response({"queued": queued}, status=202)

    @extend_schema(
        operation_id="redeliver", request=None, responses={202: webhooks.RedeliveredSerializer}
    )
    @action(detail=True, methods=["post"], url_path="deliveries/<delivery:delivery_id>/redeliver")
    def redeliver(self, request: Request, webhook_id: str, delivery_id: str) -> Response:
        """Deliver an event again, with the same bytes and a new signature.

        What was attempted 100 times is not sent again.
        """
        webhook = _find_active(request, webhook_id)
        delivery = replay.find(webhook, uuid.UUID(delivery_id))
        if delivery is None:
            raise NotFound("There is no such delivery.")
        if delivery.attempts >= replay.MOST_ATTEMPTS:
            raise RequestRefused("conflict", ENOUGH)
        if not replay.redeliver(delivery):
            raise RequestRefused("conflict", OFF)
        event_id = str(delivery.event.event_id)
        return Response({"delivery_id": str(delivery.pk), "event_id": event_id}, status=202)

    @extend_schema(
        operation_id="list_deliveries",
        parameters=[webhooks.DeliveriesQuery],
        responses=webhooks.DeliveriesSerializer,
    )
    @action(detail=True)
    @options(may_lag=True, reads_query=True)
    def deliveries(self, request: Request, webhook_id: str) -> Response:
        """List what was sent to a webhook and what waits for it, newest first.

        A filter by event looks at the newest 10,000 deliveries. The log goes back 30 days.
        """
        webhook = find(request, webhook_id)
        asked = read(webhooks.DeliveriesQuery, request.query_params.dict())
        wanted = {name: asked.get(name) for name in ("status", "event", "event_id")}
        rows, meta = page(log.Deliveries(webhook, **wanted), asked)
        return Response(webhooks.DeliveriesSerializer({"deliveries": rows, **meta}).data)


def find(request: Request, webhook_id: str) -> Webhook:
    """The caller's webhook. Raises NotFound."""
    rows = Webhook.objects.filter(workspace=workspace_of(request), pk=uuid.UUID(webhook_id))
    webhook = rows.first()
    if webhook is None:
        raise NotFound("There is no such webhook.")
    return webhook


def _find_active(request: Request, webhook_id: str) -> Webhook:
    """The same. Raises RequestRefused if it is off, because nothing would be sent."""
    webhook = find(request, webhook_id)
    if not webhook.is_active:
        raise RequestRefused("conflict", OFF)
    return webhook


def _shown(webhook: Webhook, **more: Any) -> dict[str, Any]:
    return {**webhooks.WebhookSerializer(webhook).data, **more}
