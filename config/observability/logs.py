"""Logging of every process: one line per thing that happened, with the ids it belongs to.

LOG_FORMAT=json is for machines, LOG_FORMAT=console for people. Values bound with
`structlog.contextvars` (request_id, workspace, account, post, destination, attempt: the ids that
customers quote) are on every line, including those of libraries. Tracebacks carry no local
variables, and every value is redacted.
"""

import logging.config
import sys
from typing import Any

import structlog
from structlog.dev import ConsoleRenderer, plain_traceback
from structlog.typing import EventDict, Processor, WrappedLogger

from config.observability import redaction
from config.observability.colour import wants_colour

#: Loggers that repeat what our own lines say, and the level from which they add to it.
QUIET = {
    "django.request": "ERROR",
    # Repeats at length what `config.operators.signals` logs in one line.
    "axes": "ERROR",
    "celery.app.trace": "WARNING",
    "celery.worker.strategy": "WARNING",
    # At each start workers look for each other.
    "celery.worker.consumer": "WARNING",
    "celery.beat": "WARNING",
    "django_celery_beat": "WARNING",
    "kombu": "WARNING",
    # Flower inspects workers before they are up, then tries again.
    "flower.inspector": "ERROR",
    # Logs clients that disconnect, and requests that wait for a thread.
    "waitress": "ERROR",
}

#: For our own lines and those of libraries alike.
SHARED: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.StackInfoRenderer(),
)


def redact(logger: WrappedLogger, method: str, line: EventDict) -> EventDict:
    """The last processor before rendering: everything is text or a number by now."""
    redacted: EventDict = redaction.value(line)
    return redacted


def configure(wanted: dict[str, str]) -> None:
    """Set up logging: `format` is json or console, `level` a level's name.

    Django calls it (LOGGING_CONFIG), and Celery's setup_logging signal.
    """
    structlog.configure(
        processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    levels: dict[str, Any] = {name: {"level": level} for name, level in QUIET.items()}
    # Django's own handlers print the same lines in another form.
    for name in ("django", "django.server"):
        levels[name] = {"handlers": [], "propagate": True}
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"line": {"()": _formatter, "shape": wanted["format"]}},
            "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "line"}},
            "root": {"handlers": ["out"], "level": wanted["level"]},
            "loggers": levels,
        }
    )


def _formatter(shape: str) -> logging.Formatter:
    rendering: list[Processor] = [structlog.processors.JSONRenderer(ensure_ascii=False)]
    if shape == "console":
        rendering = [
            structlog.processors.TimeStamper(fmt="%H:%M:%S", utc=False, key="at"),
            ConsoleRenderer(
                colors=wants_colour(sys.stderr),
                timestamp_key="at",
                sort_keys=False,
                exception_formatter=plain_traceback,
            ),
        ]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=SHARED,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            # As plain text: a structured traceback would carry the local variables.
            structlog.processors.format_exc_info,
            redact,
            *rendering,
        ],
    )
