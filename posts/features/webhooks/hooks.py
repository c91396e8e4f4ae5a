"""Connect webhooks to the core, and wake their deliveries."""

from destinations.jobs.wake import Wake
from posts.outbox.outbox import EventListener

#: Wakes the deliveries of a worker once a change is committed: at most five times a second.
WAKE = Wake("posts.deliver_webhooks", pause_seconds=0.2)


class Deliveries(EventListener):
    def wake_after_commit(self) -> None:
        WAKE.after_commit()


HOOKS = (Deliveries(),)
