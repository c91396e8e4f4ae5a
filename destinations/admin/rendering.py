"""Links of pages: to other pages of the admin, and out to what the public sees."""

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString


def inside(page: str, key: object, text: str) -> SafeString:
    """To one row's page: `posts_post`, `destinations_account`."""
    url = reverse(f"admin:{page}_change", args=[key])
    return format_html('<a class="dovecote-link" href="{}">{}</a>', url, text)


def outside(url: str, text: str = "") -> SafeString | str:
    """Opens beside the admin. Whatever a browser would not fetch from the web stays text."""
    if not url.startswith(("https://", "http://")):
        return url
    return format_html(
        '<a class="dovecote-link" href="{}" target="_blank" rel="noopener noreferrer">{}</a>',
        url,
        text or url,
    )
