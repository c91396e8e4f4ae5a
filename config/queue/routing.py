"""The queues, and which of them each task goes to. Imports no Celery."""

from destinations.dispatch import queues
from platforms.registry import QUEUES

#: For ticks and wake-ups, so that they wait behind no list of posts.
DISPATCH = "dispatch"
#: For refreshing tokens, statistics and nightly work. Apart from the tick, because it waits for
#: networks.
REFRESH = "refresh"
#: For converting, fetching and deleting files.
MEDIA = "media"
#: For sending events to customers' webhooks.
WEBHOOKS = "webhooks"
#: For making posts of the rows of files.
IMPORTS = "imports"
#: Without the dedicated queues of some workspaces.
ALL = (DISPATCH, REFRESH, MEDIA, WEBHOOKS, IMPORTS, *QUEUES)
ROUTES = {
    "destinations.enqueue_due": {"queue": DISPATCH},
    "destinations.dispatch": {"queue": DISPATCH},
    "destinations.delete_posts": {"queue": DISPATCH},
    "destinations.assign_queues": {"queue": REFRESH},
    "destinations.refresh_tokens": {"queue": REFRESH},
    "destinations.count_outcomes": {"queue": REFRESH},
    "posts.count_posts": {"queue": REFRESH},
    "posts.watch_approvals": {"queue": REFRESH},
    "posts.clear_campaigns": {"queue": REFRESH},
    "posts.repeat": {"queue": REFRESH},
    "posts.read_engagement": {"queue": REFRESH},
    "posts.forget_answers": {"queue": REFRESH},
    "posts.forget_requests": {"queue": REFRESH},
    "posts.forget_posts": {"queue": REFRESH},
    "config.forget_logins": {"queue": REFRESH},
    "posts.forget_webhooks": {"queue": REFRESH},
    "posts.deliver_webhooks": {"queue": WEBHOOKS},
    "posts.import_posts": {"queue": IMPORTS},
    "posts.forget_imports": {"queue": REFRESH},
    "posts.forget_calendar_events": {"queue": REFRESH},
    "posts.make_variants": {"queue": MEDIA},
    "posts.fetch_files": {"queue": MEDIA},
    "posts.clean_files": {"queue": MEDIA},
    "posts.read_feeds": {"queue": MEDIA},
}
#: Work on files, imports among it: up to an hour, with much memory and CPU. A separate process
#: serves these queues (config/queue/processes.py), so that nothing else waits for it or ends with
#: it.
SLOW = (MEDIA, IMPORTS, *(name for name in QUEUES if name.endswith(queues.UPLOAD)))
#: The same as options of a worker, with the dedicated ones.
SLOW_PATTERNS = (MEDIA, IMPORTS, f"publish.*{queues.UPLOAD}")


def every() -> tuple[str, ...]:
    """All queues, the dedicated ones of DEDICATED_QUEUES too."""
    return (*ALL, *(queue for name in queues.names() for queue in queues.dedicated(name)))
