"""Let the log forget calls about an account that is erased."""

import uuid

from posts.composing.extensions.lifecycle import AccountForgetter
from posts.features.request_log import retention


class Calls(AccountForgetter):
    def forget_account(self, workspace_id: uuid.UUID, number: int) -> int:
        return retention.forget_account(workspace_id, number)


HOOKS = (Calls(),)
