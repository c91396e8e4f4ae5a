"""A finder for each kind of thing; `FINDERS` has them in the order of their results."""

from config.admin.search.finders import (
    accounts,
    api_requests,
    campaigns,
    destinations,
    files,
    keys,
    posting_queues,
    posts,
    webhooks,
    workspaces,
)
from config.admin.search.finders.finder import Finder

#: What names one thing comes before what many have in common.
FINDERS: tuple[Finder, ...] = (
    posts.BY_ID,
    destinations.BY_ID,
    destinations.BY_NETWORK,
    destinations.BY_REQUEST,
    api_requests.BY_ID,
    accounts.BY_ID,
    keys.BY_ID,
    keys.BY_PREFIX,
    workspaces.BY_ID,
    files.BY_ID,
    webhooks.BY_ID,
    webhooks.DELIVERY_BY_ID,
    webhooks.BY_EVENT,
    posting_queues.BY_ID,
    accounts.BY_NAME,
    workspaces.BY_NAME,
    campaigns.BY_NAME,
    posting_queues.BY_NAME,
    webhooks.BY_NAME,
    files.BY_NAME,
    posts.BY_WORDS,
)
