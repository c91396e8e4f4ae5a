"""Celery's way in: fetch nothing, decide nothing, call."""

from celery import shared_task

from posts.api.idempotency import store
from posts.media import cleanup
from posts.media.convert import jobs as convert_jobs
from posts.media.fetch import jobs


@shared_task(name="posts.forget_answers")
def forget_answers() -> None:
    """Delete the answers whose time is over."""
    store.forget()


@shared_task(name="posts.make_variants")
def make_variants(kind: str) -> None:
    """Make the forms of files that wait. A message that is lost or repeated changes nothing."""
    convert_jobs.work(kind)


@shared_task(name="posts.fetch_files")
def fetch_files() -> None:
    """Fetch the files that are due. A message that is lost or repeated changes nothing."""
    jobs.work()


@shared_task(name="posts.clean_files")
def clean_files() -> None:
    """Remove, a few at a time, what was given up and what nothing names."""
    cleanup.clean()
