"""Facebook."""

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


class Facebook(Adapter):
    key = "facebook"
    name = "Facebook"
    limits = Limits(text_chars=63206, media_items=10, kinds=("image", "video"))

    async def publish(
        self, draft: Draft, account: Credentials, http: Client, checkpoint: Checkpoint
    ) -> Outcome:
        raise Unsupported("Facebook is being connected.")

    async def find(
        self,
        draft: Draft,
        account: Credentials,
        http: Client,
        checkpoint: Checkpoint,
        sent_at: datetime,
    ) -> Finding:
        return CannotTell()
