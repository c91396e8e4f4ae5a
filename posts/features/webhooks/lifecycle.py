"""Make, change and delete webhooks, and rotate their secrets.

An address is checked when a customer gives it, so that a mistake is noticed at once, and again
right before each request: where a name leads may change at any moment.
"""

import uuid
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillRunning
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from destinations.runtime import clock
from destinations.runtime.request_waits import Busy, RequestWaitLimiter
from platforms.downloads import receiver_urls
from platforms.downloads.receiver_urls import ForbiddenReceiver
from posts.errors import RequestRefused
from posts.features.webhooks import retention
from posts.features.webhooks.delivery import signatures
from posts.features.webhooks.models import Webhook
from posts.models import Workspace

#: Webhooks of a workspace, active or not.
MOST = 25
#: How long the secret before the last rotation also signs.
KEEP_HOURS = 24.0


def create(
    workspace_id: uuid.UUID,
    url: str,
    events: Sequence[str],
    *,
    name: str = "",
    description: str = "",
    id_form: str = Webhook.IdForm.PUBLIC,
) -> tuple[Webhook, str]:
    """Create a webhook, and its secret, which is shown only now. Raises RequestRefused."""
    check_url(url)
    secret = signatures.create_secret()
    with transaction.atomic():
        # Locked, so that of two requests for the last free place one is refused.
        Workspace.objects.select_for_update(no_key=True).get(pk=workspace_id)
        if Webhook.objects.filter(workspace=workspace_id).count() >= MOST:
            raise RequestRefused(
                "webhook_limit_reached",
                f"The workspace has {MOST} webhooks, which is the most; delete one first.",
            )
        webhook = Webhook.objects.create(
            workspace_id=workspace_id,
            url=url,
            events=list(dict.fromkeys(events)),
            name=name,
            description=description,
            id_form=id_form,
            secret=signatures.seal_secret(secret),
        )
    return webhook, secret


def edit(webhook: Webhook, changes: Mapping[str, Any]) -> None:
    """Change some of `url`, `events`, `name`, `description` and `is_active`. Raises RequestRefused.

    Switched on, also again, it has a clean record. Switched off, what waits ends as failed once it
    is due, and so does what happens meanwhile: `replay.recover` sends it.
    """
    if "url" in changes:
        check_url(changes["url"])
    values = dict(changes)
    if values.get("is_active"):
        values |= {"consecutive_failures": 0, "auto_disabled_at": None}
    # Only these columns: deliveries write others at the same time.
    same = Webhook.objects.filter(pk=webhook.pk)
    if not same.update(**values, updated_at=clock.now()):
        raise RequestRefused("not_found", "There is no such webhook.")
    webhook.refresh_from_db()


@transaction.atomic
def rotate(webhook: Webhook, keep_hours: float = KEEP_HOURS) -> str:
    """Make a new secret, shown only now. The present one also signs for so long; 0: no longer."""
    row = Webhook.objects.select_for_update(no_key=True).get(pk=webhook.pk)
    secret, now = signatures.create_secret(), clock.now()
    row.previous_secret = row.secret if keep_hours else ""
    row.previous_secret_until = now + timedelta(hours=keep_hours) if keep_hours else None
    row.secret, row.updated_at = signatures.seal_secret(secret), now
    row.save(update_fields=["secret", "previous_secret", "previous_secret_until", "updated_at"])
    return secret


def delete(webhook: Webhook) -> None:
    """Delete it with its log and what waits. What is on its way may still arrive.

    The row goes first: from then on nothing is sent or shown. The rest is deleted in bounded steps,
    here as far as a request may take, and then by the periodic clean-up.
    """
    pk = webhook.pk
    webhook.delete()
    retention.forget_deliveries_of(pk)


#: How long a request waits for the resolver.
LOOKUP_SECONDS = 2
#: A resolver that hangs must hold neither requests nor any number of threads.
_room = RequestWaitLimiter()
_lookups = ThreadPoolExecutor(4, thread_name_prefix="webhook-lookup")


def check_url(url: str) -> None:
    """Raise RequestRefused for a URL to which nothing will be sent.

    A name that cannot be resolved now is accepted: it may be a new one, or the resolver is away or
    busy.
    """
    private = settings.WEBHOOK_ALLOW_PRIVATE
    try:
        found = receiver_urls.parse(url, private)
        with _room.enter(found.host):
            _lookups.submit(receiver_urls.resolve, found, private).result(LOOKUP_SECONDS)
    except ForbiddenReceiver as error:
        raise RequestRefused("invalid_webhook_url", f"url: {error}") from None
    except (OSError, UnicodeError, StillRunning, Busy):
        return
