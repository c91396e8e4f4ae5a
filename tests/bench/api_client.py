"""Posts through the API of a running `web`."""

from urllib3 import PoolManager

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

    def post(self, content: str, account_id: int) -> None:
        """Publish at once."""
        body = {"content": content, "account_ids": [account_id]}
        answer = self._pool.request("POST", f"{LOCAL.web_url}/api/v1/posts", json=body)
        if answer.status != 201:
            raise SystemExit(f"POST /posts: {answer.status} {answer.data[:300]!r}")
