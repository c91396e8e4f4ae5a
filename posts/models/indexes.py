"""Make the indexes that several models have."""

from django.db import models


def where_set(column: str, *fields: str, name: str) -> models.Index:
    """Return an index of the rows that have a value in `column`, by `fields` or by it."""
    condition = models.Q(**{f"{column}__isnull": False})
    return models.Index(fields=fields or [column], condition=condition, name=name)
