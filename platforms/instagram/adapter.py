"""Instagram."""

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


class Instagram(Adapter):
    key = "instagram"
    name = "Instagram"
    limits = Limits(text_chars=2200, media_items=10, kinds=("image", "video"), media_required=True)

    async def publish(
        self, draft: Draft, account: Credentials, http: Client, checkpoint: Checkpoint
    ) -> Outcome:
        raise Unsupported("Instagram is being connected.")

    async def find(
        self,
        draft: Draft,
        account: Credentials,
        http: Client,
        checkpoint: Checkpoint,
        sent_at: datetime,
    ) -> Finding:
        return CannotTell()
