"""Extract from a post's public link what identifies the post."""

from django.db import models

from platforms.registry import ADAPTERS

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
