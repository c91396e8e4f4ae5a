"""Incidents: what was wrong, from when until when, and whether people were told."""

from collections.abc import Mapping

from django.contrib import admin
from django.db.models import Q

from config.models import Incident
from destinations.admin import columns
from destinations.admin.base import BoundedAdmin
from destinations.admin.filters import QueryFilter
from destinations.admin.lists import dates
from destinations.admin.lists.ordering import Key

LEVELS = {"Problem": "danger", "Warning": "warning"}


class OpenFilter(QueryFilter):
    title, parameter_name = "state", "state"
    labels = {"open": "Open", "over": "Over"}

    def queries(self) -> Mapping[str, Q]:
        return {"open": Q(closed_at=None), "over": Q(closed_at__isnull=False)}


@admin.register(Incident)
class IncidentAdmin(BoundedAdmin):
    list_display = ("said", "shown_level", "opened_at", "closed_at", "told_at")
    list_filter = (OpenFilter, "level", dates.by("opened_at"))
    key = Key("opened_at")
    hidden = ("seen_at",)
    sections = {
        "": ("said", "remedy", ("shown_level", "cause")),
        "Times": (("opened_at", "closed_at"), ("told_at", "told")),
    }
    shown_level = columns.choice("level", LEVELS, "Level")
