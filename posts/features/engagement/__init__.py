"""Read and add up the networks' numbers of published posts.

Publishing pays nothing for it: what became public is found afterwards, in the events. A network
that gives no number contributes nothing, and no number is made up: absent is not zero.
"""

from posts.features import PeriodicTask

PERIODIC = {
    "Read engagement": PeriodicTask(
        "posts.read_engagement",
        15,
        "Reads from the networks how often posts were seen, liked and so on.",
        queue="refresh",
        runs=("posts.features.engagement.collect.tick",),
    ),
}
GROWING = ("posts_engagementreading",)
