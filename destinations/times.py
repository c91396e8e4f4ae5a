"""Times and durations as the admin's pages say them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.html import format_html
from django.utils.safestring import SafeString

#: The largest unit that fits twice is used: `90 s`, `5 min`, `30 h`, `4 d`.
UNITS = (("d", 86400), ("h", 3600), ("min", 60))


def duration(span: timedelta) -> str:
    """Return a positive duration: `350 ms`, `1.25 s`, `42 s`, `5 min`, `3 h`, `2 d`."""
    seconds = max(span.total_seconds(), 0)
    for unit, size in UNITS:
        if seconds >= 2 * size:
            return f"{int(seconds // size)} {unit}"
    if seconds >= 10:
        return f"{int(seconds)} s"
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"


def age(at: datetime, now: datetime) -> str:
    """`4 min ago`, `in 40 s`, `now`."""
    span = now - at
    if abs(span) < timedelta(seconds=1):
        return "now"
    whole = timedelta(seconds=int(abs(span).total_seconds()))
    said = duration(whole).replace(".00", "")
    return f"{said} ago" if span > timedelta(0) else f"in {said}"


def clock_time(at: datetime, now: datetime) -> str:
    """`09:04:10 UTC (in 40 s)`; with the date unless it is today."""
    at = at.astimezone(UTC)
    date = "" if at.date() == now.astimezone(UTC).date() else f"{at:%Y-%m-%d} "
    return f"{date}{at:%H:%M:%S} UTC ({age(at, now)})"


def in_zone(at: datetime, zone: str) -> str:
    """Return a moment in a zone, `10:04:10 Europe/Berlin`; with the date if that is another one.

    "" for UTC, and for a zone that this machine does not know.
    """
    if zone in ("", "UTC"):
        return ""
    try:
        there = at.astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError):
        return ""
    date = "" if there.date() == at.astimezone(UTC).date() else f"{there:%Y-%m-%d} "
    return f"{date}{there:%H:%M:%S} {zone}"


def html(at: datetime | None, now: datetime, zone: str = "UTC") -> SafeString | str:
    """Return the time in UTC, in the zone, and its age; "-" for no time."""
    if at is None:
        return "-"
    at = at.astimezone(UTC)
    there = in_zone(at, zone)
    return format_html(
        '<span class="dovecote-moment"><time datetime="{}">{} UTC</time> '
        '<span class="dovecote-age">{}</span>{}</span>',
        f"{at:%Y-%m-%dT%H:%M:%SZ}",
        f"{at:%Y-%m-%d %H:%M:%S}",
        age(at, now),
        format_html(' <span class="dovecote-zone">{}</span>', there) if there else "",
    )


def short(at: datetime | None, now: datetime) -> SafeString | str:
    """Return the age, with the full time in its tooltip and for machines; "-" for no time."""
    if at is None:
        return "-"
    at = at.astimezone(UTC)
    return format_html(
        '<time class="dovecote-short" datetime="{}" title="{} UTC">{}<span>{}</span></time>',
        f"{at:%Y-%m-%dT%H:%M:%SZ}",
        f"{at:%Y-%m-%d %H:%M:%S}",
        age(at, now),
        f"{at:%m-%d %H:%M} UTC",
    )
