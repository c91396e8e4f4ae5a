"""Feeds as blogs write them."""

from html import escape
from typing import Any


def rss(*items: dict[str, Any], title: str = "The loft") -> bytes:
    """Newest first, as given. An item has a title, and a guid, link, summary or image."""
    body = "".join(_item(**item) for item in items)
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" '
        'xmlns:media="http://search.yahoo.com/mrss/"><channel>'
        f"<title>{escape(title)}</title>{body}</channel></rss>"
    ).encode()


def _item(title: str, guid: str = "", link: str = "", summary: str = "", image: str = "") -> str:
    parts = [f"<title>{escape(title)}</title>"]
    parts += [f'<guid isPermaLink="false">{escape(guid)}</guid>'] if guid else []
    parts += [f"<link>{escape(link)}</link>"] if link else []
    parts += [f"<description>{escape(summary)}</description>"] if summary else []
    parts += [f'<media:content url="{escape(image)}" medium="image"/>'] if image else []
    return f"<item>{''.join(parts)}</item>"


def numbered(*numbers: int, base: str = "https://blog.example.com") -> bytes:
    """Items with these numbers, each with a guid and a link."""
    return rss(*({"title": f"Item {n}", "guid": f"g{n}", "link": f"{base}/{n}"} for n in numbers))
