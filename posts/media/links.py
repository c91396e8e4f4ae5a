"""Signed links to stored files: how long they are valid, and how browsers treat the files.

The signature's time is the start of the day, so every link to a file is the same all day and caches
can reuse what they fetched.
"""

import mimetypes
import re
import time
from pathlib import PurePosixPath

from django.conf import settings

DAY_SECONDS = 24 * 3600
#: Types that browsers display and never execute. Files of other types are downloaded.
_SHOWN = re.compile(r"(image/(jpeg|png|gif|webp)|video/(mp4|quicktime))")


def signed_at() -> int:
    """Return the signing time, in Unix seconds, of a link that is made now."""
    now = int(time.time())
    return now - now % _period_seconds()


def good_seconds() -> int:
    """Seconds after `signed_at` for which a link is valid; at least MEDIA_URL_SECONDS after it was
    made."""
    return settings.MEDIA_URL_SECONDS + _period_seconds()


def headers(name: str) -> dict[str, str]:
    """Response headers for the file of this storage key. Its bytes never change."""
    content_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    way = "inline" if _SHOWN.fullmatch(content_type) else "attachment"
    filename = re.sub(r"[^A-Za-z0-9._-]", "_", PurePosixPath(name).name)
    return {
        "Content-Type": content_type,
        "Content-Disposition": f'{way}; filename="{filename}"',
        "Cache-Control": f"private, max-age={settings.MEDIA_URL_SECONDS}, immutable",
    }


def _period_seconds() -> int:
    """Return the seconds for which a file's link stays the same: a day, or less."""
    return max(1, min(DAY_SECONDS, settings.MEDIA_URL_SECONDS))
