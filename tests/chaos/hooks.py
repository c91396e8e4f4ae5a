"""Webhooks of a scenario: their receiver, and a fourth book, of what it has got."""

import hashlib
import hmac
import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from standardwebhooks import Webhook as Verifier

from destinations import public_ids
from tests.acceptance.stack import ROOT, dying_with_us
from tests.chaos.books import Verdict
from tests.chaos.ground import Ground
from tests.posts.features.webhooks.receiver import PORT_FILE

#: Of every process of the stack: the receiver is on this machine.
ENV = {"WEBHOOK_ALLOW_PRIVATE": "127.0.0.0/8"}
#: The name of events that a scenario writes for one webhook, by itself.
BACKLOG = "backlog"
CREATE = """
import sys, django
django.setup()
from posts.models import Workspace
from posts.features.webhooks import lifecycle
from posts.outbox import names
webhook, secret = lifecycle.create(Workspace.objects.get().pk, sys.argv[1], names.every())
print(webhook.pk, secret)
"""
DELETE = """
import sys, django
django.setup()
from posts.features.webhooks import lifecycle
from posts.features.webhooks.models import Webhook
lifecycle.delete(Webhook.objects.get(pk=sys.argv[1]))
"""
RECOVER = """
import sys, django
django.setup()
from posts.features.webhooks import lifecycle, replay
from posts.features.webhooks.models import Webhook
webhook = Webhook.objects.get(pk=sys.argv[1])
lifecycle.edit(webhook, {"is_active": True})
replay.recover(webhook, webhook.created_at)
"""
HURRY = """
UPDATE posts_webhookdelivery SET due_at = now()
WHERE due_at > now() AND claim IS NULL RETURNING 1
"""
OPEN = """
SELECT (SELECT count(*) FROM posts_webhookevent WHERE fanned_out_at IS NULL)
     + (SELECT count(*) FROM posts_webhookdelivery WHERE due_at IS NOT NULL)
"""
EVENTS = "SELECT event_id::text, event, body FROM posts_webhookevent WHERE body <> ''"
DELIVERIES = """
SELECT e.event_id::text, d.status, d.attempts FROM posts_webhookdelivery d
JOIN posts_webhookevent e ON e.id = d.event_id WHERE d.webhook_id = %s
"""
DESTINATIONS = """
SELECT id, post_id, status, attempts, next_retry_at IS NULL FROM destinations_destination
"""


class Hooks:
    """The webhooks of a ground and what their receiver got."""

    def __init__(self, ground: Ground, home: Path) -> None:
        self.ground, self._home = ground, home
        self._file = home / "received.jsonl"
        #: Name → (id, secret).
        self.made: dict[str, tuple[str, str]] = {}
        port_file = home / PORT_FILE
        ground.until("the receiver runs", port_file.exists)
        self._port = int(port_file.read_text())

    def make(self, name: str, answers: str = "ok") -> str:
        """A webhook for every event, whose receiver answers so; its id."""
        self.answers(name, answers)
        url = f"http://127.0.0.1:{self._port}/file/{name}"
        pk, secret = self._command(CREATE, url).split()
        self.made[name] = pk, secret
        return pk

    def answers(self, name: str, answers: str) -> None:
        """From now on its receiver answers so; see tests/posts/features/webhooks/receiver.py."""
        fresh = self._home / f"{name}.new"
        fresh.write_text(answers)
        fresh.rename(self._home / name)

    def delete(self, name: str) -> None:
        self._command(DELETE, self.made.pop(name)[0])

    def recover(self, name: str) -> None:
        """Switch it on again and have everything sent that it never got."""
        self._command(RECOVER, self.made[name][0])

    def _command(self, program: str, *values: str) -> str:
        done = self.ground.stack.command("-c", program, *values)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def received(self, name: str = "") -> list[dict[str, Any]]:
        """What it was sent, of one webhook or of all."""
        if not self._file.exists():
            return []
        lines = self._file.read_text().splitlines()
        rows = [json.loads(line) for line in lines if line.endswith("}")]
        return [row for row in rows if name in ("", row["path"].rpartition("/")[2])]

    def open(self) -> int:
        """Events and deliveries of which something is still to happen."""
        return int(self.ground.stack.rows(OPEN)[0][0])

    def settle(self, within_seconds: float = 300) -> None:
        """Let retries be due now, again and again, until nothing is to be sent."""

        def is_over() -> bool:
            self.ground.stack.rows(HURRY)
            return self.open() == 0

        self.ground.until("every delivery has ended", is_over, within_seconds)

    # The book

    def verdicts(self) -> list[Verdict]:
        """One per event and webhook that is left, and what contradicts the destinations."""
        found = list(self._untold())
        events = self.ground.stack.rows(EVENTS)
        for name, (pk, secret) in self.made.items():
            got = defaultdict(list)
            for row in self.received(name):
                got[row["headers"]["webhook-id"]].append(row)
            states = {row[0]: row[1:] for row in self.ground.stack.rows(DELIVERIES, pk)}
            for key, event, body in events:
                if event == BACKLOG and key not in states:
                    continue
                found.append(_of_delivery(name, key, states.get(key), got[key], body, secret))
        self.ground.told += found
        self._print(found)
        return found

    def _print(self, found: list[Verdict]) -> None:
        requests = self.received()
        keys = {(row["path"], row["headers"]["webhook-id"]) for row in requests}
        words = {word: sum(each.word == word for each in found) for word in ("once", "refused")}
        again = len(requests) - len(keys)
        print(f"deliveries {words}, requests {len(requests)}, again {again}", file=sys.stderr)

    def _untold(self) -> Iterator[Verdict]:
        """Ends and beginnings of destinations without exactly one event."""
        told: dict[tuple[str, str], int] = defaultdict(int)
        for _, event, body in self.ground.stack.rows(EVENTS):
            told[event, json.loads(body)["data"].get("destination_id", "")] += 1
        for pk, _, status, attempts, is_final in self.ground.stack.rows(DESTINATIONS):
            key = public_ids.encode(public_ids.DESTINATION, pk)
            wanted = {"post.publishing": 1} if attempts else {}
            if is_final and status in ("published", "failed"):
                wanted[f"post.{status}"] = 1
            for event, count in wanted.items():
                if told[event, key] != count:
                    detail = f"{event} of {key} was written {told[event, key]} times"
                    yield Verdict("webhook", "lost" if not told[event, key] else "wrong", 0, detail)


def _of_delivery(
    name: str,
    key: str,
    state: tuple[str, int] | None,
    got: list[dict[str, Any]],
    body: str,
    secret: str,
) -> Verdict:
    """What became of one event at one webhook."""
    detail = f"{key} for {name}: {state}, received {len(got)} times"
    if any(row["body"] != body or not _is_signed(row, secret) for row in got):
        return Verdict("webhook", "wrong", 0, f"{detail}, not as it was written or signed")
    match state:
        case ("success", attempts) if got and attempts >= 1:
            return Verdict("webhook", "once", 0, detail)
        case ("failed", _):
            return Verdict("webhook", "refused", 0, detail)
    return Verdict("webhook", "lost", 0, detail)


def _is_signed(row: dict[str, Any], secret: str) -> bool:
    """Both signatures, and a timestamp of the moment when it was sent."""
    headers, body = row["headers"], row["body"]
    at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
    ours = hmac.new(secret.encode(), body.encode(), hashlib.sha256).hexdigest()
    return (
        Verifier(secret).sign(headers["webhook-id"], at, body) == headers["webhook-signature"]
        and headers["X-PostEverywhere-Signature"] == f"sha256={ours}"
        and headers["X-PostEverywhere-Timestamp"] == headers["webhook-timestamp"]
        and abs(at.timestamp() - row["at"]) < 300
    )


@contextmanager
def hooks(ground: Ground) -> Iterator[Hooks]:
    """A receiver in a process of its own, for as long as the block lasts."""
    home = ground.stack.home / "receiver"
    home.mkdir()
    command = [sys.executable, "-m", "tests.posts.features.webhooks.receiver", str(home)]
    running = subprocess.Popen([*dying_with_us(), *command], cwd=ROOT)
    try:
        yield Hooks(ground, home)
    finally:
        running.kill()
        running.wait()
