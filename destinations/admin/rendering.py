"""Links and coloured labels, the same on every page of the admin."""

from collections.abc import Callable, Mapping
from functools import cache

from django.contrib.admin import display
from django.db.models import Model
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from destinations import times
from destinations.manual_retry import MAY_BE_PUBLIC
from destinations.models import Deletion, Destination
from destinations.runtime import clock
from platforms.errors import CODES
from platforms.registry import ADAPTERS

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


def colour(value: str, text: str) -> SafeString:
    """The text behind a dot in this colour, `#rrggbb`."""
    return format_html(
        '<svg class="dovecote-dot" viewBox="0 0 8 8" aria-hidden="true">'
        '<circle cx="4" cy="4" r="4" fill="{}"/></svg> {}',
        value,
        text,
    )


@cache
def moment(column: str, name: str) -> Callable[[Model], SafeString | str]:
    """A field of a page, under this name: the time in a column, and its age."""

    @display(description=name)
    def shown(row: Model) -> SafeString | str:
        return times.html(getattr(row, column), clock.now())

    shown.__name__ = column
    return shown


def status(destination: Destination) -> SafeString | str:
    """The status, as a label; of a failed one, whether it is retried or may be public."""
    return label(status_words(destination), STATUSES)


def status_words(destination: Destination) -> str:
    """The status, a key of STATUSES."""
    if destination.next_retry_at:
        return "Retry waiting"
    if destination.status != Destination.Status.FAILED:
        return destination.get_status_display()
    return "Failed, may be public" if destination.error_code == MAY_BE_PUBLIC else "Failed"


def what_to_do(code: str) -> str:
    """Return who can fix the error, and how; "-" for what is not an error."""
    known = CODES.get(code)
    return f"{known.actor.capitalize()}: {known.to_do}" if known else "-"


#: What lists show of a text or an error; their pages show all of it.
SHOWN_CHARS = 140


def text(said: str, under: str) -> SafeString:
    """The beginning of a text, and its id under it."""
    return format_html(
        '<span class="dovecote-clamp" dir="auto">{}</span><span class="dovecote-under">{}</span>',
        Truncator(said).chars(SHOWN_CHARS) or "(no text)",
        under,
    )


def network(platform: str) -> str:
    """The network's name."""
    return ADAPTERS[platform].name if platform in ADAPTERS else platform


def account(destination: Destination) -> SafeString:
    """The account's name, and its network under it."""
    return format_html(
        '{}<span class="dovecote-under">{}</span>',
        destination.account_name,
        ADAPTERS[destination.platform].name,
    )


def destination(row: Destination | Deletion, public_id: str) -> SafeString:
    """The network and the account, and the id under them."""
    return format_html(
        '{}: {}<span class="dovecote-under">{}</span>',
        ADAPTERS[row.platform].name,
        row.account_name,
        public_id,
    )


def error(said: str, code: str) -> SafeString | str:
    """The beginning of an error, and its code under it; "-" for none."""
    if not said and not code:
        return "-"
    return format_html(
        '<span class="dovecote-clamp" dir="auto" title="{}">{}</span>'
        '<code class="dovecote-under" title="{}">{}</code>',
        said,
        Truncator(said).chars(SHOWN_CHARS),
        code,
        code,
    )
