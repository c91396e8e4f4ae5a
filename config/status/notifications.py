"""Messages to NOTIFY_URLS: a URL each in the words of Apprise, which speaks to mail servers, chats,
pagers and any program. As in Apprise's files a URL may have a tag: `problem=URL` takes problems
only, `warning=URL` warnings only, `notice=URL` what one customer's own server causes.
`sending` is the process that sends them.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import structlog
from django.conf import settings

from config.status.fact import Finding, ok, problem, warning
from config.status.wording import counted

log = structlog.get_logger()

SEND_SECONDS = 120
#: Of a test, which a person waits for.
TEST_SECONDS = 30
#: What URLs without a tag take.
LEVELS = frozenset({"problem", "warning"})


class Message(NamedTuple):
    title: str
    body: str
    #: failure, warning, success or info: chats show it as a colour.
    kind: str
    #: Those that it tells of, for pagers and programs: `config.incidents.notify` has the fields.
    incidents: Sequence[Mapping[str, Any]] = ()


class Receiver(NamedTuple):
    """One of NOTIFY_URLS. People know it by its number, from 1, because the URL has secrets."""

    number: int
    url: str
    #: Of the incidents that it is told of.
    levels: frozenset[str]


def receivers() -> list[Receiver]:
    found = []
    for number, text in enumerate(settings.NOTIFY_URLS, 1):
        tag, _, url = text.partition("=")
        is_tagged = tag in (*LEVELS, "notice")
        levels = frozenset({tag}) if is_tagged else LEVELS
        found.append(Receiver(number, url if is_tagged else text, levels))
    return found


def send(message: Message, to: Sequence[Receiver], seconds: float = SEND_SECONDS) -> list[bool]:
    """Send a message to these receivers; returns which took it, none if none was asked.

    What is not over in so many seconds was taken by none, as far as is known.
    """
    taken = _ask(to, message, seconds)
    if failed := _numbers(to, taken):
        log.error("notification_failed", urls=f"number {', '.join(failed)} of NOTIFY_URLS")
    return taken


def check_notifications() -> Iterator[Finding]:
    """Yield a problem for each of NOTIFY_URLS that is not understood. Nothing is sent."""
    if not settings.NOTIFY_URLS:
        yield ok("notifications", "no one is told of incidents, because NOTIFY_URLS is empty")
        return
    to = receivers()
    yield from _judge(to, _ask(to, None), "is no URL that a message can be sent to", "understood")
    for level in sorted(LEVELS - frozenset[str]().union(*(each.levels for each in to))):
        said = f"No one is told of {level}s: all of NOTIFY_URLS have another tag."
        yield warning("notifications", said, f"Add a URL without a tag, or with {level}=.")


def send_test() -> Iterator[Finding]:
    """Send a test message; yield a problem for each of NOTIFY_URLS that did not take it."""
    to = receivers()
    said = f"Incidents of {settings.PUBLIC_URL} are told here."
    taken = send(Message("Dovecote: a test", said, "info"), to, TEST_SECONDS) if to else []
    yield from _judge(to, taken, "did not take a test message", "sent a test message")


def _judge(to: Sequence[Receiver], taken: list[bool], wrong: str, right: str) -> Iterator[Finding]:
    remedy = "deploy/RUNBOOK.md has examples."
    for number in _numbers(to, taken):
        yield problem("notifications", f"Number {number} of NOTIFY_URLS {wrong}.", remedy)
    if not taken:
        yield problem("notifications", "NOTIFY_URLS is empty or cannot be read.", remedy)
    elif all(taken):
        yield ok("notifications", f"{counted(len(taken), 'URL was', 'URLs were')} {right}")


def _numbers(to: Sequence[Receiver], taken: list[bool]) -> list[str]:
    """Return the numbers of those that did not take it. `taken` is empty if none was asked."""
    return [str(each.number) for each, is_taken in zip(to, taken, strict=False) if not is_taken]


def _ask(
    to: Sequence[Receiver], message: Message | None, seconds: float = SEND_SECONDS
) -> list[bool]:
    """Have a message sent. Without one: see whether the URLs are understood."""
    asked = {
        "message": message and message._asdict(),
        "urls": [each.url for each in to],
        "secret": settings.NOTIFY_SECRET,
    }
    try:
        done = subprocess.run(
            [sys.executable, "-m", "config.status.sending"],
            cwd=settings.ROOT,
            input=json.dumps(asked),
            capture_output=True,
            text=True,
            check=True,
            timeout=seconds,
        )
        found: list[bool] = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        return [False] * len(to)
    except (subprocess.SubprocessError, ValueError) as failure:
        # Only the class: the URLs have secrets.
        log.error("notification_failed", failure=type(failure).__name__)
        return []
    return found
