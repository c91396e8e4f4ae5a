"""Links to stored files: how long they are good, and what a browser does with what they lead to.

A link is signed with the beginning of the day, so all links of one file that are given out on one
day are the same, and caches keep what they fetched.
"""

import mimetypes
import re
import time
from pathlib import PurePosixPath

from django.conf import settings

DAY_SECONDS = 24 * 3600
#: What browsers show and never run. Everything else is downloaded.
_SHOWN = re.compile(r"(image/(jpeg|png|gif|webp)|video/(mp4|quicktime))")


def signed_at() -> int:
    """Unix seconds at which a link that is given out now counts as signed."""
    now = int(time.time())
    return now - now % _period_seconds()


def good_seconds() -> int:
    """How long after `signed_at` a link is good: MEDIA_URL_SECONDS after it was given out, or
    longer."""
    return settings.MEDIA_URL_SECONDS + _period_seconds()


def headers(name: str) -> dict[str, str]:
    """How a file of this storage key is to be treated. Its bytes never change."""
    content_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    way = "inline" if _SHOWN.fullmatch(content_type) else "attachment"
    filename = re.sub(r"[^A-Za-z0-9._-]", "_", PurePosixPath(name).name)
    return {
        "Content-Type": content_type,
        "Content-Disposition": f'{way}; filename="{filename}"',
        "Cache-Control": f"private, max-age={settings.MEDIA_URL_SECONDS}, immutable",
    }


def _period_seconds() -> int:
    """A link that is good for less than a day changes more often."""
    return max(1, min(DAY_SECONDS, settings.MEDIA_URL_SECONDS))
