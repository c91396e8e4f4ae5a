"""What customers and operators can do beside publishing posts: a folder each, and a line here.

The modules of a feature are found by their names (`posts.registry`): `models`, `urls`, `admin`,
`mcp`, `tasks`, and `hooks` with what it does for the core.
"""

FEATURES = (
    "ai",
    "analytics",
    "approval",
    "calendar",
    "calendar_feeds",
    "campaigns",
    "engagement",
    "feeds",
    "hashtags",
    "importing",
    "links",
    "operations",
    "posting_queues",
    "preview",
    "repeating",
    "request_log",
    "webhooks",
)
