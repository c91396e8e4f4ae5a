"""What networks said and no table of ours knows, counted: the list of what is to be learned."""

from typing import Any

from django.db.models import Count, Max

from destinations.models import Attempt

#: More kinds than anybody would work off in one go.
KINDS = 200


def answers() -> list[dict[str, Any]]:
    """Kinds of answers: platform, http_status, platform_code, count, last_seen, the newest attempt.

    The most frequent first.
    """
    kinds = (
        Attempt.objects.filter(unmapped=True)
        .order_by()
        .values("destination__platform", "http_status", "platform_code")
        .annotate(count=Count("pk"), last_seen=Max("started_at"), newest=Max("pk"))
        .order_by("-count", "-last_seen")[:KINDS]
    )
    found = [{"platform": kind.pop("destination__platform"), **kind} for kind in kinds]
    newest = Attempt.objects.defer("destination").in_bulk([kind["newest"] for kind in found])
    return [{**kind, "attempt": newest[kind["newest"]]} for kind in found]
