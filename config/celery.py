"""The Celery app. Redis only carries wake-up calls: every setting assumes it may lose them."""

import os
import ssl

from celery import Celery, bootsteps
from celery.signals import setup_logging, worker_shutting_down
from kombu import Exchange, Queue
from kombu.transport import TRANSPORT_ALIASES

from config.observability import logs
from config.queue.heartbeat_step import HeartbeatStep
from config.queue.routing import DISPATCH, ROUTES, every
from destinations.runtime.redis_client import sentinels
from destinations.runtime.worker import shutdown

# Before the app is made: Celery looks for Django then. Processes that Celery or a web server starts
# have it set by nothing else.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
app = Celery("dovecote", fixups={"config.queue.celery_overrides:fixup"})
# Not by a setting: Celery would show it in place of the URL's scheme.
TRANSPORT_ALIASES.update(
    dict.fromkeys(("redis", "rediss"), "config.queue.celery_overrides:RedisTransport"),
    sentinel="config.queue.celery_overrides:SentinelTransport",
)


def configure(redis_url: str, threads: int, *, has_flower: bool = True) -> dict[str, object]:
    """Celery's settings for one broker and this many worker threads."""
    return {
        **_broker(redis_url, connections=threads + 40),
        **_worker(threads),
        **_queues(),
        "worker_send_task_events": has_flower,
        # Results are not read: the database has them.
        "task_ignore_result": True,
        "result_backend": None,
        "beat_scheduler": "config.queue.beat:Scheduler",
        # Beat looks for changed entries every few seconds, so that the admin's edits apply.
        "beat_max_loop_interval": 5,
        "timezone": "UTC",
        "enable_utc": True,
    }


def _broker(redis_url: str, connections: int) -> dict[str, object]:
    """`connections` is above kombu's 10, at which busy pools lose messages while reconnecting."""
    options: dict[str, object] = {
        # Only a backstop: a lost message is found by its row's lease long before.
        "visibility_timeout": 3600,
        "max_connections": connections,
        "socket_keepalive": True,
        "socket_connect_timeout": 2,
        # The longest that a customer's POST waits for a Redis that hangs.
        "socket_timeout": 5,
    }
    settings: dict[str, object] = {
        "broker_url": redis_url,
        # A worker starts before Redis does, and goes on when Redis comes back.
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        # A sender does not wait for Redis: the row stays due and the next tick sends it again.
        "task_publish_retry": False,
        "redis_max_connections": connections,
        "broker_pool_limit": 10,
        # Dead peers are noticed in seconds instead of never.
        "redis_socket_connect_timeout": 2,
        "redis_socket_timeout": 15,
        "redis_socket_keepalive": True,
        "redis_retry_on_timeout": True,
        "broker_transport_options": options,
    }
    if redis_url.startswith("rediss"):
        settings["broker_use_ssl"] = {"ssl_cert_reqs": ssl.CERT_REQUIRED}
    if found := sentinels(redis_url):
        settings["broker_url"] = found.kombu_url()
        options["master_name"] = found.service
        options["sentinel_kwargs"] = found.sentinel_options(options)
    return settings


def _worker(threads: int) -> dict[str, object]:
    return {
        # A message is acknowledged when its list is handed to the engine. One that is repeated
        # because its worker died before that is ignored: its claims are spent, or stale.
        "task_acks_late": True,
        # One message per free thread, so that none waits behind a slow list.
        "worker_prefetch_multiplier": 1,
        "worker_pool": "threads",
        "worker_concurrency": threads,
        # SIGTERM waits for everything that has begun; SIGQUIT, or Ctrl-C twice, for this long.
        "worker_soft_shutdown_timeout": 20,
        "worker_enable_soft_shutdown_on_idle": True,
        "task_send_sent_event": False,
    }


def _queues() -> dict[str, object]:
    return {
        "task_default_queue": DISPATCH,
        # Each queue has an exchange and a key of its own: a shared one would copy every message
        # to every queue.
        "task_queues": [Queue(name, Exchange(name), name) for name in every()],
        "task_create_missing_queues": False,
        "task_routes": ROUTES,
    }


def _of_settings() -> dict[str, object]:
    from django.conf import settings

    from config.queue import quiet_request

    has_flower = bool(settings.FLOWER_URL)
    found = configure(settings.REDIS_URL, settings.WORKER_THREADS, has_flower=has_flower)
    return {**found, "task_annotations": quiet_request.annotations()}


# Read when Celery first asks for its configuration, because the app is made before the settings.
app.add_defaults(_of_settings)


#: How long a stopping worker waits for its claim and its messages to be sent.
DISPATCHER_SECONDS = 5


class Publishing(bootsteps.StartStopStep):
    """Starts the dispatcher, and tells publishing that the worker stops, also without a signal:
    Flower's button sends none.

    Then waits for what has begun, after the consumer and the pool have stopped.
    """

    # Imports are not above, because they need the models, and the app is made before them.
    def start(self, worker: object) -> None:
        from destinations.dispatch import dispatcher

        dispatcher.start()

    def close(self, worker: object) -> None:
        shutdown.request()

    def stop(self, worker: object) -> None:
        from destinations.dispatch import dispatcher
        from destinations.jobs import engine

        dispatcher.stop(DISPATCHER_SECONDS)
        engine.stop_all()


app.steps["worker"].add(Publishing)
app.steps["consumer"].add(HeartbeatStep)
# Signals reach publishing at once, before the worker's own loop sees them.
worker_shutting_down.connect(shutdown.request)


@setup_logging.connect
def _keep_our_logging(**_: object) -> None:
    """Keep Celery from replacing the root logger's handlers."""
    from django.conf import settings

    logs.configure(settings.LOGGING)


app.autodiscover_tasks(["config", "destinations", "posts"])
