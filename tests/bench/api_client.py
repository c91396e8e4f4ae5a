"""Calls of the API of a running `web`."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.utils import timezone
from urllib3 import PoolManager

from destinations.models import Account
from posts.keys import keys
from posts.models import Workspace
from tests.bench.environment import LOCAL

#: Counted, and never reached.
LIMITS = "1000000/h"


class Client:
    """A key of a workspace, and kept-alive connections. Can be used from any thread."""

    def __init__(self, workspace: Workspace) -> None:
        limits = {"request_limits": LIMITS, "post_limits": LIMITS}
        _, secret = keys.create(workspace, "bench", ["read", "write"], **limits)
        self._pool = PoolManager(maxsize=32, headers={"Authorization": f"Bearer {secret}"})

    def publish(self, content: str, account: Account, **more: Any) -> str:
        """Post at once; the post's id."""
        return str(self._post({"content": content, "account_ids": [account.pk], **more}))

    def schedule(self, content: str, accounts: Iterable[Account]) -> str:
        """Post tomorrow; the post's id."""
        at = (timezone.now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
        ids = [account.pk for account in accounts]
        return str(self._post({"content": content, "account_ids": ids, "scheduled_at": at}))

    def get(self, path: str) -> Any:
        """The data of an answer."""
        return self._call("GET", path)

    def import_csv(self, rows: bytes) -> str:
        """Import a file of posts that is large enough for workers; the import's id."""
        headers = {**self._pool.headers, "Content-Type": "text/csv"}
        return str(self._call("POST", "posts/import", body=rows, headers=headers)["import_id"])

    def upload(self, filename: str, content_type: str, content: bytes) -> str:
        """Announce, send and complete a file; its media id."""
        facts = {"filename": filename, "content_type": content_type, "size": len(content)}
        place = self._call("POST", "media/upload", json=facts)
        headers = {"Content-Type": content_type}
        sent = self._pool.request("PUT", place["upload_url"], body=content, headers=headers)
        if sent.status >= 300:
            raise SystemExit(f"upload: {sent.status} {sent.data[:300]!r}")
        self._call("POST", f"media/{place['media_id']}/complete", json={})
        return str(place["media_id"])

    def _post(self, body: dict[str, Any]) -> Any:
        return self._call("POST", "posts", json=body)["post_id"]

    def _call(self, method: str, path: str, **sent: Any) -> Any:
        answer = self._pool.request(method, f"{LOCAL.web_url}/api/v1/{path}", **sent)
        if answer.status >= 300:
            raise SystemExit(f"{method} {path}: {answer.status} {answer.data[:300]!r}")
        return answer.json()["data"]
