"""YouTube."""

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
)
from platforms.client import Client
from platforms.errors import Unsupported


class YouTube(Adapter):
    key = "youtube"
    name = "YouTube"
    limits = Limits(text_chars=5000, media_items=1, kinds=("video",), media_required=True)

    async def publish(
        self, draft: Draft, account: Credentials, http: Client, checkpoint: Checkpoint
    ) -> Outcome:
        raise Unsupported("YouTube is being connected.")

    async def find(
        self,
        draft: Draft,
        account: Credentials,
        http: Client,
        checkpoint: Checkpoint,
        sent_at: datetime,
    ) -> Finding:
        return CannotTell()
