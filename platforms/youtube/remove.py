"""Delete a video. Source: YouTube Data API, videos.delete (read 2026-11-26)."""

from http import HTTPStatus

from platforms.drafts import Credentials
from platforms.http.client import Client
from platforms.outcomes import Removal
from platforms.youtube import errors
from platforms.youtube.lookup import API

NO_VIDEO = "videoNotFound"


async def remove(post_id: str, account: Credentials, http: Client) -> Removal:
    """Raises PlatformError, also for a 404 that does not say that the video is missing."""
    answer = await http.request(
        "DELETE",
        f"{API}/videos",
        params={"id": post_id},
        headers=account.bearer,
        accept=(HTTPStatus.NOT_FOUND,),
    )
    if answer.status != HTTPStatus.NOT_FOUND:
        return "deleted"
    if errors.reason(answer) != NO_VIDEO:
        raise http.refused(answer)
    return "already_gone"
