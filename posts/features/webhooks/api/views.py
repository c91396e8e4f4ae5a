"""Webhooks over HTTP."""

import uuid
from typing import ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from posts import rate_windows
from posts.api.auth import SeesEveryAccount
from posts.api.endpoints import ReplayPolicy, options
from posts.api.mounts import is_compat
from posts.api.pagination import page
from posts.api.resources import PRIVATE, Resource, Values
from posts.api.serializers.resources import deleted_as, read
from posts.composing.destinations import Author
from posts.errors import RequestRefused, known
from posts.features.webhooks import lifecycle, log, replay
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


class WebhookViewSet(Resource):
    permission_classes = (SeesEveryAccount,)
    one, many = "webhook", "webhooks"
    shown = webhooks.WebhookSerializer
    shown_by: ClassVar = {"make": webhooks.CreatedWebhookSerializer}
    new = webhooks.CreateWebhookSerializer
    changes = webhooks.EditWebhookSerializer
    list_name = "Webhooks"
    reads = "Read one webhook."
    deleted = deleted_as("WebhookDeleted", serializers.UUIDField)

    def rows(self, who: Author, asked: Values) -> QuerySet[Webhook]:
        """List the workspace's webhooks, oldest first."""
        return Webhook.objects.filter(workspace=who.workspace_id).order_by("created_at", "id")

    def make(self, who: Author, values: Values) -> Webhook:
        """Have events of the workspace sent to an address of yours.

        The answer has the secret that signs them, this once. A workspace has at most 25 webhooks.
        Events name posts and destinations by the ids of the mount where the webhook was made.
        """
        form = Webhook.IdForm.UUID if is_compat(self.request) else Webhook.IdForm.PUBLIC
        webhook, secret = lifecycle.create(who.workspace_id, **values, id_form=form)
        webhook.secret_warning = webhooks.WARNING  # type: ignore[attr-defined]
        return _with_secret(webhook, secret)

    def change(self, who: Author, row: Webhook, values: Values) -> Webhook:
        """Change a webhook, or switch it off or on."""
        lifecycle.edit(row, values)
        return row

    def remove(self, who: Author, row: Webhook) -> None:
        """Delete a webhook with its log. What waits for it is not delivered."""
        lifecycle.delete(row)

    @extend_schema(
        operation_id="test_webhook", request=None, responses=webhooks.WebhookTestedSerializer
    )
    @action(detail=True, methods=["post"])
    @options(replay=ReplayPolicy.AFTER_WORK)
    def test(self, request: Request, **path: str) -> Response:
        """Send `webhook.test` now, and report what the receiver answered.

        It takes up to ten seconds, works while the webhook is off, and counts as neither success
        nor failure. A workspace may send ten a minute.
        """
        webhook: Webhook = self.named(request, **path)
        rate_limits.demand_of(str(webhook.workspace_id), "webhook_tests", TESTS, "tests")
        return Response(webhooks.tested(replay.send_test(webhook)))

    @extend_schema(
        operation_id="rotate_webhook_secret",
        request=webhooks.RotateSecretSerializer,
        responses=webhooks.RotatedWebhookSerializer,
    )
    @action(detail=True, methods=["post"], url_path="rotate-secret")
    def rotate_secret(self, request: Request, **path: str) -> Response:
        """Replace the secret. The answer has the new one, this once.

        For `keep_old_hours`, `webhook-signature` is made with both.
        """
        webhook: Webhook = self.named(request, **path)
        values = read(webhooks.RotateSecretSerializer, request.data)
        secret = lifecycle.rotate(webhook, values["keep_old_hours"])
        webhook.refresh_from_db()
        shown = webhooks.RotatedWebhookSerializer(_with_secret(webhook, secret)).data
        return Response(shown, headers=PRIVATE)

    @extend_schema(
        operation_id="recover_webhook",
        request=webhooks.RecoverSerializer,
        responses={202: webhooks.RecoveredSerializer},
    )
    @action(detail=True, methods=["post"])
    def recover(self, request: Request, **path: str) -> Response:
        """Deliver what the webhook subscribes to and never got, of a span of time.

        One call sends at most 10,000; call again while `queued` is as many.
        """
        webhook = self._find_active(request, **path)
        values = read(webhooks.RecoverSerializer, request.data)
        whose = str(webhook.workspace_id)
        rate_limits.demand_of(whose, "webhook_recoveries", RECOVERIES, "recoveries")
        queued = replay.recover(webhook, values["since"], values.get("until"))
        return Response({"queued": queued}, status=202)

    @extend_schema(
        operation_id="redeliver", request=None, responses={202: webhooks.RedeliveredSerializer}
    )
    @action(detail=True, methods=["post"], url_path="deliveries/<delivery:delivery_id>/redeliver")
    def redeliver(self, request: Request, delivery_id: str, **path: str) -> Response:
        """Deliver an event again, with the same bytes and a new signature.

        What was attempted 100 times is not sent again.
        """
        webhook = self._find_active(request, **path)
        delivery = known(replay.find(webhook, uuid.UUID(delivery_id)), "delivery")
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
    def deliveries(self, request: Request, **path: str) -> Response:
        """List what was sent to a webhook and what waits for it, newest first.

        A filter by event looks at the newest 10,000 deliveries. The log goes back 30 days.
        """
        webhook: Webhook = self.named(request, **path)
        asked = read(webhooks.DeliveriesQuery, request.query_params.dict())
        wanted = {name: asked.get(name) for name in ("status", "event", "event_id")}
        rows, meta = page(log.Deliveries(webhook, **wanted), asked)
        return Response(webhooks.DeliveriesSerializer({"deliveries": rows, **meta}).data)

    def _find_active(self, request: Request, **path: str) -> Webhook:
        """Find a webhook. Raises RequestRefused if it is off, because nothing would be sent."""
        webhook: Webhook = self.named(request, **path)
        if not webhook.is_active:
            raise RequestRefused("conflict", OFF)
        return webhook


def _with_secret(webhook: Webhook, secret: str) -> Webhook:
    webhook.new_secret = secret  # type: ignore[attr-defined]
    return webhook
