"""Read the recurrence and recycling of posts; see posts/features/repeating."""

import uuid
from typing import Any, NamedTuple

from destinations import public_ids

#: By unique indexes; most posts have no such row.
REPEATS = """coalesce((
    SELECT json_build_array(o.recurrence_id, o.date)::text
    FROM posts_occurrence o WHERE o.post_id = p.id
), (
    SELECT json_build_array(null, null, r.recycling_id)::text
    FROM posts_recycledpost r WHERE r.post_id = p.id
), (
    SELECT json_build_array(null, null, null, json_build_object(
        'enabled', g.enabled, 'gap', g.gap, 'gap_unit', g.gap_unit, 'start_date', g.start_date,
        'expire_count', g.expire_count, 'expire_date', g.expire_date,
        'content_variations', g.content_variations))::text
    FROM posts_recycling g WHERE g.post_id = p.id
))"""


class Repeats(NamedTuple):
    """A post's recurrence and recycling."""

    recurrence_id: str | None = None
    occurrence_date: str | None = None
    recycled_from: str | None = None
    recycling: dict[str, Any] | None = None

    @property
    def public_recycled_from(self) -> str | None:
        """Return the public id of the post that this one repeats."""
        found = self.recycled_from
        return public_ids.encode(public_ids.POST, uuid.UUID(found)) if found else None


def of_repeats(name: str) -> Any:
    """Return a property of a row with `repeats`: their value of this name; None without any."""

    def value(row: Any) -> Any:
        return row.repeats and getattr(row.repeats, name)

    return property(value)
