"""Wake a worker for deletions. A lost message does no harm: beat's tick does the same."""

from celery import current_app

from destinations.runtime import broker

TASK = "destinations.delete_posts"
#: A message that waited for longer is dropped: ticks have done its work.
EXPIRES_SECONDS = 60


def wake_after_commit() -> None:
    """Wake a worker once the current transaction is committed."""
    broker.after_commit(_wake)


def _wake() -> None:
    try:
        current_app.send_task(TASK, expires=EXPIRES_SECONDS, retry=False)
    except broker.AWAY as failure:
        broker.missed(failure, task=TASK)
    else:
        broker.reached()
