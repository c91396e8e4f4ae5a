"""Celery's way in: fetch nothing, decide nothing, call."""

from celery import shared_task

from posts import idempotency
from posts.variants import making


@shared_task(name="posts.forget_answers")
def forget_answers() -> None:
    """Delete the answers whose time is over."""
    idempotency.forget()


@shared_task(name="posts.make_variants")
def make_variants(kind: str) -> None:
    """Make the forms of files that wait. A message that is lost or repeated changes nothing."""
    making.work(kind)
