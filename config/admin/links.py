"""Addresses of the admin's pages, and of the files that each of them loads."""

from collections.abc import Callable
from urllib.parse import urlencode

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse


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
