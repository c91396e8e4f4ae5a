"""End what may be public although the database does not know: it has forgotten.

Networks are asked about a call that left at a known time, by what was kept of it. Of a call that
nobody remembers neither is there, so a person looks, and says.
"""

from collections import Counter

from django.db import transaction
from django.db.models import Q

from destinations.models import Destination
from destinations.runtime import clock
from destinations.state import attempts, transitions
from destinations.state.attempts import AttemptUpdate
from destinations.state.transitions import Change
from platforms.errors import OutcomeUnknown
from platforms.registry import ADAPTERS

S = Destination.Status

REASON = "the database was restored from an earlier state"
DOUBTED = (
    "The database was restored from an earlier state, and this may have been sent in between. It "
    "may be live: look at {account} on {platform}. It is not sent again unless a person says so."
)


def mark_possibly_published(by: str) -> Counter[str]:
    """End what may have been sent in a time that the database has forgotten; how many, by platform.

    That is whatever its time has come for and is not final. Nothing is sent.
    """
    with transaction.atomic():
        wanted = Q(wanted_at__lte=clock.now()) | Q(status__in=(S.PUBLISHING, S.UNCONFIRMED))
        rows = Destination.objects.filter(wanted, due_at__isnull=False).order_by("pk")
        rows = rows.only("claim", "attempts", "account_name", "platform", "error")
        doubtful = list(rows.select_for_update(no_key=True))
        moved = transitions.move_all({"mark_possibly_published": map(_change, doubtful)}, by=by)
        return Counter(row.platform for row in doubtful if row.pk in moved)


def _change(row: Destination) -> Change:
    doubt = DOUBTED.format(account=row.account_name, platform=ADAPTERS[row.platform].name)
    error = attempts.with_previous_error(doubt, row.error)
    fields = {"error": error, "error_code": OutcomeUnknown.default_code}
    note = AttemptUpdate(finished=True, outcome=OutcomeUnknown.default_code, error=error)
    return Change(row.pk, row.claim, fields, REASON, row.attempts, note)
