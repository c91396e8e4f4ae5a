"""What was known before: kept beside what ends a destination without asking the network.

An earlier try may have said that a part of the post is public, and where. Adapters say that again
with whatever they are told; who ends a destination without them says it here, or its customer
believes that nothing is public.
"""

from destinations.models import Attempt, Destination
from platforms.errors import OutcomeUnknown

BEFORE = " Before that: "
#: How much of it is kept; what is public comes first.
CHARS = 1000


def with_previous_error(message: str, said: str) -> str:
    """The message, and after it what was said before; of several who said so, the first."""
    first = said.rpartition(BEFORE)[2][:CHARS]
    return f"{message}{BEFORE}{first}" if first else message


def words(row: Destination) -> str:
    """What its last try said; blank if none said anything.

    A doubt is left out: what is tried again after one was settled by a person.
    """
    if row.error or not row.attempts:
        return row.error
    tries = Attempt.objects.filter(destination=row.pk).exclude(error="").order_by("-number")
    settled = tries.exclude(outcome=OutcomeUnknown.default_code)
    return settled.values_list("error", flat=True).first() or ""
