"""Connect webhooks to the core, and wake their deliveries."""

import uuid

from destinations.jobs.wake import Wake
from posts.composing.extensions.lifecycle import AccountForgetter
from posts.features.webhooks import retention
from posts.outbox.outbox import EventListener

#: Wakes the deliveries of a worker once a change is committed: at most five times a second.
WAKE = Wake("posts.deliver_webhooks", pause_seconds=0.2)


class Deliveries(EventListener):
    def wake_after_commit(self) -> None:
        WAKE.after_commit()


class Events(AccountForgetter):
    def forget_account(self, workspace_id: uuid.UUID, number: int) -> int:
        return retention.forget_events_of(workspace_id, number)


HOOKS = (Deliveries(), Events())
