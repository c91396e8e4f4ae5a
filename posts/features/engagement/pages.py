"""Add the networks' numbers of each destination to pages of posts."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest

from destinations.models import Destination
from platforms.metrics import NAMES
from posts.admin.parts import PostPart, Section
from posts.features.engagement.models import EngagementReading
from posts.models import Post

#: How many readings a page shows at most; each destination has a few.
MOST = 500


@dataclass(frozen=True, slots=True)
class ReadingLine:
    """One reading. A number that the network does not give is None."""

    destination: Destination
    at: datetime
    numbers: list[int | None]


def _numbers(destinations: Iterable[Destination]) -> dict[str, Any]:
    """Return the table's columns and lines, the newest reading first. One query."""
    by_id: dict[uuid.UUID, Destination] = {row.pk: row for row in destinations}
    found = EngagementReading.objects.filter(destination_id__in=by_id).order_by("-at", "-pk")[:MOST]
    lines = [
        ReadingLine(by_id[each.destination_id], each.at, [getattr(each, name) for name in NAMES])
        for each in found
    ]
    places = {pk: place for place, pk in enumerate(by_id)}
    lines.sort(key=lambda line: places[line.destination.pk])
    return {"names": [name.capitalize() for name in NAMES], "lines": lines}


class NumbersPart(PostPart):
    sections = (Section(20, "posts/admin/post/numbers.html"),)

    def context(
        self, request: HttpRequest, post: Post, shown: Sequence[Destination]
    ) -> dict[str, Any]:
        return {"numbers": _numbers(shown)}


HOOKS = (NumbersPart(),)
