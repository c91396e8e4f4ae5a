"""Wakes a worker up for imports. If the message is lost, beat's next one does the same."""

from celery import current_app

from destinations.runtime import broker

TASK = "posts.import_posts"
#: A message that waited for longer is dropped: a later one does its work.
EXPIRES_SECONDS = 60


def after_commit() -> None:
    """Once the present transaction is committed."""
    broker.after_commit(_send)


def _send() -> None:
    try:
        current_app.send_task(TASK, expires=EXPIRES_SECONDS, retry=False)
    except broker.AWAY as failure:
        broker.missed(failure, task=TASK)
    else:
        broker.reached()
