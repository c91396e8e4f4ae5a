"""Conditions of partial indexes."""

from django.db.models import Func, IntegerField
from django.db.models.lookups import Exact


def has(column: str) -> Exact:
    """Return whether a row has a value in this column, in words that hide it from the planner.

    With stale statistics the planner takes one index for another. It takes one with this condition
    only for statements that repeat it, word for word.
    """
    return Exact(Func(column, function="num_nonnulls", output_field=IntegerField()), 1)
