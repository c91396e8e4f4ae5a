"""Which pages of the admin are opened, as an operator opens them.

Models, filters, choices, columns to sort by, further pages and pages of their own are found in the
site itself, so that new ones are opened too.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import URLPattern, reverse

from destinations.models import Account, Destination, Event
from posts.features.request_log.models import ApiRequest
from posts.models import Media, Workspace
from tests.bench.scale import crowded
from tests.bench.scale.crowded import Crowded

#: What logs out, asks another server, answers a program or has no page.
LEFT_OUT = (
    *("logout", "password_change", "flower", "sso", "second_factor", "jsi18n", "autocomplete"),
    "oauth",
)
#: Choices of one filter that are opened; the others read the same way.
CHOICES = 12


def every(browser: Client) -> Iterator[str]:
    found = crowded.find()
    yield from _own()
    for model, page in admin.site._registry.items():
        yield from _of(browser, model, page, found)
    yield from _fullest(found)
    yield from _failures()
    yield from _calendar(found)
    yield from _searches(found)
    yield from _autocompleted()


def few(browser: Client) -> Iterator[str]:
    """The pages of no model, the first and a far page of each list, and pages of rows."""
    found = crowded.find()
    yield from _own()
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        list_url = reverse(f"{name}_changelist")
        yield list_url
        yield from _further(browser, list_url, _changelist(browser, list_url))
        yield from _rows(model, name)
    yield from _fullest(found)


def _own() -> Iterator[str]:
    """Pages of no model, from the overview on."""
    yield reverse("admin:index")
    for pattern in admin.site.get_urls():
        if isinstance(pattern, URLPattern) and pattern.name and "<" not in str(pattern.pattern):
            is_left = any(word in pattern.name for word in LEFT_OUT)
            if not is_left and pattern.name not in ("index", "login", "overview_retry"):
                yield reverse(f"admin:{pattern.name}")


def _of(browser: Client, model: type[Model], page: Any, found: Crowded) -> Iterator[str]:
    """The list with each of its filters, searches and further pages; the pages of some rows."""
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    list_url = reverse(f"{name}_changelist")
    yield list_url
    changelist = _changelist(browser, list_url)
    for query in (*_filters(changelist, found), *_orders(changelist), *_terms(page, found)):
        yield f"{list_url}?{urlencode(query)}"
    yield from _further(browser, list_url, changelist)
    for pattern in page.get_urls():
        own = f"{model._meta.app_label}_{model._meta.model_name}_"
        if pattern.name and "<" not in str(pattern.pattern) and not pattern.name.startswith(own):
            yield reverse(f"admin:{pattern.name}")
    yield from _rows(model, name)


def _rows(model: type[Model], name: str) -> Iterator[str]:
    """The pages of the newest and of the oldest row, by their keys."""
    for order in ("-pk", "pk"):
        key = model._default_manager.order_by(order).values_list("pk", flat=True).first()
        if key is not None:
            yield reverse(f"{name}_change", args=[key])


def _changelist(browser: Client, url: str) -> Any:
    return browser.get(url).context_data["cl"]


def _filters(changelist: Any, found: Crowded) -> Iterator[dict[str, Any]]:
    chosen = {"workspace": found.workspace.pk, "account": found.account.pk}
    for spec in changelist.filter_specs:
        names = [name for name in spec.expected_parameters() if name]
        if "when" in names:
            yield from _dates()
        for related, key in chosen.items():
            yield from ({name: key} for name in names if name.endswith(f"{related}__id__exact"))
        values = list(getattr(spec, "lookup_choices", None) or _flat(spec))
        yield from ({names[0]: value} for value, *_ in values[:CHOICES] if value)
    by = {name for spec in changelist.filter_specs for name in spec.expected_parameters() if name}
    workspace = next((name for name in by if name.endswith("workspace__id__exact")), "")
    network = next((name for name in by if name.endswith("platform")), "")
    if workspace and network:
        yield {workspace: found.workspace.pk, network: "threads"}
        yield from (
            {workspace: found.workspace.pk, network: "x", "when": "30d"} for _ in by & {"when"}
        )


def _flat(spec: Any) -> list[tuple[Any, ...]]:
    field = getattr(spec, "field", None)
    return list(field.flatchoices) if field is not None and field.flatchoices else []


def _dates() -> Iterator[dict[str, Any]]:
    yield from ({"when": name} for name in ("today", "yesterday", "7d", "30d"))
    today = datetime.now(UTC).date()
    for age in (1, 40, 360):
        day = today - timedelta(days=age)
        yield {"since": day - timedelta(days=3), "until": day}
    yield {"until": today - timedelta(days=200)}


def _orders(changelist: Any) -> Iterator[dict[str, Any]]:
    """The columns that the list offers to sort by."""
    offered = changelist.sortable_by
    for place, column in enumerate(changelist.list_display):
        if column in offered and column != "action_checkbox":
            yield {"o": str(place)}


def _terms(page: Any, found: Crowded) -> Iterator[dict[str, Any]]:
    terms = ("handle7", "word77", "Our new range", found.destination.public_id, "picture-77")
    yield from ({"q": term} for term in terms if page.search_fields)


def _further(browser: Client, list_url: str, changelist: Any) -> Iterator[str]:
    """The second page, and one from far behind; neither of a table without rows."""
    if not changelist.result_list:
        return
    if getattr(changelist, "page", None) is not None:
        yield from (f"{list_url}{changelist.older}", f"{list_url}?after={_far(changelist)}")
    elif getattr(changelist, "older", None):
        middle = _far(changelist)
        yield from (f"{list_url}{changelist.older_url()}", f"{list_url}?before={middle}")
    elif changelist.multi_page:
        last = changelist.paginator.num_pages
        yield from (f"{list_url}?p=2", f"{list_url}?p={min(last, changelist.page_num + 1000)}")


def _far(changelist: Any) -> str:
    """The place of a row in the middle of the list."""
    model = changelist.model
    key = getattr(changelist.model_admin, "key", None)
    if key is None or key.column == "pk":
        ends = model.objects.order_by("pk").values_list("pk", flat=True)
        return str((ends.first() + ends.last()) // 2)
    at = datetime.now(UTC) - timedelta(days=180)
    row = model.objects.filter(**{f"{key.column}__lte": at}).order_by(*key.order).first()
    return str(key.place(row)) if row else ""


def _fullest(found: Crowded) -> Iterator[str]:
    """The pages of what has most, and their earlier pages."""
    destination = reverse("admin:destinations_destination_change", args=[found.destination.pk])
    post = reverse("admin:posts_post_change", args=[found.destination.post_id])
    middle = found.destination.events.order_by("pk").values_list("pk", flat=True)[100]
    yield from (destination, f"{destination}?before={middle}", post)
    yield reverse("admin:destinations_account_change", args=[found.account.pk])
    yield reverse("admin:posts_media_change", args=[found.file.pk])
    uses = found.file.attachments.order_by("pk").values_list("pk", flat=True)
    media = reverse("admin:posts_media_change", args=[found.file.pk])
    yield f"{media}?posts_before={uses[uses.count() // 2]}"
    yield reverse("admin:posts_workspace_change", args=[found.workspace.pk])
    for status in Destination.Status.values:
        row = Destination.objects.order_by("-updated_at").filter(status=status).first()
        if row:
            yield reverse("admin:destinations_destination_change", args=[row.pk])
            yield reverse("admin:posts_post_change", args=[row.post_id])


def _failures() -> Iterator[str]:
    failures, retry = reverse("admin:overview_failures"), reverse("admin:overview_retry")
    for hours in (1, 6, 24, 168):
        yield f"{failures}?hours={hours}"
        since = (datetime.now(UTC) - timedelta(hours=hours)).isoformat()
        for code in ("media_rejected", "outcome_unknown"):
            yield f"{retry}?{urlencode({'platform': 'x', 'code': code, 'since': since})}"
    yield f"{failures}?platform=threads"


def _calendar(found: Crowded) -> Iterator[str]:
    url = reverse("admin:posts_calendar")
    workspace, account = found.workspace.pk, found.account.pk
    quiet = Workspace.objects.exclude(pk=workspace).order_by("pk").values_list("pk", flat=True)[9]
    chosen: tuple[dict[str, Any], ...] = (
        {},
        {"workspace": workspace},
        {"workspace": quiet},
        {"network": "threads"},
        {"workspace": workspace, "network": "threads"},
        {"workspace": workspace, "account": account},
        {"zone": "Asia/Kathmandu"},
    )
    today = datetime.now(UTC)
    for view in ("month", "week", "day"):
        for filters in chosen:
            for day in (today, today - timedelta(days=200), found.day):
                yield f"{url}?{urlencode({'view': view, 'day': day.date(), **filters})}"


def _searches(found: Crowded) -> Iterator[str]:
    row = Destination.objects.filter(platform="instagram").exclude(platform_post_id="").first()
    event = Event.objects.exclude(request_id="").first()
    request = ApiRequest.objects.order_by("pk").first()
    assert row
    assert event
    terms = [
        row.public_id, row.post.public_id, row.post_id, row.platform_post_id,
        f"{row.platform_post_url}?igsh=MzRl", event.request_id, request and request.request_id,
        row.account_name, "handle", found.workspace.name, "picture", "pe_live_",
        row.post.content.rpartition(" ")[2], "word77", "Our new range", "zwiebelkuchen",
    ]  # fmt: skip
    yield from (f"{reverse('admin:search')}?{urlencode({'q': term})}" for term in terms)


def _autocompleted() -> Iterator[str]:
    """The choices that filters and forms look up while an operator types."""
    url = reverse("admin:autocomplete")
    fields = ((Destination, "account"), (Destination, "workspace"), (Media, "workspace"),
              (ApiRequest, "api_key"), (Account, "workspace"))  # fmt: skip
    for model, field in fields:
        of = {"app_label": model._meta.app_label, "model_name": model._meta.model_name}
        for term in ("", "handle7", "Customer 1"):
            yield f"{url}?{urlencode({**of, 'field_name': field, 'term': term})}"
