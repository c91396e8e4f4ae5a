"""Incidents: what was wrong, from when until when, and whether people were told."""

from collections.abc import Mapping

from django.contrib import admin
from django.db.models import Q
from django.utils.safestring import SafeString

from config.incidents import touched
from config.models import Incident
from destinations.admin.base import BoundedAdmin
from destinations.admin.lists import columns, dates
from destinations.admin.lists.columns import Column
from destinations.admin.lists.filters import QueryFilter
from destinations.admin.lists.ordering import Key

LEVELS = {"Problem": "danger", "Warning": "warning"}


class OpenFilter(QueryFilter):
    title, parameter_name = "state", "state"
    labels = {"open": "Open", "over": "Over"}

    def queries(self) -> Mapping[str, Q]:
        return {"open": Q(closed_at=None), "over": Q(closed_at__isnull=False)}


def _list(row: Incident) -> SafeString:
    """Link to the rows that it is about, where all that match can be acted on."""
    if row.cause.startswith("accounts to reconnect"):
        return columns.to_list("destinations_account", "Accounts to reconnect", health="reconnect")
    if row.cause.startswith("may be live"):
        return columns.to_list("destinations_destination", "To settle", attention="may_be_public")
    platform = touched.platform_of(row.cause)
    query = {"attention": "paused" if row.cause.startswith("outages") else "late"}
    query |= {"platform": platform} if platform else {}
    return columns.to_list("destinations_destination", "Waiting posts", **query)


@admin.register(Incident)
class IncidentAdmin(BoundedAdmin):
    list_display = ("said", "shown_level", "shown_touched", "opened_at", "closed_at", "told_at")
    list_filter = (OpenFilter, "level", dates.by("opened_at"))
    key = Key("opened_at")
    hidden = ("seen_at", "posts", "accounts", "workspaces")
    sections = {
        "": ("said", "remedy", ("shown_level", "cause")),
        "What it touches": ("shown_touched", "shown_waiting"),
        "Times": (("opened_at", "closed_at"), ("told_at", "told")),
    }
    shown_level = columns.choice("level", LEVELS, "Level")
    shown_touched = Column("Waited, at its worst", touched.in_words)
    shown_waiting = Column("Now", _list)
