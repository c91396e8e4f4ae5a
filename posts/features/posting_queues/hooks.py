"""Connect posting queues to the core."""

import uuid
from collections.abc import Collection
from datetime import datetime

from destinations.access import Reach
from posts.composing.queueing import Slot, SlotSource
from posts.features.posting_queues import queues, slots
from posts.models import PostingQueue


class QueueSlots(SlotSource):
    def find(self, reach: Reach, queue_id: uuid.UUID | None) -> PostingQueue | None:
        if queue_id is None:
            return queues.default(reach.workspace_id)
        return queues.within(reach).filter(pk=queue_id).first()

    def first(
        self, queue: PostingQueue, accounts: Collection[int], now: datetime, post_id: uuid.UUID
    ) -> Slot:
        slot = slots.first(queue, accounts, now, but=post_id)
        return Slot(slot, slots.jittered(queue, post_id, slot))

    def lock_all(self, workspace_id: uuid.UUID) -> None:
        queues.lock_all(workspace_id)

    def is_taken(
        self,
        queue: PostingQueue,
        slot: datetime | None,
        accounts: Collection[int],
        now: datetime,
        but: uuid.UUID,
    ) -> bool:
        return slot in slots.taken(queue, accounts, now, but)


HOOKS = (QueueSlots(),)
