"""Destinations of one account of a network whose posts may be mistaken for one another.

None of their calls has a recorded answer, so a post with the same text may belong to any of them.
"""

from datetime import timedelta

from django.db.models import Exists, OuterRef, Q, Subquery

from destinations.accounts import encryption
from destinations.models import Attempt, Destination
from destinations.publishing.job import Job
from platforms.checkpoint import Lookalike
from platforms.drafts import Draft

#: Longer than the time window of any lookup.
BEFORE = timedelta(hours=1)
#: With more lookalikes than this the lookup does not try to tell them apart.
MOST = 20


def find(job: Job) -> list[Lookalike] | None:
    """Return the lookalikes sent since shortly before the job.

    None if there are too many, or if one cannot be read.
    """
    is_open = Q(due_at__isnull=False) | Q(error_code="outcome_unknown")
    sent = Attempt.objects.filter(destination=OuterRef("pk"))
    sent = sent.filter(sent_at__gte=job.begun_at - BEFORE).order_by("-sent_at")
    rows = Destination.objects.filter(
        is_open,
        Exists(sent),
        platform=job.adapter.key,
        account__platform_account_id=job.credentials.platform_account_id,
        published_at=None,
    )
    found = rows.exclude(pk=job.id).exclude(checkpoint="").order_by("pk")
    known = found.annotate(sent=Subquery(sent.values("sent_at")[:1]))
    candidates = list(known.values_list("draft", "checkpoint", "sent")[: MOST + 1])
    if len(candidates) > MOST:
        return None
    try:
        return [
            Lookalike(Draft.from_json(draft), encryption.unseal(checkpoint), sent_at)
            for draft, checkpoint, sent_at in candidates
        ]
    except encryption.Unreadable:
        return None
