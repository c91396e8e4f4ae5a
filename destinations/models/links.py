"""What identifies a post in its public link."""

from django.db import models

#: Networks whose links name a post by a code that is not its id in their API.
WITHOUT_ID = ("facebook", "instagram", "threads")


def last_part(column: str) -> models.Func:
    """The last part of a link's path, in SQL: `Ckx1` of `https://…/p/Ckx1/?igsh=…`."""
    return models.Func(
        column,
        models.Value("([^/?#]+)/*(?:[?#].*)?$"),
        function="SUBSTRING",
        output_field=models.TextField(),
    )
