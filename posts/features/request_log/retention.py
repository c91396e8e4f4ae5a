"""Deletes old rows of the request log.

By bounded deletes, not by partitions that are dropped. A partition has to be there before its day
begins, or each row of that day is refused; dropping one locks the whole table; and its key would
have to carry the time. Rows are deleted in the order they were written.
"""

import uuid
from datetime import timedelta

import structlog
from django.conf import settings
from django.db.models import Q

from destinations.jobs import forget as forgetting
from destinations.runtime import clock
from posts.features.request_log.models import ApiRequest

log = structlog.get_logger()

BATCH = 5000
LOG = forgetting.AgingRows("requests", "posts_apirequest", "at", lambda: settings.REQUEST_LOG_DAYS)


def forget_account(workspace_id: uuid.UUID, number: int) -> int:
    """Delete a batch of a workspace's calls whose path names an account; return how many."""
    path = f"/accounts/{number}"
    named = Q(path__endswith=path) | Q(path__contains=f"{path}/")
    calls = ApiRequest.objects.filter(named, workspace=workspace_id).order_by()
    keys = list(calls.values_list("pk", flat=True)[:BATCH])
    return ApiRequest.objects.filter(pk__in=keys).delete()[0]


def forget() -> int:
    """Delete rows older than REQUEST_LOG_DAYS, for a while; returns how many."""
    before = clock.now() - timedelta(days=settings.REQUEST_LOG_DAYS)
    count = forgetting.forget(ApiRequest.objects.order_by("id"), "at", before, batch=BATCH)
    if count:
        log.info("requests_forgotten", count=count)
    return count
