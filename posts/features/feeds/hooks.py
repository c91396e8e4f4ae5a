"""Connect feeds to the core."""

from django.db.models import QuerySet

from destinations.runtime import clock
from posts.composing.extensions.lifecycle import PostSource, RestoreListener
from posts.features.feeds.models import Feed, FeedItem
from posts.features.feeds.poll import FEED_DISABLED
from posts.outbox.names import EventNames

RESTORED = "The database was restored from an earlier state, and this may have been posted before."


class Feeds(RestoreListener, PostSource):
    """The hook of feeds. After a restore, what is new in a feed may have been posted already."""

    def rules_of_campaign(self, campaign_id: int) -> QuerySet[Feed]:
        return Feed.objects.filter(campaign_id=campaign_id)

    def after_restore(self) -> None:
        """Post nothing that feeds have now, only what comes later."""
        now = clock.now()
        Feed.objects.update(due_at=now, baseline_at=None, etag="", last_modified="")
        waiting = FeedItem.objects.filter(state=FeedItem.State.WAITING)
        waiting.update(state=FeedItem.State.FAILED, problem=RESTORED, values={})


HOOKS = (
    Feeds(),
    EventNames(70, (FEED_DISABLED,)),
)
