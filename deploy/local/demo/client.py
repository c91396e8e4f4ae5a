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
    simulator_url: str = ""

    def accounts(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.call("GET", "/accounts")["accounts"]
        return found

    def upload(self, filename: str, content_type: str, content: bytes) -> str:
        """Ask for a place, send the bytes there, confirm. Returns the media id."""
        facts = {"filename": filename, "content_type": content_type, "size": len(content)}
        place = self.call("POST", "/media/upload", facts)
        headers = {"Content-Type": content_type}
        sent = ask("PUT", place["upload_url"], body=content, headers=headers, timeout=60)
        if sent.status >= 300:
            raise GaveUp(f"Uploading {filename} was refused ({sent.status}).")
        self.call("POST", f"/media/{place['media_id']}/complete", {})
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
        return str(self.call("POST", "/posts", sent)["post_id"])

    def results(self, post_id: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.call("GET", f"/posts/{post_id}/results")
        return found

    def compatible(self, method: str, path: str) -> Any:
        """As `call`, in the shapes of the compatibility mount."""
        return self.call(method, path, url=self.url.replace("/api/v1", "/compat/api/v1"))

    def call(self, method: str, path: str, body: object = None, *, url: str = "") -> Any:
        """The data of an answer. Raises GaveUp for a refusal."""
        headers = {"Authorization": f"Bearer {self.key}"}
        sent = {} if body is None else {"json": body}
        reply = ask(method, (url or self.url) + path, headers=headers, timeout=60, **sent)
        try:
            answer = reply.json()
            if reply.status < 300:
                return answer["data"]
            said = f"{answer['error']['code']}: {answer['error']['message']}"
        except (ValueError, KeyError, TypeError):
            said = "no answer we can read"
        raise GaveUp(f"{method} {path} was answered with {reply.status}: {said}")
