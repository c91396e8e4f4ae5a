"""The log of API requests: who called what, when, and how it was answered.

`recorder` takes each request in memory, `retention` deletes the rows that are old.
"""

from posts.features import PeriodicTask

PERIODIC = {
    "Forget requests": PeriodicTask(
        "posts.forget_requests",
        600,
        "Deletes rows of the API request log that are older than REQUEST_LOG_DAYS.",
        queue="refresh",
        runs=("posts.features.request_log.retention.forget",),
    ),
}
#: Evidence, which no operator changes.
RIGHTS = {"posts.apirequest": ("view",)}
GROWING = ("posts_apirequest",)
