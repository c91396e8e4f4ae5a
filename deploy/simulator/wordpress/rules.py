"""Tables of the values that WordPress takes, and of its refusals.

Source: https://developer.wordpress.org/rest-api/reference/ and the controllers of WordPress 6.8
(read 2026-11-30), and answers of 6.8.12 (run 2026-11-30).
"""

import html
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from starlette.responses import JSONResponse, Response

from deploy.simulator.network import Refused
from deploy.simulator.strict import Fits, list_of, listed, matching, one_of, text

#: What each role may do of what our calls need.
ROLES = {
    "editor": {"edit_posts", "publish_posts", "upload_files", "manage_categories"},
    "author": {"edit_posts", "publish_posts", "upload_files"},
    "contributor": {"edit_posts"},
    "subscriber": set[str](),
}
FORMATS = "standard aside chat gallery link image quote status video audio".split()  # noqa: SIM905


def number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


_ID, _POST_FIELDS = matching("[0-9]{1,18}"), listed("id status slug link author")
#: Of a draft that is made, and of what makes it public.
POST: Mapping[str, Fits] = {
    "status": one_of("draft"),
    "slug": text,
    "title": text,
    "excerpt": text,
    "content": text,
    "categories": list_of(number),
    "tags": list_of(number),
    "featured_media": number,
    "format": one_of(*FORMATS),
}
CHANGE: Mapping[str, Fits] = {
    "status": one_of("publish", "draft", "pending", "private"),
    "slug": text,
}
TERM: Mapping[str, Fits] = {"name": lambda value: isinstance(value, str) and value.strip() != ""}
FILE: Mapping[str, Fits] = {"alt_text": text}
#: Parameters of each call's address.
QUERIES: Mapping[str, Mapping[str, Fits]] = {
    "index": {"_fields": listed("name home namespaces authentication")},
    "me": {
        "context": one_of("edit"),
        "_fields": listed("id username name capabilities avatar_urls"),
    },
    "post": {"_fields": _POST_FIELDS},
    "posts": {"slug": text, "status": one_of("any"), "_fields": _POST_FIELDS},
    "delete": {"force": one_of("true")},
    "upload": {"_fields": listed("id source_url")},
    "files": {"slug": text, "_fields": listed("id source_url")},
    "terms": {
        "search": text,
        "include": matching("[0-9]{1,16}(,[0-9]{1,16}){0,99}"),
        "per_page": one_of("100"),
        "_fields": listed("id name"),
    },
    "none": {},
    "comments": {"post": _ID, "per_page": one_of("1"), "_fields": listed("id")},
}
#: The beginnings of files, and where they are.
STARTS = {
    "jpeg": (0, b"\xff\xd8\xff"),
    "png": (0, b"\x89PNG"),
    "gif": (0, b"GIF8"),
    "webp": (8, b"WEBP"),
    "mp4": (4, b"ftyp"),
    "webm": (0, b"\x1aE\xdf\xa3"),
}
SLUG_CHARS = 200
FILENAME = re.compile(r"([\w-]{1,100})\.(\w{2,5})")
NOT_CREATE = "Sorry, you are not allowed to create posts as this user."
NOT_EDIT = "Sorry, you are not allowed to edit this post."
NOT_PUBLISH = "Sorry, you are not allowed to publish posts in this post type."
NOT_DELETE = "Sorry, you are not allowed to delete this post."
NOTHING_SENT = ("rest_upload_no_content_disposition", "No Content-Disposition supplied.")
NO_TERMS = "Sorry, you are not allowed to create terms in this taxonomy."


def refusal(status: int, code: str, said: str, **data: Any) -> Response:
    told = {"code": code, "message": said, "data": {"status": status, **data}}
    return JSONResponse(told, status)


def refused(status: int, code: str, said: str, **data: Any) -> Refused:
    return Refused(refusal(status, code, said, **data))


def invalid(name: str) -> Refused:
    said = f"Invalid parameter(s): {name}"
    return refused(400, "rest_invalid_param", said, params={name: f"{name} is not valid."})


def slug_of(title: str) -> str:
    """Return the name that a link gets of a title, as `sanitize_title` makes it."""
    words = re.sub("&[^;]{1,9};", "", title).lower().replace("/", "-")
    letters = (each if each.isascii() else quote(each).lower() for each in words)
    plain = re.sub(r"[^%a-z0-9 _-]", "", "".join(letters))
    return re.sub("[ -]+", "-", plain).strip("-")[:SLUG_CHARS]


def readable(content: str) -> str:
    """Return what a reader sees of the text: its blocks without comments and tags."""
    shown = re.sub("<!--.*?-->|<[^<>]*>", "", content, flags=re.DOTALL)
    return html.unescape(shown).strip()
