"""A simulated video: made from an upload, processed on the networks' clock, returned in parts.

Settings: `processing_seconds`; `processing_result`, what processing ends with: `processed`,
`deleted`, `failed:REASON` or `rejected:REASON`; `privacy`, which overrides the one asked for.
"""

import base64
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from deploy.simulator.network import Network
from deploy.simulator.state.records import Account, Post
from deploy.simulator.state.video_facts import video_facts

PARTS = {
    "id",
    "snippet",
    "status",
    "contentDetails",
    "fileDetails",
    "processingDetails",
    "statistics",
    "localizations",
    "recordingDetails",
}
#: For the channel's owner only.
OWNERS_PARTS = {"fileDetails", "processingDetails"}
SHORT_SECONDS = 180


def make(network: Network, account: Account, session: dict[str, Any]) -> str:
    """Make a video of a complete upload; returns its id."""
    video_id = base64.urlsafe_b64encode(secrets.token_bytes(8)).decode().rstrip("=")
    sha256 = network.uploads.finish(session["file"])
    head = network.uploads.head(session["file"])
    is_readable = session["type"] != "video/mp4" or head[4:8] == b"ftyp"
    result = "processed" if is_readable else UNREADABLE
    short, now = _is_short(network.store.files / session["file"]), network.store.now()
    snippet, status = session["body"]["snippet"], session["body"].get("status", {})
    asked = status.get("privacyStatus", "public")
    network.store.publish(
        network.key,
        video_id,
        account.id,
        text=snippet.get("description", ""),
        media=(session["file"],),
        url=f"https://www.youtube.com/{'shorts/' if short else 'watch?v='}{video_id}",
        extra={
            "snippet": snippet,
            "status": status,
            "title": snippet["title"],
            "privacyStatus": network.setting(account.id, "privacy", asked),
            "selfDeclaredMadeForKids": status.get("selfDeclaredMadeForKids"),
            "notifySubscribers": session["notify"],
            "kind": "Short" if short else "",
            "processing_result": network.setting(account.id, "processing_result", result),
            "processedAt": now + network.setting(account.id, "processing_seconds", 1),
            "sha256": sha256,
            "fileName": session["slug"] or "unknown",
            "fileSize": str(session["size"]),
        },
        created_at=now,
    )
    return video_id


UNREADABLE = "failed:invalidFile"


def is_processed(network: Network, post: Post) -> bool:
    return bool(network.store.now() >= post.extra["processedAt"])


def resource(
    network: Network, post: Post, parts: tuple[str, ...], account: Account
) -> dict[str, Any]:
    """The video with those of the parts that it has."""
    known = {
        "snippet": _snippet(network, post, account),
        "status": _status(network, post),
        "processingDetails": {"processingStatus": _processing(network, post)},
        "contentDetails": {"licensedContent": False, "projection": "rectangular"},
        "statistics": _statistics(network, post),
        "fileDetails": {name: post.extra[name] for name in ("fileName", "fileSize")},
    }
    chosen = {part: known[part] for part in parts if part in known}
    return {"kind": "youtube#video", "etag": secrets.token_hex(8), "id": post.id, **chosen}


def _statistics(network: Network, post: Post) -> dict[str, str]:
    numbers = network.numbers(post)
    return {
        "viewCount": str(numbers.views),
        "likeCount": str(numbers.likes),
        "favoriteCount": "0",
        "commentCount": str(numbers.comments),
    }


def privacy(network: Network, post: Post) -> str:
    """Its privacy now: a private video with a `publishAt` becomes public then."""
    at = post.extra["status"].get("publishAt")
    due = at and datetime.fromisoformat(at).timestamp() <= network.store.now()
    return "public" if due else str(post.extra["privacyStatus"])


def _snippet(network: Network, post: Post, account: Account) -> dict[str, Any]:
    published_at = datetime.fromtimestamp(post.created_at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    set_thumbnail = network.store.get(network.key, "thumbnail", post.id)
    url = f"https://i.ytimg.com/vi/{post.id}/default.jpg"
    if set_thumbnail:
        url = f"/files/{set_thumbnail['file']}"
    return {
        **post.extra["snippet"],
        "publishedAt": published_at,
        "channelId": account.extra.get("returned_channel", post.account),
        "thumbnails": {"default": {"url": url, "width": 120, "height": 90}},
    }


def _status(network: Network, post: Post) -> dict[str, Any]:
    asked = post.extra["status"]
    status: dict[str, Any] = {
        "uploadStatus": "uploaded",
        "privacyStatus": privacy(network, post),
        "license": asked.get("license", "youtube"),
        "embeddable": asked.get("embeddable", True),
        "publicStatsViewable": asked.get("publicStatsViewable", True),
        "madeForKids": bool(post.extra["selfDeclaredMadeForKids"]),
    }
    for name in ("selfDeclaredMadeForKids", "containsSyntheticMedia"):
        if name in asked:
            status[name] = asked[name]
    if is_processed(network, post):
        word, _, reason = post.extra["processing_result"].partition(":")
        status["uploadStatus"] = word
        if reason:
            status["failureReason" if word == "failed" else "rejectionReason"] = reason
    return status


def _processing(network: Network, post: Post) -> str:
    if not is_processed(network, post):
        return "processing"
    return "failed" if post.extra["processing_result"].startswith("failed") else "succeeded"


def _is_short(path: Path) -> bool:
    """Return whether it is portrait or square, and at most three minutes long."""
    facts = video_facts(path)
    return facts.height >= facts.width > 0 and facts.seconds <= SHORT_SECONDS
