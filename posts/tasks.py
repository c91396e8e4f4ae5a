"""Celery entry points; no logic here."""

from celery import shared_task

from posts.analytics import counting
from posts.api.idempotency import store
from posts.approval import missed, reminders
from posts.calendar_feeds import cancelled
from posts.campaigns import deleted_campaigns
from posts.engagement import collect
from posts.feeds import poll
from posts.importing import retention as import_retention
from posts.importing import wake as import_wake
from posts.importing import worker as importing
from posts.media import cleanup
from posts.media.convert import jobs as convert_jobs
from posts.media.fetch import jobs
from posts.repeating import materialise, recycled_posts
from posts.request_log import retention
from posts.retention import old_posts
from posts.webhooks import retention as webhook_retention
from posts.webhooks import wake
from posts.webhooks.delivery import engine


@shared_task(name="posts.read_engagement")
def read_engagement() -> None:
    """Read from the networks what has become of published posts."""
    collect.tick()


@shared_task(name="posts.forget_answers")
def forget_answers() -> None:
    """Delete expired answers."""
    store.delete_expired()


@shared_task(name="posts.forget_requests")
def forget_requests() -> None:
    """Delete old rows of the log of API requests, for a minute at most."""
    retention.forget()


@shared_task(name="posts.forget_posts")
def forget_posts() -> None:
    """Delete posts that are older than the operator keeps them, for a minute at most."""
    old_posts.forget()


@shared_task(name=wake.TASK)
def deliver_webhooks() -> None:
    """Wake the deliveries of this worker. Lost and repeated messages do no harm."""
    engine.current().wake()


@shared_task(name="posts.forget_webhooks")
def forget_webhooks() -> None:
    """Delete old events and what is left of deleted webhooks, for a minute at most."""
    webhook_retention.forget()


@shared_task(name=import_wake.TASK)
def import_posts() -> None:
    """Work on the imports that are due. Lost and repeated messages do no harm."""
    # Here, so that only workers that import load what reads requests.
    from posts.api.serializers.posts.imports import read_new_post

    importing.work(read_new_post)


@shared_task(name="posts.forget_imports")
def forget_imports() -> None:
    """Delete imports that ended long ago and what calendars need not tell any more, some each."""
    import_retention.forget()
    cancelled.forget()


@shared_task(name="posts.make_variants")
def make_variants(kind: str) -> None:
    """Make the waiting variants of files. Lost and repeated messages do no harm."""
    convert_jobs.work(kind)


@shared_task(name="posts.fetch_files")
def fetch_files() -> None:
    """Fetch the files that are due. Lost and repeated messages do no harm."""
    jobs.work()


@shared_task(name="posts.clean_files")
def clean_files() -> None:
    """Delete abandoned uploads and bytes that no file names, a few at a time."""
    cleanup.clean()


@shared_task(name="posts.watch_approvals")
def watch_approvals() -> None:
    """Miss posts that were not approved in time, and ask again about those that wait for long."""
    missed.sweep()
    reminders.remind()


@shared_task(name="posts.clear_campaigns")
def clear_campaigns() -> None:
    """Take the posts of deleted campaigns out of them, for a while at most."""
    deleted_campaigns.clear()


@shared_task(name="posts.repeat")
def repeat() -> None:
    """Make the posts of rules and recycled posts that are to be made now.

    Two at once do no harm.
    """
    materialise.run()
    recycled_posts.run()


@shared_task(name="posts.count_posts")
def count_posts() -> None:
    """Count the posts that have changed into the analytics' tallies, for a while at most."""
    counting.count()


@shared_task(name="posts.read_feeds")
def read_feeds() -> None:
    """Read the RSS and Atom feeds that are due, and make the posts of their new items."""
    poll.tick()
