"""Webhooks by id, name and address; their deliveries by id and by the id of their event."""

from django.db.models import Max, QuerySet

from config.admin.search import results
from config.admin.search.finder import Finder, Matches, best, containing, is_name
from config.admin.search.term import Term
from posts.features.webhooks.models import Webhook, WebhookDelivery, WebhookEvent

#: Among how many events the id of one is looked for: no index has it.
RECENT = 50_000


def _is_uuid(term: Term) -> bool:
    return term.key_of("") is not None


def _rows() -> QuerySet[Webhook]:
    return Webhook.objects.select_related("workspace").defer("secret", "previous_secret")


def _webhook(term: Term, limit: int) -> Matches:
    return Matches(list(_rows().filter(pk=term.key_of(""))))


def _by_name(term: Term, limit: int) -> Matches:
    """No index serves it: a workspace has few webhooks."""
    rows = _rows().filter(containing(term.text, "name", "url"))
    return best(rows, limit, lambda row: (not row.is_active, len(row.url), row.url, row.pk))


def _delivery_rows() -> QuerySet[WebhookDelivery]:
    """Read deliveries, except of deleted webhooks, which have no page."""
    rows = WebhookDelivery.objects.select_related("event", "webhook__workspace")
    unread = "claim", "event__data", "event__body", "webhook__secret", "webhook__previous_secret"
    return rows.defer(*unread)


def _delivery(term: Term, limit: int) -> Matches:
    return Matches(list(_delivery_rows().filter(pk=term.key_of(""))))


def _by_event(term: Term, limit: int) -> Matches:
    newest = WebhookEvent.objects.aggregate(newest=Max("pk"))["newest"] or 0
    events = WebhookEvent.objects.filter(pk__gt=newest - RECENT, event_id=term.key_of(""))
    told = list(events.values_list("pk", flat=True)[:1])
    return best(_delivery_rows().filter(event__in=told), limit, lambda row: row.pk)


BY_NAME = Finder("Webhooks", Webhook, is_name, _by_name, results.webhooks, is_exact=False)
BY_EVENT = Finder(
    "Deliveries of this event", WebhookDelivery, _is_uuid, _by_event, results.deliveries
)
BY_ID = Finder("Webhook", Webhook, _is_uuid, _webhook, results.webhooks)
DELIVERY_BY_ID = Finder("Delivery", WebhookDelivery, _is_uuid, _delivery, results.deliveries)
