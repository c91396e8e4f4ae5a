"""Incidents: what was wrong, from when until when, who did what, and what became of the posts."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from django.apps import apps
from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from config.incidents import touched
from config.models import Incident
from config.status import notifications
from config.status.table import BY_NAME
from config.status.wording import counted
from destinations.admin.base import BoundedAdmin
from destinations.admin.lists import columns, dates, time_search
from destinations.admin.lists.columns import Column
from destinations.admin.lists.filters import QueryFilter
from destinations.admin.lists.ordering import Key
from destinations.models import Account, Destination
from destinations.runtime.request_waits import RequestWaitLimiter
from destinations.wording import quoted

LEVELS = {"Problem": "danger", "Warning": "warning", "Notice": "info"}
SIZES = ("now_count", "now_workspaces", "told_count", "told_workspaces")
#: So many lines of the log are read, the newest first.
MOST_ENTRIES = 1_000
_room = RequestWaitLimiter(most_each=1)


class OpenFilter(QueryFilter):
    title, parameter_name = "state", "state"
    labels = {"open": "Open", "over": "Over"}

    def queries(self) -> Mapping[str, Q]:
        return {"open": Q(closed_at=None), "over": Q(closed_at__isnull=False)}


def _list(row: Incident) -> SafeString | str:
    """Link to the rows that it is about, where all that match can be acted on."""
    platform = touched.platform_of(row.cause)
    of = {"platform": platform} if platform else {}
    if row.fact == "accounts to reconnect":
        query = {"health": "reconnect", **of}
        return columns.to_list("destinations_account", "Accounts to reconnect", **query)
    if row.fact == "may be live":
        query = {"attention": "may_be_public", **of}
        return columns.to_list("destinations_destination", "To settle", **query)
    if row.fact == "accounts held":
        held = {"health": "held", "platform": str(platform)}
        return columns.to_list("destinations_account", "Limited accounts", **held)
    if touched.is_about_posts(row.cause):
        query = {"attention": "on_hold" if row.fact in ("outages", "restore") else "late"}
        return columns.to_list("destinations_destination", "Waiting posts", **query | of)
    fact = BY_NAME.get(row.fact)
    if fact is None or not fact.models:
        return "-"
    model = apps.get_model(fact.models[0])
    name = str(model._meta.verbose_name_plural).capitalize()
    return columns.to_list(fact.models[0].replace(".", "_"), name)


class Deed(NamedTuple):
    """Something that an operator did, to one row or to several of a kind."""

    entry: LogEntry
    rows: int

    def __str__(self) -> str:
        entry = self.entry
        model = entry.content_type and entry.content_type.model_class()
        to = quoted(entry.object_repr)
        if self.rows > 1 and model:
            to = f"{self.rows:,} {model._meta.verbose_name_plural}"
        said = entry.get_change_message()
        return f"{entry.action_time:%Y-%m-%d %H:%M} UTC, {entry.user}: {said} ({to})"


def deeds(row: Incident) -> Iterator[Deed]:
    """Yield what operators did to rows that it concerns, the newest first."""
    entries = _entries(row)
    for model, names in (
        (Destination, {"platform": "platform", "account": "account_number"}),
        (Account, {"platform": "platform", "account": "pk"}),
    ):
        entries = _narrowed(row, entries, model, names)
    same = groupby(entries, lambda each: (each.user_id, each.change_message, each.content_type_id))
    for _, group in same:
        found = list(group)
        yield Deed(found[0], len(found))


def _entries(row: Incident) -> list[LogEntry]:
    fact = BY_NAME.get(row.fact)
    models = [apps.get_model(label) for label in (fact.models if fact else ())]
    kinds = ContentType.objects.get_for_models(*models).values()
    until = row.closed_at + touched.AFTERWARDS if row.closed_at else None
    meanwhile = time_search.between(LogEntry, "action_time", row.opened_at, until)
    found = LogEntry.objects.filter(meanwhile, content_type__in=kinds)
    return list(found.select_related("user", "content_type").order_by("-pk")[:MOST_ENTRIES])


def _narrowed(
    row: Incident, entries: Sequence[LogEntry], model: type[Model], names: dict[str, str]
) -> list[LogEntry]:
    """Leave out entries on rows of a model that are of other networks or accounts."""
    concerned = touched.concerned(row.cause)
    only = {column: concerned[name] for name, column in names.items() if concerned[name]}
    keys = {each.object_id for each in entries if _is_of(each, model)}
    if not (only and keys):
        return list(entries)
    known = model._default_manager.filter(pk__in=keys, **only).values_list("pk", flat=True)
    mine = set(map(str, known))
    return [each for each in entries if not _is_of(each, model) or each.object_id in mine]


def _is_of(entry: LogEntry, model: type[Model]) -> bool:
    return entry.content_type == ContentType.objects.get_for_model(model)


@admin.register(Incident)
class IncidentAdmin(BoundedAdmin):
    list_display = ("said", "shown_level", "shown_touched", "opened_at", "closed_at", "told_at")
    list_filter = (OpenFilter, "level", dates.by("opened_at"))
    key = Key("opened_at")
    hidden = ("seen_at", "posts", "accounts", "workspaces", *SIZES)
    list_before_template = "admin/send_test.html"
    sections = {
        "": ("said", "remedy", ("shown_level", "cause")),
        "What it touches": ("shown_touched", "shown_waiting", "shown_outcome"),
        "Times": (("opened_at", "closed_at"), ("told_at", "told")),
        "Who did what": ("shown_deeds",),
    }
    shown_level = columns.choice("level", LEVELS, "Level")
    shown_touched = Column("Waited, at its worst", touched.in_words)
    shown_waiting = Column("Now", _list)
    shown_outcome = Column("Posts due meanwhile", lambda row: str(touched.outcome(row) or "-"))
    shown_deeds = columns.lines("Operators", deeds)

    @property
    def has_receivers(self) -> bool:
        return bool(notifications.receivers())

    @property
    def told(self) -> str:
        count = len(notifications.receivers())
        urls = counted(count, "URL is", "URLs are")
        return f"{urls} told of incidents." if count else "No one is told: NOTIFY_URLS is empty."

    def get_urls(self) -> list[URLPattern]:
        send_test = self.admin_site.admin_view(require_POST(self.send_test))
        return [path("test/", send_test, name="config_incident_test"), *super().get_urls()]

    def send_test(self, request: HttpRequest) -> HttpResponse:
        """Send a test to NOTIFY_URLS, and say who took it. Takes half a minute at most.

        Raises PermissionDenied without the right to act on incidents.
        """
        if not self.has_operate_permission(request):
            raise PermissionDenied
        with _room.one("test") as has_place:
            for finding in notifications.send_test() if has_place else ():
                level = messages.SUCCESS if finding.level == "ok" else messages.ERROR
                said = f"{finding.said[:1].upper()}{finding.said[1:].rstrip('.')}. {finding.remedy}"
                self.message_user(request, said.rstrip(), level)
        if not has_place:
            self.message_user(request, "Another test is being sent.", messages.WARNING)
        return redirect("admin:config_incident_changelist")
