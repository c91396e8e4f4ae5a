"""Short links: codes, and where each leads."""

import secrets
import string
import uuid
from collections.abc import Iterable

from django.conf import settings

from posts.features.links import text_urls
from posts.features.links.models import ShortLink

_ALPHABET = string.ascii_letters + string.digits
#: 62^10 codes: no two of a billion links are likely to get the same one.
CODE_CHARS = 10


def new_code() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(CODE_CHARS))


def is_short(link: str) -> bool:
    """Return whether a link is short already: by us, or by a well-known service."""
    return (
        link.startswith(f"{settings.SHORT_LINK_URL}/l/")
        or text_urls.host(link) in text_urls.SHORT_HOSTS
    )


def of_post(post_id: uuid.UUID) -> dict[tuple[int, str], str]:
    """Return the codes that a post has, by account number and link."""
    rows = ShortLink.objects.filter(post_id=post_id).values_list("account_number", "url", "code")
    return {(number, url): code for number, url, code in rows}


def store(rows: Iterable[ShortLink]) -> None:
    ShortLink.objects.bulk_create(rows)


def target(code: str) -> str | None:
    """Return where a code leads; None if it is unknown."""
    if len(code) != CODE_CHARS or not code.isascii() or not code.isalnum():
        return None
    return ShortLink.objects.filter(pk=code).values_list("url", flat=True).first()
