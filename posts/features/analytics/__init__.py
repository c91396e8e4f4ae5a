"""Count posts and destinations by state, and add up the networks' numbers."""

from posts.features import PeriodicTask

PERIODIC = {
    "Count posts": PeriodicTask(
        "posts.count_posts",
        15,
        "Counts what has changed, for analytics and campaigns; without it they get slower.",
        queue="refresh",
        runs=("posts.features.analytics.counting.count",),
    ),
}
