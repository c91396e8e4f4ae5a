"""The public API as any customer's program uses it: one key, JSON, three steps per upload."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from deploy.local.supervisor import GaveUp
from deploy.local.web import ask


@dataclass(frozen=True, slots=True)
class Api:
    url: str
    key: str

    def accounts(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._call("GET", "/accounts")["accounts"]
        return found

    def upload(self, filename: str, content_type: str, content: bytes) -> str:
        """Ask for a place, send the bytes there, confirm. Returns the media id."""
        facts = {"filename": filename, "content_type": content_type, "size": len(content)}
        place = self._call("POST", "/media/upload", facts)
        headers = {"Content-Type": content_type}
        sent = ask("PUT", place["upload_url"], body=content, headers=headers, timeout=60)
        if sent.status >= 300:
            raise GaveUp(f"Uploading {filename} was refused ({sent.status}).")
        self._call("POST", f"/media/{place['media_id']}/complete", {})
        return str(place["media_id"])

    def publish(
        self,
        content: str,
        account_ids: list[int],
        media_ids: Sequence[str] = (),
        **more: Any,
    ) -> str:
        """`more` are further fields of the request; empty ones are left out. The post id."""
        body = {"content": content, "account_ids": account_ids, "media_ids": media_ids, **more}
        sent = {name: value for name, value in body.items() if value}
        return str(self._call("POST", "/posts", sent)["post_id"])

    def results(self, post_id: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._call("GET", f"/posts/{post_id}/results")
        return found

    def _call(self, method: str, path: str, body: object = None) -> Any:
        headers = {"Authorization": f"Bearer {self.key}"}
        reply = ask(method, self.url + path, json=body, headers=headers, timeout=30)
        try:
            answer = reply.json()
            if reply.status < 300:
                return answer["data"]
            said = f"{answer['error']['code']}: {answer['error']['message']}"
        except (ValueError, KeyError, TypeError):
            said = "no answer we can read"
        raise GaveUp(f"{method} {path} was answered with {reply.status}: {said}")
