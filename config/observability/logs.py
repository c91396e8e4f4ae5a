"""Logging of every process: one line per thing that happened, with the ids it belongs to.

LOG_FORMAT=json is for machines, LOG_FORMAT=console for people. Values bound with
`structlog.contextvars` (request_id, workspace, account, post, destination, attempt: the ids that
customers quote) are on every line, including those of libraries. Tracebacks carry no local
variables, and every value is redacted.
"""

import json
import logging.config
import sys
from contextlib import suppress
from typing import Any

import orjson
import structlog
from structlog.dev import ConsoleRenderer, plain_traceback
from structlog.typing import EventDict, Processor, WrappedLogger

from config.observability import redaction
from config.process import wants_colour
from destinations.runtime import availability, database

#: Loggers that repeat what our own lines say, and the level from which they add to it.
QUIET = {
    "django.request": "ERROR",
    # Repeats at length what `config.operators.log` logs in one line.
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
    # Says of each message that its session is over.
    "mcp": "WARNING",
    # Logs clients that disconnect, and requests that wait for a thread.
    "waitress": "ERROR",
}
#: Values that JSON shows as they are.
PLAIN = frozenset({str, int, float, bool, type(None)})

#: For our own lines and those of libraries alike.
SHARED: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.StackInfoRenderer(),
)
#: For our own lines. One list for all loggers, which keep what they are first used with.
OURS: list[Processor] = [
    # First, so that a line below the level costs next to nothing.
    structlog.stdlib.filter_by_level,
    *SHARED,
    structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
]


def redact(logger: WrappedLogger, method: str, line: EventDict) -> EventDict:
    """The last processor before rendering: everything is text or a number by now."""
    redacted: EventDict = redaction.value(line)
    return redacted


def as_json(logger: WrappedLogger, method: str, line: EventDict) -> str:
    """The line without secrets. One that can hold none, as most, is only rendered."""
    if all(type(value) in PLAIN for value in line.values()):
        with suppress(orjson.JSONEncodeError):
            rendered = orjson.dumps(line).decode()
            if redaction.is_clean(rendered):
                return rendered
    return json.dumps(redaction.value(line), ensure_ascii=False, separators=(",", ":"))


def configure(wanted: dict[str, str]) -> None:
    """Set up logging: `format` is json or console, `level` a level's name.

    Django calls it (LOGGING_CONFIG), and Celery's setup_logging signal.
    """
    structlog.configure(
        processors=OURS,
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    levels: dict[str, Any] = {name: {"level": level} for name, level in QUIET.items()}
    levels["django.request"]["filters"] = ["away"]
    # Django's own handlers print the same lines in another form.
    for name in ("django", "django.server"):
        levels[name] = {"handlers": [], "propagate": True}
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"line": {"()": _formatter, "shape": wanted["format"]}},
            "filters": {"away": {"()": AwayFilter}},
            "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "line"}},
            "root": {"handlers": ["out"], "level": wanted["level"]},
            "loggers": levels,
        }
    )


class AwayFilter(logging.Filter):
    """Drops tracebacks of pages that failed because the database is away: one line tells of it."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if error is None or not database.is_away(error):
            return True
        availability.database.failed(error)
        return False


def _formatter(shape: str) -> logging.Formatter:
    rendering: list[Processor] = [as_json]
    if shape == "console":
        rendering = [
            redact,
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
            *rendering,
        ],
    )
