"""Delete a post. Source: docs.x.com, "Delete Post" (read 2026-11-26)."""

from http import HTTPStatus
from urllib.parse import quote

from platforms.drafts import Credentials
from platforms.http.client import Client
from platforms.outcomes import Removal
from platforms.x.publish import POSTS


async def remove(post_id: str, account: Credentials, http: Client) -> Removal:
    """Raises Rejected for a post that X refuses to delete, and PlatformError."""
    answer = await http.request(
        "DELETE",
        f"{POSTS}/{quote(post_id, safe='')}",
        headers=account.bearer,
        accept=(HTTPStatus.NOT_FOUND,),
    )
    if answer.status == HTTPStatus.NOT_FOUND:
        return "already_gone"
    if answer.take("data", "deleted") != "True":
        answer.unreadable("it did not say that the post is deleted")
    return "deleted"
