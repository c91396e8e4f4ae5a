"""Build conditions of partial indexes, and extract from a post's public link what identifies it."""

from django.db import models
from django.db.models import Func, IntegerField
from django.db.models.lookups import Exact

from platforms.registry import ADAPTERS


def has(column: str) -> Exact:
    """Return whether a row has a value in this column, in words that hide it from the planner.

    With stale statistics the planner takes one index for another. It takes one with this condition
    only for statements that repeat it, word for word.
    """
    return Exact(Func(column, function="num_nonnulls", output_field=IntegerField()), 1)


#: Networks whose links may name a post by a code that is not its id in their API. An index covers
#: their destinations, so another such network needs a migration.
WITHOUT_ID = tuple(sorted(key for key, adapter in ADAPTERS.items() if not adapter.links_hold_ids))


def last_part(column: str) -> models.Func:
    """Return the last part of a link's path, in SQL: `Ckx1` of `https://…/p/Ckx1/?igsh=…`."""
    return models.Func(
        column,
        models.Value("([^/?#]+)/*(?:[?#].*)?$"),
        function="SUBSTRING",
        output_field=models.TextField(),
    )
