"""Count the posts of campaigns."""

from collections.abc import Collection

from django.db.models import Count

from destinations.access import Reach
from posts.features.analytics import tallies
from posts.models import Campaign
from posts.read_models import queries


def of(reach: Reach, campaigns: Collection[Campaign]) -> dict[int, int]:
    """Return the number of posts within reach of each campaign, by its id; drafts are posts too."""
    ids = [campaign.pk for campaign in campaigns]
    if not ids:
        return {}
    if reach.only is None and not tallies.is_behind(reach):
        return dict.fromkeys(ids, 0) | tallies.of_campaigns(reach, ids)
    rows = queries.listed_posts(reach).filter(campaign__in=ids).order_by()
    counted = rows.values_list("campaign").annotate(count=Count("pk"))
    return dict.fromkeys(ids, 0) | dict(counted)
