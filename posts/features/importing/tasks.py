"""Celery entry points; no logic here."""

from celery import shared_task

from posts.features.importing import imports, worker


@shared_task(name=imports.WAKE.task)
def import_posts() -> None:
    """Work on the imports that are due. Lost and repeated messages do no harm."""
    # Here, so that only workers that import load what reads requests.
    from posts.features.importing.api.serializers import read_new_post

    worker.work(read_new_post)


@shared_task(name="posts.forget_imports")
def forget_imports() -> None:
    """Delete imports that ended long ago, some at a time."""
    imports.forget()
