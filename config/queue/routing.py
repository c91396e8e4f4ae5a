"""The queues, and which of them each task goes to. Imports no Celery."""

from platforms.registry import QUEUES

#: For ticks and wake-ups, so that they wait behind no list of posts.
DISPATCH = "dispatch"
#: For refreshing tokens and nightly work. Apart from the tick, because it waits for networks.
REFRESH = "refresh"
#: For converting, fetching and deleting files.
MEDIA = "media"
ROUTES = {
    "destinations.enqueue_due": {"queue": DISPATCH},
    "destinations.dispatch": {"queue": DISPATCH},
    "destinations.refresh_tokens": {"queue": REFRESH},
    "posts.forget_answers": {"queue": REFRESH},
    "config.forget_logins": {"queue": REFRESH},
    "posts.make_variants": {"queue": MEDIA},
    "posts.fetch_files": {"queue": MEDIA},
    "posts.clean_files": {"queue": MEDIA},
}
#: Work on files: up to an hour, with much memory and CPU. A separate process serves these queues
#: (config/queue/processes.py), so that nothing else waits for it or ends with it.
SLOW = (MEDIA, *(name for name in QUEUES if name.endswith(".upload")))
