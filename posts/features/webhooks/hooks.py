"""Connect webhooks to the core."""

from posts.features.webhooks import wake
from posts.outbox.outbox import EventListener


class Deliveries(EventListener):
    def wake_after_commit(self) -> None:
        wake.after_commit()


HOOKS = (Deliveries(),)
