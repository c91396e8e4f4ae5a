"""The filters of the lists. The dashboard counts with the same queries."""

from datetime import datetime, timedelta

from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from destinations.dispatch import lateness
from destinations.models import Account, Destination
from destinations.retry import MAY_BE_PUBLIC
from destinations.runtime import clock
from platforms.registry import ADAPTERS

S = Destination.Status


def today() -> datetime:
    """Midnight, UTC."""
    return clock.now().replace(hour=0, minute=0, second=0, microsecond=0)


def failed_since(moment: datetime) -> Q:
    """Failed for good: no automatic retry waits."""
    return Q(status=S.FAILED, next_retry_at=None, updated_at__gte=moment)


def attention() -> dict[str, Q]:
    """The queries about destinations, by their names in the URL.

    Queries for open rows name `due_at` too, so that the index of open rows serves them.
    """
    return {
        "failed_today": failed_since(today()),
        "failed_24h": failed_since(clock.now() - timedelta(hours=24)),
        "may_be_public": Q(status=S.FAILED, error_code=MAY_BE_PUBLIC),
        "unconfirmed": Q(status=S.UNCONFIRMED, due_at__isnull=False),
        "retry_waiting": Q(next_retry_at__isnull=False, due_at__isnull=False),
        "late": lateness.is_late(clock.now()),
        "reconnect": Q(account__needs_reconnection_since__isnull=False),
    }


def health() -> dict[str, Q]:
    """The queries about accounts, by their names in the URL."""
    return {
        "reconnect": Q(needs_reconnection_since__isnull=False),
        # Where tokens are refreshed, the refresh failed: check the app and the clock.
        "token_ended": Q(token_expires_at__lte=clock.now()),
        "held": Q(held_until__gt=clock.now()),
        "inactive": Q(is_active=False),
    }


class AttentionFilter(SimpleListFilter):
    title = "attention"
    parameter_name = "attention"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        return [
            ("failed_today", "Failed today (UTC)"),
            ("failed_24h", "Failed in the last 24 hours"),
            ("may_be_public", "Failed, may be public"),
            ("unconfirmed", "Unconfirmed"),
            ("retry_waiting", "Retry waiting"),
            ("late", "Waiting to begin"),
            ("reconnect", "Account to reconnect"),
        ]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Destination]
    ) -> QuerySet[Destination]:
        return queryset.filter(attention().get(self.value() or "", Q()))


class HealthFilter(SimpleListFilter):
    title = "health"
    parameter_name = "health"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        return [
            ("reconnect", "To reconnect"),
            ("token_ended", "Token expired"),
            ("held", "Held"),
            ("inactive", "Inactive"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Account]) -> QuerySet[Account]:
        return queryset.filter(health().get(self.value() or "", Q()))


class PlatformFilter(SimpleListFilter):
    """All supported platforms, without querying the table for those in use."""

    title = "platform"
    parameter_name = "platform"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        return [(key, adapter.name) for key, adapter in ADAPTERS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(platform=self.value()) if self.value() else queryset
