"""The sidebar and the menu of the admin."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse

#: Each group's (label, icon, app_label, model), in the order operators need them.
GROUPS: dict[str, tuple[tuple[str, str, str, str], ...]] = {
    "Publishing": (
        ("Posts", "article", "posts", "post"),
        ("Destinations", "send", "destinations", "destination"),
        ("Accounts", "account_circle", "destinations", "account"),
        ("Media", "perm_media", "posts", "media"),
    ),
    "History": (
        ("Attempts", "history", "destinations", "attempt"),
        ("Events", "timeline", "destinations", "event"),
    ),
    "Customers": (
        ("Workspaces", "workspaces", "posts", "workspace"),
        ("API keys", "key", "posts", "apikey"),
    ),
    "Schedule": (
        ("Periodic tasks", "schedule", "django_celery_beat", "periodictask"),
        ("Intervals", "timer", "django_celery_beat", "intervalschedule"),
        ("Crontabs", "calendar_month", "django_celery_beat", "crontabschedule"),
    ),
    "Operators": (
        ("Users", "person", "auth", "user"),
        ("Groups", "group", "auth", "group"),
        ("Wrong passwords", "lock_clock", "axes", "accessattempt"),
    ),
}


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The links that this operator may open, without empty groups."""
    home = {"title": "Overview", "icon": "monitoring", "link": reverse("admin:index")}
    groups: list[dict[str, Any]] = [{"items": [home]}]
    for title, entries in GROUPS.items():
        items = [
            {"title": label, "icon": icon, "link": reverse(f"admin:{app}_{model}_changelist")}
            for label, icon, app, model in entries
            if may_view(request, app, model)
        ]
        if items:
            groups.append({"title": title, "separator": True, "items": items})
    return groups


def may_view(request: HttpRequest, app: str, model: str) -> bool:
    """Whether this operator may view, or change, which includes viewing."""
    user = request.user
    return user.has_perm(f"{app}.view_{model}") or user.has_perm(f"{app}.change_{model}")


def account_links(request: HttpRequest) -> list[dict[str, str]]:
    """The links in the menu under the operator's own name."""
    return [
        {"title": "Change password", "link": reverse("admin:password_change")},
        {"title": "Second factor", "link": reverse("admin:second_factor_set_up")},
    ]


def stylesheet(request: HttpRequest) -> str:
    return static("dovecote/admin.css")


def icon(request: HttpRequest) -> str:
    return static("dovecote/icon.svg")
