"""Whether workers go on with imports."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, NamedTuple

from django.template.defaultfilters import pluralize

from destinations.times import duration

#: An import that has waited for its turn for so long is stuck; one that is worked on is not due.
STUCK = timedelta(minutes=10)
COUNTED_ROWS = 1_000
OLDEST = """
    SELECT count(*), coalesce(extract(epoch FROM statement_timestamp() - min(due_at)), 0)::float,
        count(DISTINCT workspace_id)
    FROM (
        SELECT due_at, workspace_id FROM posts_import
        WHERE due_at IS NOT NULL AND due_at < statement_timestamp() - %(stuck)s::interval
        ORDER BY due_at LIMIT %(rows)s
    ) stuck
"""


class StuckImports(NamedTuple):
    imports: int
    #: For how long the oldest has waited.
    seconds: float
    workspaces: int


def measure(source: Any) -> StuckImports:
    [found] = source.query(OLDEST, {"stuck": STUCK, "rows": COUNTED_ROWS})
    return StuckImports(*found)


def judge(found: StuckImports) -> Iterator[tuple[Any, ...]]:
    """Yield what is wrong, as the fields of a `Finding` (config/status/fact.py)."""
    count = found.imports
    if not count:
        yield "ok", "imports", "none is stuck"
        return
    waited = duration(timedelta(seconds=found.seconds))
    of = f"{found.workspaces:,} workspace{pluralize(found.workspaces)}"
    said = f"No worker has gone on with {count} import{pluralize(count)} of {of} for {waited}."
    remedy = "Look at the uploader's log, and at “Import posts” in the schedule."
    yield "warning", "imports", said, remedy, "", count, found.workspaces


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
