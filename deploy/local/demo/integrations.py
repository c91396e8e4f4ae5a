"""The other ways in: previews, files, rules, links, calendars and agents, each used once."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from deploy.local.demo.client import Api
from deploy.local.demo.table import FeatureRow, Look, at_once
from deploy.local.demo.web import ask
from deploy.local.supervisor import GaveUp

#: The lines, in their order.
NAMES = (
    "preview",
    "hashtags",
    "import",
    "export",
    "recurrence",
    "recycling",
    "approval",
    "calendar",
    "short link",
    "feed",
    "agent",
    "OAuth",
)
AHEAD = timedelta(days=2)
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def begun(api: Api, account: int, other: int, at: datetime) -> Iterator[Look]:
    """Use each; what looks at what has become of it. Nothing of it is left to be published."""
    yield at_once("preview", _preview(api, [account, other]))
    yield at_once("hashtags", _hashtags(api, account, at))
    yield at_once("import", _imported(api, account, at))
    yield at_once("export", _exported(api))
    yield at_once("recurrence", _recurring(api, other, at))
    yield at_once("recycling", _recycling(api, other, at))
    yield at_once("approval", _approval(api, account, at))
    yield at_once("calendar", _calendar(api, account, at))
    yield _ShortLink(api, account, at)
    yield at_once("feed", _feed(api, account))
    yield at_once("agent", _agent(api))
    yield at_once("OAuth", _oauth(api))


def _preview(api: Api, accounts: list[int]) -> str:
    text = "A preview shows where each feed folds a text. " * 5 + "https://example.com"
    found = api.call("POST", "/posts/preview", {"content": text, "account_ids": accounts})
    shown = [each["preview"]["parts"][0]["text"] for each in found["accounts"]]
    folded = [text["label"] for text in shown if text["hidden"]]
    return f"{len(shown)} cards; folded behind: {', '.join(folded) or 'nothing'}"


def _hashtags(api: Api, account: int, at: datetime) -> str:
    """A set, and where a post with it would have it."""
    tags = {"name": f"Demo, {at:%T}", "hashtags": ["dovecote", "demo"]}
    made = api.call("POST", "/hashtag-sets", tags)
    post = {"content": "With a set", "account_ids": [account], "hashtag_set_ids": [made["id"]]}
    [card] = api.call("POST", "/posts/preview", post)["accounts"]
    api.call("DELETE", f"/hashtag-sets/{made['id']}")
    text = card["preview"]["parts"][0]["text"]["text"]
    return f"set {made['name']!r} makes {text!r}" if text.endswith("#demo") else ""


def _imported(api: Api, account: int, at: datetime) -> str:
    """One row, twice: the second time it is known."""
    when = (at + AHEAD).isoformat(timespec="seconds")
    file = f'content,account_ids,scheduled_at\r\n"Imported at {at:%T}",{account},{when}\r\n'
    first, again = (_import(api, file) for _ in range(2))
    post_id = first["results"][0]["post_id"]
    api.call("DELETE", f"/posts/{post_id}")
    is_same = again["results"][0]["post_id"] == post_id
    return f"{post_id} of a CSV; sent twice, it is one post" if is_same else ""


def _import(api: Api, file: str) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {api.key}", "Content-Type": "text/csv"}
    reply = ask("POST", f"{api.url}/posts/import", headers=headers, body=file.encode())
    if reply.status >= 300:
        raise GaveUp(f"POST /posts/import was answered with {reply.status}.")
    found: dict[str, Any] = reply.json()["data"]
    return found


def _exported(api: Api) -> str:
    reply = ask("GET", f"{api.url}/posts/export", headers={"Authorization": f"Bearer {api.key}"})
    rows = list(csv.reader(io.StringIO(reply.data.decode()))) if reply.status == 200 else []
    return f"{len(rows) - 1} posts as CSV, in {len(rows[0])} columns" if rows else ""


def _recurring(api: Api, account: int, at: datetime) -> str:
    created = api.call(
        "POST",
        "/posts",
        {
            "content": f"Each day, {at:%T}",
            "account_ids": [account],
            "scheduled_at": (at + AHEAD).isoformat(timespec="seconds"),
            "recurrence": {"freq": "daily", "interval": 1, "count": 3},
        },
    )
    rule = created["recurrence_id"]
    found = api.call("GET", f"/recurrences/{rule}")
    api.call("DELETE", f"/recurrences/{rule}")
    return f"rule {rule}, three days; deleted" if found else ""


def _recycling(api: Api, account: int, at: datetime) -> str:
    """A post that would come again each two weeks once it was published; it is not."""
    rule = {"gap": 2, "gap_unit": "week", "expire_count": 10}
    post_id = _planned(api, account, f"Evergreen, {at:%T}", at, recycling=rule)
    found = api.call("GET", f"/posts/{post_id}/recycling")
    api.call("DELETE", f"/posts/{post_id}")
    return f"each {found['gap']} {found['gap_unit']}s; deleted" if found["enabled"] else ""


def _approval(api: Api, account: int, at: datetime) -> str:
    """A post that waits for an approval, and the page that shows it to people without a login."""
    post_id = _planned(api, account, f"To be approved, {at:%T}", at)
    asked = api.call("POST", f"/posts/{post_id}/request-approval", {})
    link = api.call("POST", f"/posts/{post_id}/share-links", {"can_decide": False})
    page = ask("GET", link["url"])
    is_shown = page.status == 200 and f"{at:%T}".encode() in page.data
    api.call("DELETE", f"/posts/{post_id}")
    return f"{asked['approval']['status']}; its page was shown" if is_shown else ""


def _calendar(api: Api, account: int, at: datetime) -> str:
    """A post in a calendar that any calendar program reads."""
    post_id = _planned(api, account, f"In the calendar at {at:%T}", at)
    feed = api.call("POST", "/calendar-feeds", {"name": "Demo"})
    read = ask("GET", feed["url"]).data.decode()
    api.call("DELETE", f"/calendar-feeds/{feed['id']}")
    api.call("DELETE", f"/posts/{post_id}")
    # Long lines are folded.
    is_there = f"In the calendar at {at:%T}" in read.replace("\r\n ", "")
    events = read.count("BEGIN:VEVENT")
    return f"{events} events in an .ics file; its address is revoked" if is_there else ""


def _planned(api: Api, account: int, text: str, at: datetime, **more: Any) -> str:
    when = (at + AHEAD).isoformat(timespec="seconds")
    return api.publish(text, [account], scheduled_at=when, **more)


class _ShortLink:
    """Publishes a short link, follows it, and waits until the click is counted."""

    def __init__(self, api: Api, account: int, at: datetime) -> None:
        self._api = api
        text = f"A short link, {at:%T}: https://example.com/loft"
        self._post_id = api.publish(text, [account], shorten_links=True)
        self._is_followed = False

    def __call__(self) -> FeatureRow:
        (link,) = self._api.call("GET", f"/posts/{self._post_id}/links")["links"]
        if not self._is_followed:
            answer = ask("GET", link["short_url"], headers={"User-Agent": BROWSER})
            self._is_followed = answer.headers.get("Location") == link["url"]
        seen = f"{link['short_url']}: {link['clicks']} click"
        return FeatureRow("short link", link["clicks"] > 0, seen)


def _feed(api: Api, account: int) -> str:
    """Switched off: feeds are read from public addresses alone, and the demo calls none."""
    url = "https://blog.example.com/feed.xml"
    feed = api.call(
        "POST", "/feeds", {"name": "Demo", "url": url, "account_ids": [account], "enabled": False}
    )
    listed = api.call("GET", f"/feeds/{feed['id']}/items")
    api.call("DELETE", f"/feeds/{feed['id']}")
    return f"{url}, for a {feed['mode']} per item; not read, deleted" if "items" in listed else ""


def _agent(api: Api) -> str:
    """Return what an agent's client asks first: which tools there are."""
    url = _beside(api, "/mcp")
    headers = {
        "Authorization": f"Bearer {api.key}",
        "Accept": "application/json, text/event-stream",
    }
    question = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    reply = ask("POST", url, headers=headers, json=question)
    tools = reply.json().get("result", {}).get("tools", []) if reply.status == 200 else []
    return f"{len(tools)} tools at {url}" if tools else ""


def _oauth(api: Api) -> str:
    """Return what a hosted agent asks, to be allowed by an operator instead of having a key."""
    reply = ask("GET", _beside(api, "/.well-known/oauth-authorization-server"))
    found = reply.json() if reply.status == 200 else {}
    return f"agents without a key ask at {found['authorization_endpoint']}" if found else ""


def _beside(api: Api, path: str) -> str:
    """The address of what is not below the API."""
    return re.sub(r"/api/v1$", path, api.url)
