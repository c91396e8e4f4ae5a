"""Claim due rows and send them to their queues."""

import uuid
from collections.abc import Collection

from django.db import transaction


def enqueue(ids: Collection[uuid.UUID] | None = None) -> int:
    """Claim what is due (of `ids`, or of everybody) and send it to the workers; returns how many.

    Never raises for a broker that is away: the rows stay due and the next tick sends them.
    """
    raise NotImplementedError


def enqueue_after_commit(ids: Collection[uuid.UUID]) -> None:
    """Enqueue these destinations once the present transaction is committed."""
    transaction.on_commit(lambda: enqueue(ids))
