"""Celery entry points; no logic here. Features have tasks of their own."""

from celery import shared_task

from posts import registry
from posts.api.idempotency import store
from posts.composing.changes import retention
from posts.media import delete
from posts.media.convert import jobs as convert_jobs
from posts.media.fetch import jobs

registry.load("tasks")


@shared_task(name="posts.forget_answers")
def forget_answers() -> None:
    """Delete expired answers."""
    store.delete_expired()


@shared_task(name="posts.forget_posts")
def forget_posts() -> None:
    """Delete posts that are older than the operator keeps them, for a minute at most."""
    retention.forget()


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
    delete.clean()
