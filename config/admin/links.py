"""Addresses of the admin's pages."""

from urllib.parse import urlencode

from django.urls import reverse


def changelist(model: str, **query: str) -> str:
    """The list of a model such as `destinations_account`, filtered."""
    found = reverse(f"admin:{model}_changelist")
    return f"{found}?{urlencode(query)}" if query else found


def page(model: str, key: object) -> str:
    """The page of one row."""
    return reverse(f"admin:{model}_change", args=[key])
