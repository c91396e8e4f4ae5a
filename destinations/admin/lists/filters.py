"""The filters of the lists. The overview counts the same rows."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.contrib.admin import ModelAdmin
from django.db.models import F, Func, IntegerField, Q, QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import (
    AutocompleteSelectFilter,
    ChoicesDropdownFilter,
    DropdownFilter,
)

from destinations.dispatch import backlog
from destinations.manual_retry import MAY_BE_PUBLIC
from destinations.models import Destination
from destinations.runtime import clock
from platforms.errors import CODES
from platforms.registry import ADAPTERS

S = Destination.Status


def related(column: str) -> tuple[str, type[AutocompleteSelectFilter]]:
    """Filter by a related row, which is searched for."""
    return column, AutocompleteSelectFilter


def choice(column: str) -> tuple[str, type[ChoicesDropdownFilter]]:
    """Filter by the value of a column with choices."""
    return column, ChoicesDropdownFilter


class QueryFilter(DropdownFilter):
    """Selects rows by queries that have names in the URL, and labels."""

    labels: Mapping[str, str] = {}

    def queries(self) -> Mapping[str, Q]:
        """Return the queries by their names; other names select everything."""
        raise NotImplementedError

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        return list(self.labels.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(self.queries().get(self.value() or "", Q()))


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
        "on_hold": backlog.is_on_hold(clock.now()),
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


class AttentionFilter(QueryFilter):
    title = parameter_name = "attention"
    labels = {
        "failed_today": "Failed today (UTC)",
        "failed_24h": "Failed in the last 24 hours",
        "may_be_public": "Failed, may be public",
        "unconfirmed": "Unconfirmed",
        "retry_waiting": "Retry waiting",
        "running": "Running",
        "late": "Waiting to begin",
        "on_hold": "On hold: a pause, an outage, a limit, its turn",
        "reconnect": "Account to reconnect",
    }

    def queries(self) -> Mapping[str, Q]:
        return attention()


class HealthFilter(QueryFilter):
    title = parameter_name = "health"
    labels = {
        "reconnect": "To reconnect",
        "token_ended": "Token expired",
        "held": "Limited",
        "inactive": "Inactive",
    }

    def queries(self) -> Mapping[str, Q]:
        return health()


class PlatformFilter(DropdownFilter):
    """All supported platforms, without querying the table for those in use."""

    title = "network"
    parameter_name = "platform"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        return [(key, adapter.name) for key, adapter in ADAPTERS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        wanted = {str(self.parameter_name): self.value()}
        return queryset.filter(**wanted) if self.value() else queryset


class StatusFilter(QueryFilter):
    title = parameter_name = "status"
    labels = {
        "queued": "Queued",
        "publishing": "Publishing",
        "unconfirmed": "Unconfirmed",
        "published": "Published",
        "retry_waiting": "Retry waiting",
        "failed": "Failed",
        "may_be_public": "Failed, may be public",
    }

    def queries(self) -> Mapping[str, Q]:
        return {
            **{name: Q(status=name) for name in self.labels if name in S},
            "retry_waiting": Q(next_retry_at__isnull=False),
            "failed": Q(status=S.FAILED, next_retry_at=None),
            "may_be_public": Q(status=S.FAILED, error_code=MAY_BE_PUBLIC),
        }


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
        return found.filter(query).values_list("pk")


class OutcomeFilter(QueryFilter):
    """How attempts ended."""

    title = parameter_name = "outcome"
    labels = {"published": "published", "running": "still running"}
    labels |= {code: code for code in sorted(CODES)}

    def queries(self) -> Mapping[str, Q]:
        return {name: Q(outcome="" if name == "running" else name) for name in self.labels}
