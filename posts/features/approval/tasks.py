"""Celery entry points; no logic here."""

from celery import shared_task

from posts.features.approval import overdue


@shared_task(name="posts.watch_approvals")
def watch_approvals() -> None:
    """Miss posts that were not approved in time, and ask again about those that wait for long."""
    overdue.end_missed()
    overdue.remind()
