"""The reference: a Celery task that does nothing."""

from celery import shared_task


@shared_task(name="bench.noop", queue="bench")
def noop() -> None:
    """Nothing."""
