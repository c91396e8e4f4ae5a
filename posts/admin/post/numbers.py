"""What the networks said of each destination of a post, reading by reading."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from destinations.models import Destination
from platforms.metrics import NAMES
from posts.features.engagement.models import EngagementReading

#: How many readings a page shows at most; each destination has a few.
MOST = 500


@dataclass(frozen=True, slots=True)
class ReadingLine:
    """One reading. A number that the network does not give is None."""

    destination: Destination
    at: datetime
    numbers: list[int | None]


def read(destinations: Iterable[Destination]) -> dict[str, Any]:
    """The table's columns and lines, the newest reading of a destination first. One query."""
    by_id: dict[uuid.UUID, Destination] = {row.pk: row for row in destinations}
    found = EngagementReading.objects.filter(destination_id__in=by_id).order_by("-at", "-pk")[:MOST]
    lines = [
        ReadingLine(by_id[each.destination_id], each.at, [getattr(each, name) for name in NAMES])
        for each in found
    ]
    places = {pk: place for place, pk in enumerate(by_id)}
    lines.sort(key=lambda line: places[line.destination.pk])
    return {"names": [name.capitalize() for name in NAMES], "lines": lines}
