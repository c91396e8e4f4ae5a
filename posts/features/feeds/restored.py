"""After a restore: what is new in a feed may have been posted in the time that was lost."""

from typing import Any

from destinations.runtime import clock
from posts.features.feeds.models import Feed, FeedItem

RESTORED = "The database was restored from an earlier state, and this may have been posted before."


def forget_what_is_new(**_: Any) -> None:
    """Post nothing that feeds have now, only what comes later."""
    now = clock.now()
    Feed.objects.update(due_at=now, baseline_at=None, etag="", last_modified="")
    waiting = FeedItem.objects.filter(state=FeedItem.State.WAITING)
    waiting.update(state=FeedItem.State.FAILED, problem=RESTORED, values={})
