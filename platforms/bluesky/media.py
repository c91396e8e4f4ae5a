"""Upload a draft's files: images to the account's server, a video to the service that encodes it.

The checkpoint's `files` has the reference of each by its key, `job` the video's. Nothing of it is
public before a record holds it.

Source: lexicons com.atproto.repo.uploadBlob, app.bsky.embed.images, app.bsky.embed.gallery,
app.bsky.embed.video; https://docs.bsky.app/docs/tutorials/video (read 2026-11-30).
"""

from functools import partial
from typing import Any
from urllib.parse import urlencode, urlsplit

from platforms import clock
from platforms.adapter import Call
from platforms.bluesky.pds import Pds
from platforms.checkpoint import Checkpoint
from platforms.drafts import Media
from platforms.errors import Rejected, Unavailable
from platforms.http.client import Answer
from platforms.http.uploads import stream
from platforms.outcomes import Processing

SERVICE = "https://video.bsky.app/xrpc"
#: Posts with more images than this show them as a gallery.
IMAGES = 4
#: How long the right to upload a video is asked for.
GRANT_SECONDS = 30 * 60
#: How often a job is asked for, and how long it may take before the video is uploaded again.
CHECK_SECONDS, STUCK_SECONDS = 2.0, 1800
FAILED = "JOB_STATE_FAILED"
#: How the service answers a video that it does not take, and one that it has: with its job.
REFUSED, KNOWN = (400, 401, 403, 413), 409
#: Why a job failed for good.
UNFIT = frozenset({"validation_failure", "encoding_failure", "pds_upload_unsupported_blob_size"})


async def upload(call: Call, pds: Pds) -> dict[str, Any] | Processing:
    """Return the references to all files by their keys; Processing while the video is encoded."""
    files: dict[str, Any] = call.checkpoint.setdefault("files", {})
    for item in call.draft.media:
        if item.key in files:
            continue
        if item.kind == "video":
            blob = await _video(item, call, pds)
            if isinstance(blob, Processing):
                return blob
            files[item.key] = blob
        else:
            opened = partial(stream, item)
            files[item.key] = await pds.send_file(item.content_type, item.size_bytes, opened)
        await call.checkpoint.save()
    return files


async def forget(checkpoint: Checkpoint) -> None:
    """Have all files uploaded again."""
    await checkpoint.save(files={}, job=None)


def embed(files: tuple[Media, ...], blobs: dict[str, Any]) -> dict[str, Any] | None:
    """Return what a post holds of its files; None without any."""
    if not files:
        return None
    if files[0].kind == "video":
        alt = {"alt": files[0].alt_text} if files[0].alt_text else {}
        video = {"$type": "app.bsky.embed.video", "video": blobs[files[0].key]}
        return {**video, **alt, **_shape(files[0])}
    images = [{"image": blobs[item.key], "alt": item.alt_text, **_shape(item)} for item in files]
    if len(files) <= IMAGES:
        return {"$type": "app.bsky.embed.images", "images": images}
    # A gallery wants the shape of each.
    typed = {"$type": "app.bsky.embed.gallery#image", "aspectRatio": {"width": 1, "height": 1}}
    return {"$type": "app.bsky.embed.gallery", "items": [{**typed, **each} for each in images]}


def _shape(item: Media) -> dict[str, Any]:
    if not item.width or not item.height:
        return {}
    return {"aspectRatio": {"width": item.width, "height": item.height}}


async def _video(item: Media, call: Call, pds: Pds) -> dict[str, Any] | Processing:
    job = call.checkpoint.get("job")
    if not job:
        answer = await _send_video(item, call, pds)
        job = {"id": _status_of(answer).get("jobId"), "since": clock.unix_seconds()}
        if not job["id"]:
            answer.unreadable("it named no job")
        await call.checkpoint.save(job=job)
    else:
        query = {"jobId": str(job["id"])}
        answer = await call.http.get(f"{SERVICE}/app.bsky.video.getJobStatus", params=query)
    status = _status_of(answer)
    if isinstance(status.get("blob"), dict):
        return dict(status["blob"])
    if status.get("state") == FAILED:
        await call.checkpoint.save(job=None)
        raise _failed(status, answer)
    if clock.unix_seconds() - job["since"] > STUCK_SECONDS:
        await call.checkpoint.save(job=None)
        raise Unavailable(
            "Bluesky did not finish processing the video.", code="media_processing_failed"
        )
    return Processing(after_seconds=CHECK_SECONDS)


async def _send_video(item: Media, call: Call, pds: Pds) -> Answer:
    """Send the video, in the name of the account, whose server grants that."""
    granted = await pds.read(
        "com.atproto.server.getServiceAuth",
        aud=f"did:web:{urlsplit(pds.url).hostname}",
        lxm="com.atproto.repo.uploadBlob",
        exp=str(int(clock.unix_seconds()) + GRANT_SECONDS),
    )
    token = granted.take("token")
    call.http.hide(token)
    query = urlencode({"did": pds.did, "name": f"{call.checkpoint['rkeys'][0]}.mp4"})
    answer = await call.http.post(
        f"{SERVICE}/app.bsky.video.uploadVideo?{query}",
        headers={
            "Authorization": f"Bearer {token}",
            "Content-Type": item.content_type,
            "Content-Length": str(item.size_bytes),
        },
        content=stream(item),
        accept=(*REFUSED, KNOWN),
    )
    if answer.status in REFUSED:
        # It says nothing about the account's authorization, which the account's server gave.
        said = answer.error_body().get("message") or answer.status
        raise Rejected(
            f"Bluesky's video service refused the video: {said}",
            code="media_rejected",
            http_status=answer.status,
            body=answer.text,
        )
    return answer


def _status_of(answer: Answer) -> dict[str, Any]:
    """Return the job's status; the service leaves out the object around it when it is uploaded."""
    body = answer.json_object()
    inner = body.get("jobStatus")
    return inner if isinstance(inner, dict) else body


def _failed(status: dict[str, Any], answer: Answer) -> Rejected | Unavailable:
    code = str(status.get("failureCode") or status.get("error") or "")
    said = answer.redact(str(status.get("message") or status.get("error") or ""))
    if code in UNFIT:
        return Rejected(
            f"Bluesky cannot use the video: {said}",
            code="media_rejected",
            platform_code=code,
            body=answer.text,
        )
    return Unavailable(
        f"Bluesky could not process the video: {said}",
        code="media_processing_failed",
        platform_code=code,
        body=answer.text,
    )
