"""RSS and Atom feeds whose new items become posts: reading them, and making the posts.

No HTTP answers here, and no rule of what a post may be.
"""

from posts.features import PeriodicTask

PERIODIC = {
    "Read feeds": PeriodicTask(
        "posts.read_feeds",
        10,
        "Reads customers' RSS and Atom feeds that are due, and makes posts of their new items.",
        queue="media",
        runs=("posts.features.feeds.poll.tick",),
        when="EXISTS (SELECT FROM posts_feed WHERE enabled AND due_at <= statement_timestamp())"
        " OR EXISTS (SELECT FROM posts_feeditem"
        " WHERE state = 'waiting' AND due_at <= statement_timestamp())",
    ),
}
#: Their customers' own, changed through the API.
RIGHTS = {"posts.feed": ("view",)}
