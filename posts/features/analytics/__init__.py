"""How many posts and destinations are in which state, and what the networks say of them."""

from posts.features import PeriodicTask

PERIODIC = {
    "Count posts": PeriodicTask(
        "posts.count_posts",
        "refresh",
        15,
        "Counts what has changed, for analytics and campaigns; without it they get slower.",
    ),
}
