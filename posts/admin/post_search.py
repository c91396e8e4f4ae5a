"""Finds posts by their ids and by words of their texts, and shows them as results."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from destinations import public_ids
from destinations.admin import rendering
from destinations.admin.search import searches
from destinations.admin.search.searches import (
    READ,
    Matches,
    MayView,
    Result,
    Search,
    SearchByNames,
    left_out,
)
from destinations.admin.search.term import Term
from destinations.models import Destination
from destinations.runtime import database
from posts.admin.post_contents import COLOURS
from posts.models import Post, PostText

#: How many accounts of a post are named.
NAMED_ACCOUNTS = 3
#: How long the index of all texts may take. Words in a good part of millions take longer.
INDEX_MILLISECONDS = 150
#: How much of the table of texts holds those that are called recent: 15,000 if they are short.
RECENT_BYTES = 2 * 2**20
#: Said if they stand for all.
RECENT_NOTE = "Too many texts have it: these are of the most recent. Add a word to narrow it down."
#: Rows are appended, so the newest are at the end. Of long texts the words may be in any order.
RECENT = """
SELECT post_id FROM posts_posttext
WHERE ctid >= (
    SELECT format('(%%s,0)', greatest(0, (pg_relation_size('posts_posttext') - %s)
        / current_setting('block_size')::int))::tid
) AND {words}
ORDER BY ctid DESC LIMIT %s
"""
WORD = "UPPER(text) LIKE UPPER(%s)"


def _by_words(rows: QuerySet[Post], term: Term, limit: int) -> Matches:
    """Every word anywhere in the text, newest first.

    Of words that very many texts have, the index would have to read all: then the most recent
    texts are read instead, and the note says so.
    """
    ids = _in_all(term.words)
    if ids is None:
        ids, note = _in_recent(term.words, limit), RECENT_NOTE
    else:
        note = left_out(min(limit, len(ids)), len(ids))
    return Matches(list(rows.filter(pk__in=ids).order_by("-created_at", "pk")[:limit]), note)


def _in_all(words: Sequence[str]) -> list[UUID] | None:
    """The posts with these words; None if they are too many."""
    found = PostText.objects.all()
    for word in words:
        found = found.filter(text__icontains=word)
    try:
        with searches.reading(INDEX_MILLISECONDS):
            ids = list(found.values_list("post_id", flat=True)[: READ + 1])
    except searches.TooSlow:
        return None
    return ids if len(ids) <= READ else None


def _in_recent(words: Sequence[str], limit: int) -> list[UUID]:
    patterns = [f"%{connection.ops.prep_for_like_query(word)}%" for word in words]
    sql = RECENT.format(words=" AND ".join([WORD] * len(patterns)))
    parameters: list[Any] = [RECENT_BYTES, *patterns, limit]
    return [key for (key,) in database.execute(sql, parameters)]


class PostSearches(SearchByNames):
    searches = (
        searches.by_id("Post", public_ids.POST),
        Search("Posts by their text", lambda term: term.is_indexed, _by_words, rank=3),
    )

    def results(self, rows: Collection[Post], may_view: MayView) -> list[Result]:
        """Show posts, and where they go if the operator may see that."""
        accounts = _accounts(rows) if may_view(Destination) else {}
        return [
            searches.result(
                post,
                post.public_id,
                post.workspace.name,
                accounts.get(post.pk, ""),
                text=post.content.strip() or "(no text)",
                status=rendering.label(post.get_status_display(), COLOURS),
                at=post.scheduled_for,
            )
            for post in rows
        ]


def _accounts(rows: Collection[Post]) -> dict[UUID, str]:
    """The first accounts of each post."""
    found = Destination.objects.filter(post__in=rows).order_by("post", "position")
    named = defaultdict(list)
    for key, platform, account in found.values_list("post_id", "platform", "account_name"):
        named[key].append(f"{account} on {rendering.network(platform)}")
    return {key: _few(names) for key, names in named.items()}


def _few(names: list[str]) -> str:
    left = len(names) - NAMED_ACCOUNTS
    return ", ".join(names[:NAMED_ACCOUNTS]) + (f" and {left} more" if left > 0 else "")
