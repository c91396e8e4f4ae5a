"""The posts that wait in a queue."""

from destinations.access import Reach
from posts.models import Post, PostingQueue
from posts.read_models import queries


def waiting(reach: Reach, queue: PostingQueue, most: int) -> list[Post]:
    """Return posts within reach that the queue publishes next, in the order of their slots."""
    mine = queries.plain_posts(reach).filter(posting_queue=queue, status=Post.Status.SCHEDULED)
    return list(mine.order_by("slot_at", "pk")[:most])
