"""The process that sends messages by Apprise: reads them as JSON, prints who took them.

A process of its own: the library takes 40 MB, and a server may take a minute to answer. Pagers get
a message for each incident, under a key by which its end closes it there.
"""

import base64
import hashlib
import hmac
import json
import logging
import re
import sys
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import apprise
from apprise.plugins import custom_json, opsgenie
from apprise.plugins.base import NotifyBase

Incident = Mapping[str, Any]
#: Names of accounts and errors are strangers' words, and a mail would be HTML.
PLAIN = apprise.NotifyFormat.TEXT
#: What calls people in chats, and what links of theirs begin with.
CALLS = re.compile(r"@(?=everyone|here|channel|room|all\b)|<(?=[!@#])")


def deliver(asked: Mapping[str, Any]) -> list[bool]:
    """Return which URLs took the message; without one, which are understood."""
    if asked["secret"]:
        custom_json.requests = SigningRequests(asked["secret"])  # type: ignore[attr-defined]
    message = _without_calls(asked["message"])
    return [_is_taken(url, message) for url in asked["urls"]]


def _without_calls(said: Any) -> Any:
    if isinstance(said, str):
        return CALLS.sub("\\g<0>\u200b", said)
    if isinstance(said, list):
        return [_without_calls(each) for each in said]
    if isinstance(said, dict):
        return {name: _without_calls(each) for name, each in said.items()}
    return said


def _is_taken(url: str, message: dict[str, Any] | None) -> bool:
    found = apprise.Apprise()
    if not found.add(url) or message is None:
        return len(found) > 0
    for server in found:
        if "format=" not in url:
            server.notify_format = PLAIN
    # All are asked, even after one that did not take it.
    taken = [_send(server, message) for server in found]
    return all(taken)


def _send(server: NotifyBase, message: dict[str, Any]) -> bool:
    pager = PAGERS.get(str(server.secure_protocol))
    if pager and message["incidents"]:
        taken = [pager(server, each) for each in message["incidents"]]
        return all(taken)
    if isinstance(server, custom_json.NotifyJSON) and message["incidents"]:
        server.payload_extras = {"incidents": message["incidents"], **server.payload_extras}
    return _notify(server, message)


def _notify(server: NotifyBase, said: Mapping[str, Any]) -> bool:
    one = apprise.Apprise()
    one.add(server)
    return bool(
        one.notify(said["body"], said["title"], notify_type=said["kind"], body_format=PLAIN)
    )


def _pagerduty(server: Any, incident: Incident) -> bool:
    server.dedup, server.click = incident["key"], incident["url"]
    server.overflow_mode = apprise.OverflowMode.TRUNCATE
    server.action = "resolve" if incident["state"] == "over" else "trigger"
    server.details = _details(incident) | server.details
    return _notify(server, incident)


def _opsgenie(server: Any, incident: Incident) -> bool:
    if incident["state"] == "over":
        # Apprise closes only what the same process has opened.
        url = f"{opsgenie.OPSGENIE_API_LOOKUP[server.region_name]}/{incident['key']}/close"
        note = {"source": server.app_desc, "note": incident["body"]}
        post = opsgenie.requests.post  # type: ignore[attr-defined]
        taken, _ = server._fetch(post, url, note, {"identifierType": "alias"})
        return bool(taken)
    server.alias, server.action = incident["key"], "new"
    server.details = _details(incident) | server.details
    return _notify(server, incident)


def _details(incident: Incident) -> dict[str, str]:
    return {name: str(incident[name]) for name in ("id", "state", "severity", "cause", "url")}


#: Those that know incidents by a key, by the scheme of their URLs.
PAGERS: dict[str, Callable[[Any, Incident], bool]] = {
    "pagerduty": _pagerduty,
    "opsgenie": _opsgenie,
}


class SigningRequests:
    """The library `requests` for one plugin of Apprise, whose bodies it signs.

    Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
    """

    def __init__(self, secret: str) -> None:
        self.library: Any = custom_json.requests  # type: ignore[attr-defined]
        self.key = base64.b64decode(secret.removeprefix("whsec_"))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.library, name)

    def request(self, method: str, url: str, **options: Any) -> Any:
        body, number = options.pop("data").encode(), str(uuid.uuid4())
        seconds = str(int(time.time()))
        signed = f"{number}.{seconds}.".encode() + body
        signature = base64.b64encode(hmac.digest(self.key, signed, hashlib.sha256)).decode()
        headers = options.pop("headers") | {
            "webhook-id": number,
            "webhook-timestamp": seconds,
            "webhook-signature": f"v1,{signature}",
        }
        return self.library.request(method, url, data=body, headers=headers, **options)


def main() -> None:
    # Apprise's lines name URLs, which have secrets.
    logging.disable()
    json.dump(deliver(json.load(sys.stdin)), sys.stdout)


if __name__ == "__main__":
    main()
