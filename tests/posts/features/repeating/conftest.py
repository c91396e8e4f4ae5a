"""Posts that recur, and what makes their occurrences."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from posts.features.repeating import materialise
from posts.features.repeating.models import Recurrence
from posts.models import Post

DAY = timedelta(days=1)


def soon(**later: Any) -> datetime:
    return datetime.now(UTC).replace(microsecond=0) + timedelta(**(later or {"hours": 1}))


def midday() -> str:
    """A zone in which it is noon, so that hours ago and hours later are the same day."""
    behind = datetime.now(UTC).hour - 12
    return f"Etc/GMT{behind:+d}" if behind else "Etc/UTC"


def body(account: Any, **fields: Any) -> dict[str, Any]:
    return {
        "content": "Again",
        "account_ids": [account.pk],
        "scheduled_at": soon().isoformat(),
        "recurrence": {"freq": "daily"},
        **fields,
    }


def begin(caller: Any, account: Any, *, make: bool = True, **fields: Any) -> Recurrence:
    """A new rule; its posts are made."""
    response = caller.post("/posts", body(account, **fields))
    assert response.status_code == 201, response.json()
    if make:
        materialise.run()
    return Recurrence.objects.get(pk=response.json()["data"]["recurrence_id"])


def posts(row: Recurrence) -> list[Post]:
    """The posts of a rule, in order."""
    ids = row.occurrences.order_by("at").values_list("post_id", flat=True)
    found = Post.objects.in_bulk([each for each in ids if each])
    return [found[each] for each in ids if each in found]


def shift(row: Recurrence, **by: Any) -> None:
    """Let time pass for a rule: all that it has lies so much earlier, made posts too."""
    ago = timedelta(**by)
    row.refresh_from_db()
    for claim in row.occurrences.order_by("at"):
        Post.objects.filter(pk=claim.post_id).update(
            scheduled_for=claim.at - ago, updated_at=claim.written_at
        )
        claim.at -= ago
        # Within a few hours of midnight it is another day.
        claim.date = claim.at.astimezone(ZoneInfo(row.timezone)).date()
        claim.save()
    row.first_at -= ago
    row.settled_until -= ago
    row.look_at = row.look_at and row.look_at - ago
    row.save()
