"""What operators ask for at night."""

from datetime import datetime

from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from destinations.models import Account, Destination
from platforms.registry import ADAPTERS

S = Destination.Status


def today() -> datetime:
    """Midnight, UTC."""
    return timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)


def failed_today() -> Q:
    return Q(status=S.FAILED, next_retry_at=None, updated_at__gte=today())


def overdue() -> Q:
    return Q(due_at__lte=timezone.now())


class AttentionFilter(SimpleListFilter):
    title = "attention"
    parameter_name = "attention"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        return [
            ("failed_today", "Failed today"),
            ("unconfirmed", "Unconfirmed: may be public"),
            ("retry_waiting", "Retry waiting"),
            ("overdue", "Due in the past"),
        ]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Destination]
    ) -> QuerySet[Destination]:
        wanted = {
            "failed_today": failed_today(),
            "unconfirmed": Q(status=S.UNCONFIRMED),
            "retry_waiting": Q(status=S.FAILED, next_retry_at__isnull=False),
            "overdue": overdue(),
        }
        return queryset.filter(wanted.get(self.value() or "", Q()))


class HealthFilter(SimpleListFilter):
    title = "health"
    parameter_name = "health"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        return [("reconnect", "To reconnect"), ("held", "Held"), ("inactive", "Inactive")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Account]) -> QuerySet[Account]:
        wanted = {
            "reconnect": Q(needs_reconnection_since__isnull=False),
            "held": Q(held_until__gt=timezone.now()),
            "inactive": Q(is_active=False),
        }
        return queryset.filter(wanted.get(self.value() or "", Q()))


class PlatformFilter(SimpleListFilter):
    """The platforms we know, without asking the table which ones it holds."""

    title = "platform"
    parameter_name = "platform"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        return [(key, adapter.name) for key, adapter in ADAPTERS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(platform=self.value()) if self.value() else queryset
