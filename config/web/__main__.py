"""`python -m config.web` serves until SIGTERM or SIGINT."""

import signal
import sys

import structlog

from config import process


def main() -> None:
    process.set_name("web")
    # First of all: what follows needs Django's models.
    from config.wsgi import application  # isort: skip
    from django.conf import settings
    from django.urls import get_resolver

    from config.incidents.watch import Watch
    from config.web.server.serve import Server
    from config.web.server.threads import SWITCH_SECONDS
    from destinations.runtime.flushing import flusher

    # Imports every view, for which the first request would wait.
    _ = get_resolver().url_patterns
    # Here, because only processes that serve requests have something to flush.
    flusher.start()
    Watch()
    server = Server(application, settings)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, server.stop)
    structlog.get_logger().info("web_listens", host=settings.WEB_HOST, port=settings.WEB_PORT)
    process.settle()
    sys.setswitchinterval(SWITCH_SECONDS)
    server.run()


if __name__ == "__main__":
    main()
