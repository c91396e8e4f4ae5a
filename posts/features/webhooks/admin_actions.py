"""What operators may do to webhooks: as customers do, with their name in the admin's history."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.http import HttpRequest, HttpResponse
from unfold.widgets import UnfoldAdminSelectWidget

from destinations.admin.actions.bulk import Each, One, Question
from destinations.admin.base import page
from destinations.runtime import clock
from destinations.wording import quoted
from posts.errors import RequestRefused
from posts.features.webhooks import lifecycle, replay
from posts.features.webhooks.models import Webhook

SPANS = {"1": "The last hour", "24": "The last 24 hours", "168": "The last 7 days", "720": "All"}
OVERLAPS = {"0": "It ends at once", "24": "One day", "168": "Seven days"}


class SpanForm(forms.Form):
    hours = forms.ChoiceField(
        label="Events of", choices=list(SPANS.items()), widget=UnfoldAdminSelectWidget
    )


class SecretOverlapForm(forms.Form):
    hours = forms.ChoiceField(
        label="How long the old secret signs too",
        choices=list(OVERLAPS.items()),
        initial="24",
        widget=UnfoldAdminSelectWidget,
    )


def _send_test(
    admin: ModelAdmin, request: HttpRequest, webhook: Webhook, given: Mapping[str, Any]
) -> None:
    """Send `webhook.test` and say what the receiver answered."""
    try:
        answer = replay.send_test(webhook)
    except RequestRefused as refusal:
        admin.message_user(request, refusal.message, messages.ERROR)
        return
    told = answer.error or f"The receiver answered {answer.status}."
    level = messages.SUCCESS if answer.is_success else messages.ERROR
    admin.message_user(request, f"{told} It took {answer.duration_ms} ms.", level)


def _recover(
    admin: ModelAdmin, request: HttpRequest, webhook: Webhook, given: Mapping[str, Any]
) -> None:
    """Send what the webhook never got in the chosen span."""
    count = replay.recover(webhook, clock.now() - timedelta(hours=int(given["hours"])))
    admin.log_change(request, webhook, f"Recovered {count} by operator:{request.user}")
    admin.message_user(request, f"{count} are delivered again.", messages.SUCCESS)


def _rotate(
    admin: ModelAdmin, request: HttpRequest, webhook: Webhook, given: Mapping[str, Any]
) -> HttpResponse:
    """Show the new secret once. Rendered here, because a redirect would have to carry it."""
    secret = lifecycle.rotate(webhook, int(given["hours"]))
    admin.log_change(request, webhook, f"Secret rotated by operator:{request.user}")
    template = "posts/admin/webhooks/secret.html"
    return page(admin, request, template, "The new secret", webhook=webhook, secret=secret)


def _switch_on(webhook: Webhook, who: Mapping[str, Any]) -> None:
    """Switch it on; one that is on may have failures, which this forgets."""
    lifecycle.edit(webhook, {"is_active": True})


def _switch_off(webhook: Webhook, who: Mapping[str, Any]) -> bool:
    if webhook.is_active:
        lifecycle.edit(webhook, {"is_active": False})
        return True
    return False


def _described(webhook: Webhook) -> str:
    return f"{quoted(webhook.url)} of {quoted(webhook.workspace)}"


class WebhookActions:
    """The actions of the list of webhooks."""

    actions = ("send_test", "recover", "switch_on", "switch_off", "rotate")
    send_test = One("Send a test", _send_test, noun="webhook")
    recover = One(
        "Deliver what it missed",
        _recover,
        noun="webhook",
        ask=Question(
            "Deliver what this webhook missed?",
            "Events that were never delivered are sent, at most 10,000 at once. Their receiver "
            "tells them apart by event_id.",
            "Deliver",
        ),
        form=SpanForm,
        describe=_described,
        stays=lambda row: "" if row.is_active else "It is off: switch it on first.",
    )
    switch_on = Each("Switch on", "switched on", _switch_on)
    switch_off = Each("Switch off", "switched off", _switch_off)
    rotate = One(
        "Rotate the secret",
        _rotate,
        noun="webhook",
        ask=Question(
            "Rotate the secret of this webhook?",
            "Its receiver must take the new secret before the old one ends; a receiver that reads "
            "X-PostEverywhere-Signature needs it at once.",
            "Rotate",
        ),
        form=SecretOverlapForm,
        describe=_described,
    )
