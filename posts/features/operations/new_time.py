"""Choose the time to which an operator moves a post."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from posts.composing import times
from posts.errors import RequestRefused
from posts.models import Post

#: Why a post that is to be published at once cannot be shifted.
NO_TIME = "it has no time that could be shifted: give it one"


@dataclass(frozen=True, slots=True)
class Moment:
    """One time for every post: `at`, read in `zone` unless it has an offset."""

    at: datetime
    zone: str = "UTC"

    def of(self, post: Post) -> datetime:
        """In UTC. Raises RequestRefused for a time that the zone's clocks skip."""
        return times.resolve(self.at, self.zone)


@dataclass(frozen=True, slots=True)
class Shift:
    """Each post so much later, or earlier if negative.

    Whole days keep the time of day in the post's own zone, also when its clocks change between.
    """

    by: timedelta

    def of(self, post: Post) -> datetime:
        """In UTC. Raises RequestRefused for a time that the zone's clocks skip."""
        if post.scheduled_for is None:
            raise RequestRefused("validation_error", NO_TIME)
        try:
            if self.by % timedelta(days=1):
                return (post.scheduled_for + self.by).astimezone(UTC)
            shown = post.scheduled_for.astimezone(ZoneInfo(post.timezone)).replace(tzinfo=None)
            return times.resolve(shown + self.by, post.timezone)
        except OverflowError:
            raise RequestRefused("validation_error", "This time is out of range.") from None
