"""Whether workers go on with imports."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.template.defaultfilters import pluralize

from destinations.times import duration

#: An import that has waited for its turn for so long is stuck; one that is worked on is not due.
STUCK = timedelta(minutes=10)
COUNTED_ROWS = 1_000
OLDEST = """
    SELECT count(*), coalesce(extract(epoch FROM statement_timestamp() - min(due_at)), 0)::float
    FROM (
        SELECT due_at FROM posts_import
        WHERE due_at IS NOT NULL AND due_at < statement_timestamp() - %(stuck)s::interval
        ORDER BY due_at LIMIT %(rows)s
    ) stuck
"""


def measure(source: Any) -> tuple[int, float]:
    """Return how many imports are stuck, and for how many seconds the oldest has waited."""
    [(count, seconds)] = source.query(OLDEST, {"stuck": STUCK, "rows": COUNTED_ROWS})
    return count, seconds


def judge(found: tuple[int, float]) -> Iterator[tuple[Any, ...]]:
    """Yield what is wrong, as the fields of a `Finding` (config/status/fact.py)."""
    count, seconds = found
    if not count:
        yield "ok", "imports", "none is stuck"
        return
    waited = duration(timedelta(seconds=seconds))
    said = f"No worker has gone on with {count} import{pluralize(count)} for {waited}."
    remedy = "Look at the uploader's log, and at “Import posts” in the schedule."
    yield "warning", "imports", said, remedy, "", count


FACTS = (
    {
        "name": "imports",
        "measure": measure,
        "judge": judge,
        "explained_by": ("workers:uploader", "beat:", "redis:"),
        "drains": True,
        "models": ("posts.import",),
    },
)
