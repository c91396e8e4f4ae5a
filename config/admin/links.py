"""Links of the admin: its sidebar and menu, pages of rows, and the files that each page loads."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse

from config.operators import sso
from destinations.admin import flower

#: Each group's (label, icon, app_label, model), in the order operators need them.
GROUPS: dict[str, tuple[tuple[str, str, str, str], ...]] = {
    "Publishing": (
        ("Posts", "article", "posts", "post"),
        ("Destinations", "send", "destinations", "destination"),
        ("Accounts", "account_circle", "destinations", "account"),
        ("Media", "perm_media", "posts", "media"),
        ("Pauses", "pause_circle", "destinations", "pause"),
        ("Incidents", "emergency", "config", "incident"),
    ),
    "Customers": (
        ("Workspaces", "workspaces", "posts", "workspace"),
        ("API keys", "key", "posts", "apikey"),
        ("API requests", "receipt_long", "posts", "apirequest"),
        ("Webhooks", "webhook", "posts", "webhook"),
        ("Webhook deliveries", "outbox", "posts", "webhookdelivery"),
    ),
    "Planning": (
        ("Campaigns", "campaign", "posts", "campaign"),
        ("Posting queues", "view_week", "posts", "postingqueue"),
        ("Feeds", "rss_feed", "posts", "feed"),
        ("Recurrences", "event_repeat", "posts", "recurrence"),
        ("Recycled posts", "recycling", "posts", "recycling"),
        ("Hashtag sets", "tag", "posts", "hashtagset"),
        ("Link settings", "link", "posts", "linksettings"),
        ("Imports", "upload_file", "posts", "import"),
        ("Calendar feeds", "calendar_add_on", "posts", "calendarfeed"),
    ),
    "Programs and AI": (
        ("Device logins", "devices", "posts", "devicelogin"),
        ("Connected agents", "smart_toy", "posts", "oauthgrant"),
        ("OAuth clients", "extension", "posts", "oauthclient"),
        ("AI calls", "auto_awesome", "posts", "aiuse"),
    ),
    "History": (
        ("Attempts", "history", "destinations", "attempt"),
        ("Events", "timeline", "destinations", "event"),
        ("Deletions", "delete_sweep", "destinations", "deletion"),
        ("Erasures", "delete_forever", "posts", "erasure"),
    ),
    "Schedule": (
        ("Periodic tasks", "schedule", "django_celery_beat", "periodictask"),
        ("Intervals", "timer", "django_celery_beat", "intervalschedule"),
        ("Crontabs", "event_repeat", "django_celery_beat", "crontabschedule"),
    ),
    "Operators": (
        ("Users", "person", "auth", "user"),
        ("Groups", "group", "auth", "group"),
        ("Wrong passwords", "lock_clock", "axes", "accessattempt"),
    ),
}
#: Always unfolded; the others until one of their pages is open.
UNFOLDED = ("Publishing", "Customers")


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The links that this operator may open, without empty groups."""
    first = [{"title": "Overview", "icon": "monitoring", "link": reverse("admin:index")}]
    if may_view(request, "destinations", "destination"):
        link = reverse("admin:overview_failures")
        first.append({"title": "Failures", "icon": "error", "link": link})
    groups: list[dict[str, Any]] = [{"items": first}]
    for title, entries in GROUPS.items():
        items: list[dict[str, Any]] = [
            {"title": label, "icon": icon, "link": reverse(f"admin:{app}_{model}_changelist")}
            for label, icon, app, model in entries
            if may_view(request, app, model)
        ]
        if title == "Publishing" and may_view(request, "posts", "post"):
            _insert_calendar(request, items)
        if title == "Schedule" and flower.may_open(request.user):
            link = f"{settings.FLOWER_URL}/"
            # The theme compares paths, and this one may be that of another server.
            items.append(
                {"title": "Flower", "icon": "local_florist", "link": link, "active": False}
            )
        if items:
            is_folded = title not in UNFOLDED
            groups.append({"title": title, "collapsible": is_folded, "items": items})
    return groups


def place(navigation: list[dict[str, Any]]) -> dict[str, Any]:
    """The group and the entry of the sidebar that the open page belongs to, for its breadcrumbs."""
    for group in navigation:
        for item in group["items"]:
            if item.get("active"):
                return {"group": group.get("title"), **item}
    return {}


def _insert_calendar(request: HttpRequest, items: list[dict[str, Any]]) -> None:
    """Put the calendar behind the posts, of which the theme would take it for a page."""
    link = reverse("admin:posts_calendar")
    posts = items[0]
    posts["active"] = request.path.startswith(posts["link"]) and request.path != link
    items.insert(1, {"title": "Calendar", "icon": "calendar_month", "link": link})


def may_view(request: HttpRequest, app: str, model: str) -> bool:
    """Return whether the model has a page that this operator may view; changing includes it."""
    found = apps.all_models[app].get(model)
    if found is None or not admin.site.is_registered(found):
        return False
    user = request.user
    return user.has_perm(f"{app}.view_{model}") or user.has_perm(f"{app}.change_{model}")


def account_links(request: HttpRequest) -> list[dict[str, str]]:
    """The links in the menu under the operator's own name."""
    password = {"title": "Change password", "link": reverse("admin:password_change")}
    factor = {"title": "Second factor", "link": reverse("admin:second_factor_set_up")}
    # Who came by single sign-on has no password here.
    return [factor] if sso.is_by_sso(request) else [password, factor]


def changelist(model: str, **query: str) -> str:
    """The list of a model such as `destinations_account`, filtered."""
    found = reverse(f"admin:{model}_changelist")
    return f"{found}?{urlencode(query)}" if query else found


def page(model: str, key: object) -> str:
    """The page of one row."""
    return reverse(f"admin:{model}_change", args=[key])


def _asset(name: str) -> Callable[[HttpRequest], str]:
    """Return the address of a file in the form that the theme's settings take."""
    return lambda request: static(f"dovecote/{name}")


icon = _asset("icon.svg")
admin_stylesheet = _asset("admin.css")
frame_stylesheet = _asset("frame.css")
frame_script = _asset("frame.js")
search_stylesheet = _asset("search.css")
search_script = _asset("search.js")
pauses_stylesheet = _asset("pauses.css")
