"""Celery entry points; no logic here. Those of features are what their PERIODIC names."""

from collections.abc import Sequence

from celery import shared_task
from django.utils.module_loading import import_string

from destinations.jobs import isolated
from posts import features
from posts.api.idempotency import store
from posts.composing.changes import retention
from posts.media import delete
from posts.media.convert import jobs as convert_jobs
from posts.media.fetch import jobs


def _register(task: str, paths: Sequence[str]) -> None:
    """Make a Celery task that calls these functions, one after the other."""
    functions = list(map(import_string, paths))

    @shared_task(name=task)
    def run() -> None:
        isolated.call_all(functions)


for each in features.periodic_tasks().values():
    _register(each.task, each.runs)


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
