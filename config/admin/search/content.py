"""Files, campaigns and posting queues, by id and by name."""

from django.db.models import QuerySet

from config.admin.search import results
from config.admin.search.finder import Finder, Matches, best, containing, is_name
from config.admin.search.term import Term
from posts.models import Campaign, Media, PostingQueue


def _file_rows() -> QuerySet[Media]:
    rows = Media.objects.select_related("workspace")
    return rows.defer("storage_key", "stripped_key", "thumbnail_key")


def _file_by_id(term: Term, limit: int) -> Matches:
    return Matches(list(_file_rows().filter(pk=term.key_of(""))))


def _file_by_name(term: Term, limit: int) -> Matches:
    """Newest first."""
    rows = _file_rows().filter(containing(term.text, "filename"))
    return best(rows, limit, lambda row: -row.created_at.timestamp())


FILE_BY_ID = Finder(
    "File", Media, lambda term: term.key_of("") is not None, _file_by_id, results.files
)
FILE_BY_NAME = Finder("Files", Media, is_name, _file_by_name, results.files, is_exact=False)


def _campaign_by_name(term: Term, limit: int) -> Matches:
    rows = Campaign.objects.filter(containing(term.text, "name"), deleted_at__isnull=True)
    named = rows.select_related("workspace")
    return best(named, limit, lambda row: (len(row.name), row.name, row.pk))


CAMPAIGN_BY_NAME = Finder(
    "Campaigns", Campaign, is_name, _campaign_by_name, results.campaigns, is_exact=False
)


def _queue_by_id(term: Term, limit: int) -> Matches:
    rows = PostingQueue.objects.select_related("workspace").filter(pk=term.key_of(""))
    return Matches(list(rows))


def _queue_by_name(term: Term, limit: int) -> Matches:
    """No index serves it: a workspace has few queues."""
    rows = PostingQueue.objects.filter(containing(term.text, "name"))
    named = rows.select_related("workspace")
    return best(named, limit, lambda row: (len(row.name), row.name, row.pk))


QUEUE_BY_ID = Finder(
    "Posting queue",
    PostingQueue,
    lambda term: term.key_of("") is not None,
    _queue_by_id,
    results.posting_queues,
)
QUEUE_BY_NAME = Finder(
    "Posting queues", PostingQueue, is_name, _queue_by_name, results.posting_queues, is_exact=False
)
