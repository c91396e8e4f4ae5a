"""Makes the turns of recycled posts, each as a new post, a week before its time.

Turns follow the time at which the post was published, by the arithmetic of `rules`. One whose time
has passed is left out. A post that is not published for all its accounts waits: a retry may still
complete it.
"""

from datetime import datetime, timedelta

import structlog
from django.db import transaction

from posts import content
from posts.composing import compose, references
from posts.composing.compose import NewPost
from posts.composing.destinations import Author
from posts.composing.extensions import text_steps
from posts.errors import RequestRefused
from posts.features.repeating import recycling, worker
from posts.features.repeating.models import RecycledPost, Recycling
from posts.features.repeating.rules import When
from posts.models import Campaign, Post
from posts.outbox import outbox

log = structlog.get_logger()

AHEAD = timedelta(days=7)
#: When a post that is not published yet is looked at again.
RECHECK = timedelta(hours=1)
BY = "recycling"
POST_RECYCLED = "post.recycled"
GONE = "The post was deleted."
OVER = "It has had all its turns."


def run() -> int:
    """Make what is to be made, for a while; how many posts were made."""
    return worker.run(Recycling, _advance)


def _advance(row: Recycling, now: datetime) -> int:
    made = _look(row, now)
    row.save()
    return made


def _look(row: Recycling, now: datetime) -> int:
    """Return what is to be done now; how many posts were made. The caller saves the row."""
    post = Post.objects.filter(pk=row.post_id).first()
    if post is None:
        return _end(row, GONE)
    if post.status != Post.Status.PUBLISHED or post.published_at is None:
        row.look_at = max(post.scheduled_for or now, now) + RECHECK
        return 0
    coming = _next(row, post, post.published_at, now)
    if coming is None:
        return _end(row, OVER)
    row.next_at = coming.at
    if coming.at - AHEAD > now:
        row.look_at = coming.at - AHEAD
        return 0
    try:
        _make(row, post, coming.at)
    except RequestRefused as refused:
        worker.note_refusal(row, refused)
        row.look_at = now + worker.retry_pause(coming.at - now)
        return 0
    worker.clear_refusal(row)
    row.look_at = now
    return 1


def _next(row: Recycling, post: Post, published_at: datetime, now: datetime) -> When | None:
    """Return the next turn: of those of the rule the first that is ahead and was not made."""
    if row.expire_count is not None and row.turns >= row.expire_count:
        return None
    last = row.made.order_by("-at").values_list("at", flat=True).first()
    return recycling.next_turn(row, post, published_at, max(now, last or now))


@transaction.atomic
def _make(row: Recycling, post: Post, at: datetime) -> None:
    """Store the post of a turn, its claim and the event. Raises RequestRefused."""
    recycling.check_still(post)
    author = Author(row.workspace_id, BY)
    made = compose.create(author, _new_post(row, post, at))
    row.turns += 1
    RecycledPost.objects.create(recycling=row, turn=row.turns, at=at, post_id=made.post.pk)
    told = {
        "post_id": made.post.pk,
        "recycled_from": post.pk,
        "turn": row.turns,
        "scheduled_for": at,
        "account_ids": [each.number for each in made.destinations],
    }
    outbox.emit(row.workspace_id, POST_RECYCLED, told, post.metadata)


def _new_post(row: Recycling, post: Post, at: datetime) -> NewPost:
    references.check_complete(post)
    texts = row.content_variations
    attached = list(post.attachments.all())
    return NewPost(
        content=texts[row.turns % len(texts)] if texts else post.content,
        account_ids=list(post.destinations.values_list("account_number", flat=True)),
        media_ids=[item.media_id for item in attached],
        alt_texts={item.media_id: item.alt_text for item in attached if item.alt_text},
        platform_content=post.platform_content,
        plain={name: getattr(post, name) for name in content.plain("recycled")},
        when=at,
        zone=post.timezone,
        campaign_id=_campaign(post),
        own_texts_do=True,
        spare_platforms=True,
        **text_steps.repeated(post),
    )


def _campaign(post: Post) -> int | None:
    """Return the post's campaign, as long as it takes posts."""
    mine = Campaign.objects.filter(pk=post.campaign_id, deleted_at=None)
    return mine.filter(status=Campaign.Status.ACTIVE).values_list("pk", flat=True).first()


def _end(row: Recycling, reason: str) -> int:
    row.ended_because, row.look_at, row.next_at = reason, None, None
    log.info("recycling_ended", post=str(row.post_id), reason=reason, turns=row.turns)
    return 0
