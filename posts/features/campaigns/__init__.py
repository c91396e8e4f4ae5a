"""Campaigns: names under which a workspace collects posts.

What puts a post into one is in `posts.composing`.
"""

from posts.features import PeriodicTask

PERIODIC = {
    "Clear campaigns": PeriodicTask(
        "posts.clear_campaigns",
        60,
        "Takes the posts of deleted campaigns out of them, some at a time.",
        queue="refresh",
        runs=("posts.features.campaigns.campaigns.clear_deleted",),
    ),
}
RIGHTS = {"posts.campaign": ("view",)}
