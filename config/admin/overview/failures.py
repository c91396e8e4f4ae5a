"""Failures by network and code: when, how many, who must act, and how to retry them."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse

from config.admin import links
from config.status import wording
from destinations.admin import rendering
from destinations.manual_retry import MAY_BE_PUBLIC
from destinations.statistics import failures
from destinations.statistics.failures import FailureGroup
from destinations.wording import quoted
from platforms.errors import CODES
from platforms.registry import ADAPTERS


@dataclass(frozen=True, slots=True)
class FailureLine:
    platform: str
    network: str
    code: str
    count: str
    first_seen: datetime
    last_seen: datetime
    last_age: str
    example: str
    #: Who must act, and how.
    advice: str
    #: Whether it is for the operator to act.
    is_operators: bool
    list_url: str
    #: Blank for what may be live: a person looks at each.
    retry_url: str


def lines(now: datetime, since: datetime, platform: str = "") -> list[FailureLine]:
    """List groups of failures of one network or of all, the largest first."""
    found = [each for each in failures.groups(since) if platform in ("", each.platform)]
    return [_group(each, now, since) for each in sorted(found, key=lambda each: -each.count)]


def _group(found: FailureGroup, now: datetime, since: datetime) -> FailureLine:
    is_doubtful = found.code == MAY_BE_PUBLIC
    kind = {"platform": found.platform, "code": found.code}
    return FailureLine(
        platform=found.platform,
        network=ADAPTERS[found.platform].name,
        code=found.code,
        count=wording.number(found.count, is_at_least=found.is_at_least),
        first_seen=found.first_seen,
        last_seen=found.last_seen,
        last_age=wording.age(max(0.0, (now - found.last_seen).total_seconds())),
        example=quoted(found.example) if found.example else "",
        advice=advice(found.code),
        is_operators=found.code in CODES and CODES[found.code].actor == "operator",
        list_url=_list(found, is_doubtful=is_doubtful),
        retry_url="" if is_doubtful else retry_url(since=since.isoformat(), **kind),
    )


def advice(code: str) -> str:
    """Return who must act, and how, now that the automatic retries have ended."""
    if code in CODES and CODES[code].actor == "nobody":
        return "Automatic retries have ended. Retry once the cause is over."
    return rendering.what_to_do(code)


def retry_url(**query: str) -> str:
    return f"{reverse('admin:overview_retry')}?{urlencode(query)}"


def _list(found: FailureGroup, *, is_doubtful: bool) -> str:
    kind = {"platform": found.platform, "error_code": found.code}
    attention = "may_be_public" if is_doubtful else "failed_24h"
    return links.changelist("destinations_destination", attention=attention, **kind)
