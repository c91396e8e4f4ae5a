"""Bounds on the size of refusals, so that bad requests cannot cause large answers."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from posts.errors import RequestRefused

#: The most problems that one refusal lists; the others are counted.
MOST_PROBLEMS = 20
#: The largest error as JSON. Every answer stays well under 64 KB, even to a bulk call.
MOST_BYTES = 16_000
#: One text within an error, such as a field's name or a message about it.
TEXT_BYTES = 600


def bounded(refused: RequestRefused, most_bytes: int = MOST_BYTES) -> RequestRefused:
    """The same refusal; items that do not fit are left out and counted.

    A list that was cut, such as `validation_errors`, has its missing items counted in
    `more_validation_errors`.
    """
    message = cut(refused.message, min(2_000, most_bytes // 2))
    room = most_bytes - size(message)
    details: dict[str, Any] = {}
    for name, value in refused.details.items():
        if isinstance(value, Sequence) and not isinstance(value, str):
            kept = _that_fit(value, room)
            details[name] = kept
            if len(kept) < len(value):
                details[f"more_{name}"] = len(value) - len(kept)
            room -= size(kept)
        else:
            details[name] = _small(value)
    if (more := details.get("more_validation_errors")) and len(refused.details) == 1:
        message = f"{message} {more} more problem{' is' if more == 1 else 's are'} not listed."
    made = RequestRefused(refused.code, message, **details)
    made.retry_after_seconds = refused.retry_after_seconds
    return made


def size(value: Any) -> int:
    """Bytes of a value as JSON in UTF-8."""
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


def cut(text: str, most_bytes: int) -> str:
    """The text, cut if needed so that it fits into `most_bytes` of JSON."""
    for chars in (most_bytes, most_bytes // 2, most_bytes // 6):
        shown = text if len(text) <= chars else text[: max(chars - 3, 0)] + "…"
        if size(shown) <= most_bytes:
            return shown
    return ""


def _that_fit(items: Sequence[Any], room: int) -> list[Any]:
    kept: list[Any] = []
    is_about_fields = bool(items) and isinstance(items[0], Mapping)
    for item in items[: MOST_PROBLEMS if is_about_fields else len(items)]:
        shown = _small(item)
        room -= size(shown) + 1
        if room < 0:
            break
        kept.append(shown)
    return kept


def _small(value: Any) -> Any:
    if isinstance(value, str):
        return cut(value, TEXT_BYTES)
    if isinstance(value, Mapping):
        return {name: _small(inner) for name, inner in value.items()}
    return value
