"""X posts. Source: X API v2 OpenAPI document 2.167, POST /2/tweets (read 2026-11-24)."""

from datetime import datetime

from platforms.base import (
    Adapter,
    CannotTell,
    Checkpoint,
    Credentials,
    Draft,
    Finding,
    Limits,
    Outcome,
    Published,
)
from platforms.client import Client

API = "https://api.x.com"


class X(Adapter):
    key = "x"
    name = "X"
    limits = Limits(text_chars=280, media_items=4, kinds=("image", "video"))

    async def publish(
        self, draft: Draft, account: Credentials, http: Client, checkpoint: Checkpoint
    ) -> Outcome:
        answer = await http.post(
            f"{API}/2/tweets",
            headers={"Authorization": f"Bearer {account.token}"},
            json={"text": draft.text},
            irreversible=True,
        )
        post_id = answer.take("data", "id")
        return Published(id=post_id, url=f"https://x.com/{account.username}/status/{post_id}")

    async def find(
        self,
        draft: Draft,
        account: Credentials,
        http: Client,
        checkpoint: Checkpoint,
        sent_at: datetime,
    ) -> Finding:
        return CannotTell()
