"""A workspace with accounts and a queue whose slots are half-hours, far from now or near."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from posts.models import Post
from tests.posts.conftest import data_of

#: What is sooner is too soon for a slot.
NOTICE = timedelta(minutes=2)
EACH_HOUR = [
    {"day_of_week": day, "time": f"{hour:02}:00"} for day in range(7) for hour in range(24)
]


@pytest.fixture(autouse=True)
def _the_next_slot_stays_the_same():
    """The next hour's slot is given out until two minutes before; no test sees that moment pass."""
    passed = (datetime.now(UTC) + NOTICE).timestamp() % 3600
    if passed > 3590:
        time.sleep(3600 - passed)


@pytest.fixture
def hourly(ada) -> str:
    """The id of a queue with a slot each hour."""
    return make_queue(ada)["id"]


def make_queue(caller: Any, **fields: Any) -> dict[str, Any]:
    return data_of(caller.post("/queues", {"name": "Hourly", "slots": EACH_HOUR, **fields}), 201)


def put(caller: Any, account: Any, queue_id: str | None = None, **fields: Any) -> Post:
    """A new post in the queue."""
    body = {"content": "Hi", "account_ids": [account.pk], "use_queue": True, **fields}
    data_of(caller.post("/posts", {**body, "queue_id": queue_id}), 201)
    return Post.objects.latest("created_at")


def hours(after: int, *, start: datetime | None = None) -> datetime:
    """The full hour that is the slot so many hours after the next one that is given out."""
    now = start or datetime.now(UTC)
    first = (now + NOTICE).replace(minute=0, second=0, microsecond=0)
    return first + timedelta(hours=1 + after)
