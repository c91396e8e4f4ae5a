"""LinkedIn."""

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


class LinkedIn(Adapter):
    key = "linkedin"
    name = "LinkedIn"
    limits = Limits(text_chars=3000, media_items=20, kinds=("image", "video", "document"))

    async def publish(
        self, draft: Draft, account: Credentials, http: Client, checkpoint: Checkpoint
    ) -> Outcome:
        raise Unsupported("LinkedIn is being connected.")

    async def find(
        self,
        draft: Draft,
        account: Credentials,
        http: Client,
        checkpoint: Checkpoint,
        sent_at: datetime,
    ) -> Finding:
        return CannotTell()
