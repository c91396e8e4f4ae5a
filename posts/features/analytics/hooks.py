"""Count posts for the core from the tallies."""

from datetime import datetime

from destinations.access import Reach
from posts.features.analytics import tallies
from posts.features.analytics.tallies import NEVER, TallyWindow
from posts.read_models.queries import PostCounter


class TallyCounter(PostCounter):
    def counts(self, reach: Reach, since: datetime) -> tuple[int, int] | None:
        if reach.only is not None or tallies.is_behind(reach):
            return None
        every = tallies.in_window(reach, TallyWindow(None, NEVER))
        recent = tallies.in_window(reach, TallyWindow(since, NEVER))
        return _posts(every), _posts(recent)


def _posts(parts: dict[str, int]) -> int:
    return sum(count for part, count in parts.items() if part.startswith("/"))


HOOKS = (TallyCounter(),)
