"""Messages to NOTIFY_URLS: a URL each in the words of Apprise, which speaks to mail servers, chats,
pagers and any program.

A process of its own sends them: the library takes 40 MB, and a server may take a minute to answer.
"""

import json
import logging
import subprocess
import sys
from collections.abc import Iterator

import structlog
from django.conf import settings

from config.status.fact import Finding, ok, problem
from config.status.wording import counted

log = structlog.get_logger()

SEND_SECONDS = 120


def send(title: str, body: str, kind: str = "info") -> list[bool]:
    """Send a message to each of NOTIFY_URLS; returns which took it, none if none was asked.

    `kind` is failure, warning, success or info: chats show it as a colour.
    """
    taken = _ask(title, body, kind)
    if failed := _numbers(taken):
        log.error("notification_failed", urls=f"number {', '.join(failed)} of NOTIFY_URLS")
    return taken


def check_notifications() -> Iterator[Finding]:
    """Yield a problem for each of NOTIFY_URLS that is not understood. Nothing is sent."""
    if not settings.NOTIFY_URLS:
        yield ok("notifications", "no one is told of incidents, because NOTIFY_URLS is empty")
        return
    yield from _judge(_ask("", ""), "is no URL that a message can be sent to", "understood")


def send_test() -> Iterator[Finding]:
    """Send a test message; yield a problem for each of NOTIFY_URLS that did not take it."""
    taken = send("Dovecote: a test", f"Incidents of {settings.PUBLIC_URL} are told here.")
    yield from _judge(taken, "did not take a test message", "sent a test message")


def _judge(taken: list[bool], wrong: str, right: str) -> Iterator[Finding]:
    remedy = "deploy/RUNBOOK.md has examples."
    for number in _numbers(taken):
        yield problem("notifications", f"Number {number} of NOTIFY_URLS {wrong}.", remedy)
    if not taken:
        yield problem("notifications", "NOTIFY_URLS is empty or cannot be read.", remedy)
    elif all(taken):
        yield ok("notifications", f"{counted(len(taken), 'URL was', 'URLs were')} {right}")


def _numbers(taken: list[bool]) -> list[str]:
    return [str(number) for number, is_taken in enumerate(taken, 1) if not is_taken]


def _ask(title: str, body: str, kind: str = "info") -> list[bool]:
    said = {"title": title, "body": body, "notify_type": kind}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "config.status.notifications"],
            cwd=settings.ROOT,
            input=json.dumps({"said": said, "urls": settings.NOTIFY_URLS}),
            capture_output=True,
            text=True,
            check=True,
            timeout=SEND_SECONDS,
        )
        found: list[bool] = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError) as failure:
        # Only the class: the URLs have secrets.
        log.error("notification_failed", failure=type(failure).__name__)
        return []
    return found


def main() -> None:
    """Send what stands in standard input, and print who took it. Without a title, who could."""
    # Here, because only this process needs it.
    import apprise

    def is_taken(url: str) -> bool:
        target = apprise.Apprise()
        is_understood = target.add(url)
        return bool(is_understood and (not said["title"] or target.notify(**said)))

    # Its lines name URLs, which have secrets.
    logging.disable()
    asked = json.load(sys.stdin)
    said = asked["said"]
    json.dump([is_taken(url) for url in asked["urls"]], sys.stdout)


if __name__ == "__main__":
    main()
