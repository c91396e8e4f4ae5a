"""What operators may do to webhooks: as customers do, with their name in the admin's history."""

from datetime import timedelta

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.widgets import UnfoldAdminSelectWidget

from destinations.admin import confirmation
from destinations.admin.base import page
from destinations.runtime import clock
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


def send_test(
    admin: ModelAdmin, request: HttpRequest, chosen: QuerySet[Webhook]
) -> HttpResponse | None:
    """Send `webhook.test` to one webhook and say what it answered."""
    webhook = _one(admin, request, chosen)
    if webhook is None:
        return None
    try:
        answer = replay.send_test(webhook)
    except RequestRefused as refusal:
        admin.message_user(request, refusal.message, messages.ERROR)
        return confirmation.back(admin, request)
    told = answer.error or f"The receiver answered {answer.status}."
    level = messages.SUCCESS if answer.is_success else messages.ERROR
    admin.message_user(request, f"{told} It took {answer.duration_ms} ms.", level)
    return confirmation.back(admin, request)


def recover(
    admin: ModelAdmin, request: HttpRequest, chosen: QuerySet[Webhook]
) -> HttpResponse | None:
    """Ask for a span, and send what the webhook never got of it."""
    webhook = _one(admin, request, chosen)
    if webhook is None:
        return None
    if not webhook.is_active:
        admin.message_user(request, "It is off: switch it on first.", messages.ERROR)
        return confirmation.back(admin, request)
    form = SpanForm(request.POST if confirmation.is_confirmed(request) else None)
    if not form.is_valid():
        return confirmation.ask(
            admin,
            request,
            title="Deliver what this webhook missed?",
            warning="Events that were never delivered are sent, at most 10,000 at once. Their "
            "receiver tells them apart by event_id.",
            button="Deliver",
            rows=[_row(webhook)],
            form=form,
        )
    since = clock.now() - timedelta(hours=int(form.cleaned_data["hours"]))
    count = replay.recover(webhook, since)
    admin.log_change(request, webhook, f"Recovered {count} by operator:{request.user}")
    admin.message_user(request, f"{count} are delivered again.", messages.SUCCESS)
    return confirmation.back(admin, request)


def switch(
    admin: ModelAdmin, request: HttpRequest, chosen: QuerySet[Webhook], *, is_active: bool
) -> HttpResponse | None:
    word = "on" if is_active else "off"
    every = list(chosen)
    # One that is on may have failures, which switching it on again forgets.
    fitting = [each for each in every if is_active or each.is_active]
    for webhook in fitting:
        lifecycle.edit(webhook, {"is_active": is_active})
        admin.log_change(request, webhook, f"Switched {word} by operator:{request.user}")
    left = len(every) - len(fitting)
    level = messages.WARNING if left else messages.SUCCESS
    said = f"{len(fitting)} switched {word}, {left} left as they were."
    admin.message_user(request, said, level)
    return confirmation.back(admin, request)


def rotate(
    admin: ModelAdmin, request: HttpRequest, chosen: QuerySet[Webhook]
) -> HttpResponse | None:
    """Ask how long the old secret signs too, then show the new one once."""
    webhook = _one(admin, request, chosen)
    if webhook is None:
        return None
    form = SecretOverlapForm(request.POST if confirmation.is_confirmed(request) else None)
    if not form.is_valid():
        return confirmation.ask(
            admin,
            request,
            title="Rotate the secret of this webhook?",
            warning="Its receiver must take the new secret before the old one ends; a receiver "
            "that reads X-PostEverywhere-Signature needs it at once.",
            button="Rotate",
            rows=[_row(webhook)],
            form=form,
        )
    secret = lifecycle.rotate(webhook, int(form.cleaned_data["hours"]))
    admin.log_change(request, webhook, f"Secret rotated by operator:{request.user}")
    # Rendered here, because a redirect would have to carry it.
    title = "The new secret"
    template = "posts/admin/webhooks/secret.html"
    return page(admin, request, template, title, webhook=webhook, secret=secret)


def _one(admin: ModelAdmin, request: HttpRequest, chosen: QuerySet[Webhook]) -> Webhook | None:
    """The chosen webhook, with its secret; None, with a message, unless it is exactly one."""
    keys = list(chosen.values_list("pk", flat=True)[:2])
    if len(keys) == 1:
        return Webhook.objects.select_related("workspace").filter(pk=keys[0]).first()
    admin.message_user(request, "Nothing was done. Choose exactly one webhook.", messages.ERROR)
    return None


def _row(webhook: Webhook) -> confirmation.ConfirmationRow:
    return confirmation.ConfirmationRow(str(webhook.pk), f"{webhook.url} of {webhook.workspace}")
