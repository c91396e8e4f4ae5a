"""Posts by their ids and by words of their texts."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from config.admin.search import finder, results
from config.admin.search.finder import READ, Finder, Matches, left_out
from config.admin.search.term import Term
from destinations import public_ids
from posts.models import Post, PostText

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


def _rows() -> QuerySet[Post]:
    return Post.objects.select_related("workspace").defer("platform_content")


def _by_id(term: Term, limit: int) -> Matches:
    return Matches(list(_rows().filter(pk=term.key_of(public_ids.POST))))


def _by_words(term: Term, limit: int) -> Matches:
    """Every word anywhere in the text, newest first.

    Of words that very many texts have, the index would have to read all: then the most recent
    texts are read instead, and the note says so.
    """
    ids = _in_all(term.words)
    if ids is None:
        ids, note = _in_recent(term.words, limit), RECENT_NOTE
    else:
        note = left_out(min(limit, len(ids)), len(ids))
    return Matches(list(_rows().filter(pk__in=ids).order_by("-created_at", "pk")[:limit]), note)


def _in_all(words: Sequence[str]) -> list[UUID] | None:
    """The posts with these words; None if they are too many."""
    found = PostText.objects.all()
    for word in words:
        found = found.filter(text__icontains=word)
    try:
        with finder.reading(INDEX_MILLISECONDS):
            ids = list(found.values_list("post_id", flat=True)[: READ + 1])
    except finder.TooSlow:
        return None
    return ids if len(ids) <= READ else None


def _in_recent(words: Sequence[str], limit: int) -> list[UUID]:
    patterns = [f"%{connection.ops.prep_for_like_query(word)}%" for word in words]
    sql = RECENT.format(words=" AND ".join([WORD] * len(patterns)))
    parameters: list[Any] = [RECENT_BYTES, *patterns, limit]
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return [key for (key,) in cursor.fetchall()]


BY_ID = Finder(
    "Post", Post, lambda term: term.key_of(public_ids.POST) is not None, _by_id, results.posts
)
BY_WORDS = Finder(
    "Posts by their text",
    Post,
    lambda term: term.is_indexed,
    _by_words,
    results.posts,
    is_exact=False,
)
