"""Import what the processes of a machine have in common; each is then forked from this one.

Not the WSGI application: it reads at its start which static files there are. Nothing here may
start a thread or open a connection, which a fork does not survive.
"""

import gc
import os
from contextlib import suppress
from importlib import import_module

import django
from django.core.exceptions import ImproperlyConfigured

from config import process
from config.forking import free_blocks

#: What beat, workers and web import when they start.
MODULES = (
    "celery.apps.beat",
    "celery.apps.worker",
    "celery.bin.beat",
    "celery.bin.worker",
    "celery.concurrency.thread",
    "celery.events.receiver",
    "celery.worker.consumer",
    "celery.worker.strategy",
    "config.incidents.watch",
    "config.queue.beat",
    "config.queue.processes",
    "config.web.server.serve",
    "django.core.cache.backends.redis",
)


def _load() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from config.celery import app

    django.setup()
    app.loader.import_default_modules()
    for module in MODULES:
        import_module(module)
    # What it makes of its settings, of each task too.
    app.finalize()
    _ = app.conf.broker_url, app.amqp.queues, app.control
    from django.conf import settings
    from django.urls import get_resolver

    for name in settings.MIDDLEWARE:
        import_module(name.rpartition(".")[0])
    # Imports every view.
    _ = get_resolver().url_patterns


# Objects that the collector has looked at are copied by the fork that it looks in.
gc.disable()
# What is forked reads the settings too, and says what is wrong where its output is shown.
with suppress(ImproperlyConfigured):
    _load()
gc.collect()
process.trim()
free_blocks.fill()
gc.freeze()
process.end_with_parent()
