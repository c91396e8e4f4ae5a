"""Converters for the ids in paths. A malformed id matches no endpoint: 404 for every method."""

from django.urls import register_converter
from django.urls.converters import StringConverter

_UUID = "[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}"
_PATTERNS = {
    "post": f"(?:post_[0-9a-zA-Z]+|{_UUID})",
    "destination": f"(?:dest_[0-9a-zA-Z]+|{_UUID})",
    "account": f"(?:[0-9]+|{_UUID})",
    "file": _UUID,
    "queue": _UUID,
    "recurrence": _UUID,
    "session": "[0-9]{1,19}",
    "campaign": "[0-9]{1,18}",
    "webhook": _UUID,
    "delivery": _UUID,
    "import": _UUID,
    "calendar_feed": _UUID,
    "feed": _UUID,
    "hashtag_set": _UUID,
    "link": _UUID,
}


def register() -> None:
    for name, pattern in _PATTERNS.items():
        register_converter(type(name, (StringConverter,), {"regex": pattern}), name)
