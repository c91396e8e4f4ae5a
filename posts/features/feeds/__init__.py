"""RSS and Atom feeds whose new items become posts: reading them, and making the posts.

No HTTP answers here, and no rule of what a post may be.
"""

from posts.features import PeriodicTask

PERIODIC = {
    "Read feeds": PeriodicTask(
        "posts.read_feeds",
        "media",
        10,
        "Reads customers' RSS and Atom feeds that are due, and makes posts of their new items.",
    ),
}
#: Their customers' own, changed through the API.
RIGHTS = {"posts.feed": ("view",)}
