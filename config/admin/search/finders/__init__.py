"""A finder for each kind of thing; `FINDERS` has them in the order of their results."""

from config.admin.search.finders import content, customers, destinations, posts, webhooks
from config.admin.search.finders.finder import Finder

#: What names one thing comes before what many have in common.
FINDERS: tuple[Finder, ...] = (
    posts.BY_ID,
    destinations.BY_ID,
    destinations.BY_NETWORK,
    destinations.BY_REQUEST,
    customers.REQUEST_BY_ID,
    customers.ACCOUNT_BY_ID,
    customers.KEY_BY_ID,
    customers.KEY_BY_PREFIX,
    customers.WORKSPACE_BY_ID,
    content.FILE_BY_ID,
    webhooks.BY_ID,
    webhooks.DELIVERY_BY_ID,
    webhooks.BY_EVENT,
    content.QUEUE_BY_ID,
    customers.ACCOUNT_BY_NAME,
    customers.WORKSPACE_BY_NAME,
    content.CAMPAIGN_BY_NAME,
    content.QUEUE_BY_NAME,
    webhooks.BY_NAME,
    content.FILE_BY_NAME,
    posts.BY_WORDS,
)
