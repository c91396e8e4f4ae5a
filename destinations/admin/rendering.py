"""Links and coloured labels, the same on every page of the admin."""

from collections.abc import Mapping

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from destinations.models import Destination
from destinations.retry import MAY_BE_PUBLIC
from platforms.errors import CODES

#: The labels of `status`, and their colours in the admin's theme.
STATUSES = {
    "Queued": "info",
    "Publishing": "primary",
    "Unconfirmed": "warning",
    "Published": "success",
    "Retry waiting": "warning",
    "Failed": "danger",
    "Failed, may be public": "danger",
}


def inside(page: str, key: object, text: str) -> SafeString:
    """A link to a row's page in the admin, such as `posts_post`, `destinations_account`."""
    url = reverse(f"admin:{page}_change", args=[key])
    return format_html('<a class="dovecote-link" href="{}">{}</a>', url, text)


def outside(url: str, text: str = "") -> SafeString | str:
    """A link that opens in a new tab. Anything but http(s) stays plain text."""
    if not url.startswith(("https://", "http://")):
        return url
    return format_html(
        '<a class="dovecote-link" href="{}" target="_blank" rel="noopener noreferrer">{}</a>',
        url,
        text or url,
    )


def label(text: str, colours: Mapping[str, str]) -> SafeString | str:
    """The text in its colour, grey by default; blank for blank text."""
    if not text:
        return ""
    return render_to_string(
        "unfold/helpers/label.html", {"text": text, "type": colours.get(text, "")}
    )


def status(destination: Destination) -> SafeString | str:
    """The status, as a label; of a failed one, whether it is retried or may be public."""
    return label(_status(destination), STATUSES)


def _status(destination: Destination) -> str:
    if destination.next_retry_at:
        return "Retry waiting"
    if destination.status != Destination.Status.FAILED:
        return destination.get_status_display()
    return "Failed, may be public" if destination.error_code == MAY_BE_PUBLIC else "Failed"


def what_to_do(code: str) -> str:
    """Who can fix the error, and how; "-" for what is not an error."""
    known = CODES.get(code)
    return f"{known.actor.capitalize()}: {known.to_do}" if known else "-"
