"""Posts as a file: CSV or JSON that can be imported again.

The posts are read by pages and written as they are read. An export of posts that are still here is
not imported a second time: it names them in `post_id`. A post that was published at once gets the
time at which it was, which an import refuses because it is past.
"""

import csv
import io
import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from destinations.models import Account
from posts.composing.extensions.text_steps import explicit_options
from posts.content import names
from posts.errors import RequestRefused
from posts.features.importing.formats.rows import guarded
from posts.features.links.models import PostShortening
from posts.models import Post, PostMedia
from posts.read_models import WholePostRow
from posts.read_models.pages import Listing

#: The most posts of one export; more are refused, because a part would look like the whole.
MOST_POSTS = 50_000
PAGE = 500
COLUMNS = ("post_id", *names("export"), "account_names", "status", "created_at")


def chosen(found: Listing) -> list[uuid.UUID]:
    """Return the posts that match now, in their order: what changes meanwhile shifts no page.

    Raises RequestRefused if they are too many.
    """
    ids = found.ids(MOST_POSTS + 1)
    if len(ids) > MOST_POSTS:
        raise RequestRefused(
            "bulk_limit_exceeded",
            f"An export has at most {MOST_POSTS} posts, and more match. Export them in parts, for "
            "instance by created_after and created_before.",
            limit=MOST_POSTS,
        )
    return ids


def rows(found: Listing, ids: Sequence[uuid.UUID]) -> Iterator[dict[str, Any]]:
    """Yield each post with the values of COLUMNS, as POST /posts takes them."""
    for start in range(0, len(ids), PAGE):
        page: list[WholePostRow] = found.among(ids[start : start + PAGE]).page(PAGE, 0)
        alt_texts, hashtags, shortened = _alt_texts(page), _hashtags(page), _shortened(page)
        called = _account_names(page)
        for each in page:
            row = _row(each, alt_texts.get(str(each.id), {})) | explicit_options(
                hashtags.get(each.id)
            )
            row["shorten_links"] = shortened.get(each.id)
            row["account_names"] = [
                f"{to.platform}:{called.get(to.account_number, to.account_name)}"
                for to in each.destinations
            ]
            yield {name: row[name] for name in COLUMNS}


def as_csv(found: Listing, ids: Sequence[uuid.UUID]) -> Iterator[bytes]:
    """Yield the lines of a table. A mark begins it by which spreadsheets know UTF-8."""
    yield "\ufeff".encode() + _line(COLUMNS)
    for row in rows(found, ids):
        names_cell = " | ".join(name.replace("|", " ") for name in row["account_names"])
        cells = row | {"account_names": names_cell}
        yield _line([guarded(_cell(value)) for value in cells.values()])


def as_json(found: Listing, ids: Sequence[uuid.UUID]) -> Iterator[bytes]:
    """Yield one object with the list `posts`."""
    yield b'{"posts": ['
    between = b"\n"
    for row in rows(found, ids):
        filled = {name: value for name, value in row.items() if value not in (None, {}, [])}
        yield between + json.dumps(filled, ensure_ascii=False).encode()
        between = b",\n"
    yield b"\n]}\n"


def _row(each: WholePostRow, alt_texts: Mapping[str, str]) -> dict[str, Any]:
    post = each.post
    is_draft = post.status == "draft"
    published = [row.published_at for row in each.destinations if row.published_at]
    when = post.scheduled_for or (None if is_draft else min(published, default=post.created_at))
    return {
        "post_id": post.public_id,
        "content": post.content,
        "account_ids": [row.account_number for row in each.destinations],
        "scheduled_at": _time(when),
        "timezone": post.timezone,
        "media_ids": [str(file.id) for file in post.files],
        "alt_texts": dict(alt_texts),
        "platform_content": each.platform_content,
        **vars(post.plain),
        "campaign_id": post.campaign_id,
        "draft": is_draft,
        "status": post.status,
        "created_at": _time(post.created_at),
    }


def _time(moment: datetime | None) -> str | None:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def _alt_texts(page: list[WholePostRow]) -> dict[str, dict[str, str]]:
    """Return what files show, by post and file."""
    described = PostMedia.objects.filter(post__in=[each.id for each in page]).exclude(alt_text="")
    found: dict[str, dict[str, str]] = {}
    for post, media, text in described.values_list("post_id", "media_id", "alt_text"):
        found.setdefault(str(post), {})[str(media)] = text
    return found


def _account_names(page: list[WholePostRow]) -> dict[int, str]:
    """Return what accounts that are still here are called, by number."""
    numbers = {to.account_number for each in page for to in each.destinations}
    return dict(Account.objects.filter(pk__in=numbers).values_list("pk", "name"))


def _hashtags(page: list[WholePostRow]) -> dict[uuid.UUID, dict[str, Any] | None]:
    """Post.hashtags, by post."""
    found = Post.objects.filter(pk__in=[each.id for each in page], hashtags__isnull=False)
    return dict(found.values_list("pk", "hashtags"))


def _shortened(page: list[WholePostRow]) -> dict[uuid.UUID, bool]:
    """Return what posts say of their links, by post."""
    found = PostShortening.objects.filter(pk__in=[each.id for each in page])
    return dict(found.values_list("pk", "shorten"))


def _cell(value: Any) -> str:
    if value is None or value in ({}, []):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return " ".join(map(str, value))
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)


def _line(values: Any) -> bytes:
    written = io.StringIO(newline="")
    csv.writer(written).writerow(values)
    return written.getvalue().encode()
