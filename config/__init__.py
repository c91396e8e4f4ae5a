"""Wiring: settings, URLs, processes, the operators' site. No tables, no rules about posts."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
