from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from destinations.admin.filters import PlatformFilter
from destinations.admin.readonly import ReadOnlyAdmin, ReadOnlyInline
from destinations.models import Attempt, Event


class AttemptInline(ReadOnlyInline):
    model = Attempt
    ordering = ("-number",)
    fields = ("number", "started_at", "sent_at", "answered_at", "outcome", "http_status", "error")
    readonly_fields = fields
    per_page = 50


class EventInline(ReadOnlyInline):
    model = Event
    ordering = ("-id",)
    fields = ("at", "move", "from_status", "to_status", "by", "reason", "request_id")
    readonly_fields = fields
    per_page = 50


class OfDestinationFilter(PlatformFilter):
    parameter_name = "destination__platform"

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(destination__platform=self.value()) if self.value() else queryset


@admin.register(Attempt)
class AttemptAdmin(ReadOnlyAdmin):
    list_display = ("destination", "number", "started_at", "outcome", "http_status", "worker")
    list_filter = (OfDestinationFilter,)
    list_select_related = ("destination",)
    ordering = ("-id",)


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ("at", "destination", "move", "from_status", "to_status", "by", "reason")
    list_filter = (OfDestinationFilter,)
    list_select_related = ("destination",)
    ordering = ("-id",)
