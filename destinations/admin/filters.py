"""The filters of the lists. The overview counts the same rows."""

from datetime import datetime, timedelta

from django.contrib.admin import ModelAdmin
from django.db.models import F, Func, IntegerField, Q, QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import DropdownFilter

from destinations.dispatch import backlog
from destinations.models import Account, Destination
from destinations.retry import MAY_BE_PUBLIC
from destinations.runtime import clock
from platforms.errors import CODES
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
        "running": Q(in_flight=True, begun_at__isnull=False, next_retry_at=None),
        "late": backlog.is_late(clock.now()),
        "paused": backlog.waits_for_pause(clock.now()),
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


class AttentionFilter(DropdownFilter):
    title = "attention"
    parameter_name = "attention"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        return [
            ("failed_today", "Failed today (UTC)"),
            ("failed_24h", "Failed in the last 24 hours"),
            ("may_be_public", "Failed, may be public"),
            ("unconfirmed", "Unconfirmed"),
            ("retry_waiting", "Retry waiting"),
            ("running", "Running"),
            ("late", "Waiting to begin"),
            ("paused", "Waiting for a pause to end"),
            ("reconnect", "Account to reconnect"),
        ]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Destination]
    ) -> QuerySet[Destination]:
        return queryset.filter(attention().get(self.value() or "", Q()))


class HealthFilter(DropdownFilter):
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


class PlatformFilter(DropdownFilter):
    """All supported platforms, without querying the table for those in use."""

    title = "network"
    parameter_name = "platform"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        return [(key, adapter.name) for key, adapter in ADAPTERS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(platform=self.value()) if self.value() else queryset


#: What a destination's status says, by its name in the URL.
STATUSES: dict[str, tuple[str, Q]] = {
    "queued": ("Queued", Q(status=S.QUEUED)),
    "publishing": ("Publishing", Q(status=S.PUBLISHING)),
    "unconfirmed": ("Unconfirmed", Q(status=S.UNCONFIRMED)),
    "published": ("Published", Q(status=S.PUBLISHED)),
    "retry_waiting": ("Retry waiting", Q(next_retry_at__isnull=False)),
    "failed": ("Failed", Q(status=S.FAILED, next_retry_at=None)),
    "may_be_public": ("Failed, may be public", Q(status=S.FAILED, error_code=MAY_BE_PUBLIC)),
}


class StatusFilter(DropdownFilter):
    title = "status"
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        return [(name, label) for name, (label, _) in STATUSES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        _, which = STATUSES.get(self.value() or "", ("", Q()))
        return queryset.filter(which)


def with_error(code: str, platform: str | None) -> QuerySet[Destination]:
    """Destinations with this error, on one network or on all, as their index finds them."""
    is_open = Func(F("due_at"), function="num_nonnulls", output_field=IntegerField())
    networks = [platform] if platform else list(ADAPTERS)
    found = Destination.objects.alias(is_open=is_open).exclude(error_code="")
    return found.filter(platform__in=networks, is_open__in=(0, 1), error_code=code)


class ErrorCodeFilter(DropdownFilter):
    title = "error code"
    parameter_name = "error_code"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        return [(code, code) for code in sorted(CODES)]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(error_code=self.value()) if self.value() else queryset

    def keys(self, request: HttpRequest, rows: QuerySet) -> QuerySet:
        found = with_error(str(self.value()), request.GET.get("platform"))
        # What older ones failed of does not count.
        query = attention().get(request.GET.get("attention", ""), Q())
        return found.filter(query).values("pk")


class OutcomeFilter(DropdownFilter):
    """How attempts ended."""

    title = "outcome"
    parameter_name = "outcome"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        return [
            ("published", "published"),
            ("running", "still running"),
            *((code, code) for code in sorted(CODES)),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if not self.value():
            return queryset
        outcome = "" if self.value() == "running" else self.value()
        return queryset.filter(outcome=outcome)
