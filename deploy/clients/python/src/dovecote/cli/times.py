"""Times as people type them."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

FORMS = "Write 2026-12-01 9:00, tomorrow 9:00, today 18:30, or 2026-12-01T09:00:00+01:00."
DAYS = {"today": 0, "tomorrow": 1}
_TYPED = re.compile(
    r"(?P<day>today|tomorrow|\d{4}-\d{1,2}-\d{1,2})[ T]+(?P<hour>\d{1,2})[:.](?P<minute>\d{2})",
    re.IGNORECASE,
)


def read(text: str, zone: str, now: datetime | None = None) -> str:
    """The time in ISO 8601, a wall time of that zone unless it has an offset. Raises ValueError."""
    typed = _TYPED.fullmatch(text.strip())
    try:
        if typed is None:
            return datetime.fromisoformat(text.strip()).isoformat()
        day = _day(typed["day"].lower(), zone, now or datetime.now(UTC))
        moment = time(int(typed["hour"]), int(typed["minute"]))
        return datetime.combine(day, moment).isoformat()
    except ZoneInfoNotFoundError:
        said = f"There is no time zone {zone!r}; write one such as Europe/Berlin."
        raise ValueError(said) from None
    except ValueError:
        raise ValueError(f"{text!r} is no time. {FORMS}") from None


def _day(word: str, zone: str, now: datetime) -> date:
    if word not in DAYS:
        return date(*map(int, word.split("-")))
    return now.astimezone(ZoneInfo(zone)).date() + timedelta(days=DAYS[word])
