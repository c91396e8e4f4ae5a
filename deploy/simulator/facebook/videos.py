"""Videos of a simulated Page: uploads, processing, status.

Settings: `processing_seconds`, `processing_error` {code, message} (how processing ends),
`reels_per_day` (30), `chunk_bytes` (how many bytes Facebook asks for at a time).
"""

import time
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from deploy.simulator.facebook.page import TEXT_CHARS, FacebookInsights
from deploy.simulator.meta import graph
from deploy.simulator.meta.graph import GraphError, chosen, is_true
from deploy.simulator.network import call
from deploy.simulator.state.records import Account
from deploy.simulator.state.video_facts import video_facts

CHUNK_BYTES, MOST_BYTES = 4 * 1024 * 1024, 10 * 1024**3
PROCESSING_SECONDS = 0.3
WRONG_OFFSET = 1363037
PHASES = ("start", "transfer", "finish", "cancel")
VIDEO_FIELDS = (
    "upload_phase",
    "upload_session_id",
    "file_size",
    "start_offset",
    "video_file_chunk",
    "description",
    "title",
    "published",
    "file_url",
    "fbuploader_video_file_chunk",
    "source",
    "thumb",
    "unpublished_content_type",
    "is_ai_generated",
)
#: How long a video may be, in seconds, by edge.
SECONDS = {"video_reels": (3, 90), "video_stories": (3, 60), "videos": (0, 4 * 3600)}


class FacebookVideos(FacebookInsights):
    async def videos(self, request: Request) -> Response:
        """The four phases of a chunked upload; without a phase, a whole video."""
        phase = str(request.state.given.get("upload_phase", "")).lower()
        phases = {
            "start": self.start_video,
            "transfer": self.transfer_video,
            "finish": self.finish_video,
            "cancel": self.cancel_video,
            "": self.whole_video,
        }
        if phase not in phases:
            raise GraphError(100, f"Param upload_phase must be one of {{{', '.join(PHASES)}}}")
        return await phases[phase](request)

    @call("start_video")
    async def start_video(self, request: Request, account: Account) -> Response:
        given = self.may_post(request, account, *VIDEO_FIELDS)
        size = str(given.get("file_size", ""))
        if not size.isdigit() or not 0 < int(size) <= MOST_BYTES:
            raise GraphError(100, "Param file_size must be a positive number")
        video_id = self.new_video(account, "videos", int(size))
        session = graph.new_id("9", 16)
        self.store.put(self.key, "session", session, account.id, {"video": video_id})
        ids = {"video_id": video_id, "upload_session_id": session}
        return JSONResponse({**ids, **self._next_range(account, int(size), 0)})

    @call("transfer_video")
    async def transfer_video(self, request: Request, account: Account) -> Response:
        given = self.may_post(request, account, *VIDEO_FIELDS)
        video_id, video = self._session(given, account)
        data, stored = given.get("video_file_chunk"), self.uploads.size(video["file"])
        expected = self._next_range(account, video["size"], stored)
        if not isinstance(data, bytes) or not data:
            raise GraphError(6001, "There was a problem uploading your video. Please try again.")
        if str(given.get("start_offset", "")) != expected["start_offset"]:
            message = "Your video upload offset is wrong."
            raise GraphError(100, message, WRONG_OFFSET, error_data=expected)
        if stored + len(data) > int(expected["end_offset"]):
            raise GraphError(6001, "There was a problem uploading your video. Please try again.")
        with (self.store.files / video["file"]).open("ab") as file:
            file.write(data)
        stored += len(data)
        if stored == video["size"]:
            self.store.change(self.key, "video", video_id, uploaded=True)
        return JSONResponse(self._next_range(account, video["size"], stored))

    @call("finish_video")
    async def finish_video(self, request: Request, account: Account) -> Response:
        given = self.may_post(request, account, *VIDEO_FIELDS)
        video_id, video = self._session(given, account)
        if not video["uploaded"]:
            raise GraphError(6000, "There was a problem uploading your video file.", 1363019)
        if video["finished_at"] is None:
            self.finish(video_id, video, account, given, is_true(given.get("published", True)))
        return JSONResponse({"success": True})

    @call("cancel_video")
    async def cancel_video(self, request: Request, account: Account) -> Response:
        given = self.may_post(request, account, *VIDEO_FIELDS)
        video_id, _ = self._session(given, account)
        self.store.put(self.key, "video", video_id, "", {})
        return JSONResponse({"success": True})

    @call("whole_video")
    async def whole_video(self, request: Request, account: Account) -> Response:
        """A video by URL, by the handle of an upload, or as a file of the form."""
        given = self.may_post(request, account, *VIDEO_FIELDS)
        handle = self.store.get(self.key, "handle", str(given.get("fbuploader_video_file_chunk")))
        if isinstance(given.get("source"), bytes):
            file = self.store.write_file(given["source"], "video/mp4")
        elif handle and handle["account"] == account.id:
            file = handle["file"]
        elif given.get("file_url"):
            try:
                data = await self.fetch(str(given["file_url"]))
            except GraphError:
                message = "Unable to fetch video file from URL."
                raise GraphError(389, message, 1363057) from None
            file = self.store.write_file(data, "video/mp4")
        else:
            raise GraphError(100, "No video file was given.", 1363022)
        video_id = self.new_video(account, "videos", self.uploads.size(file), file)
        video = self.own("video", video_id, account)
        self.finish(video_id, video, account, given, is_true(given.get("published", True)))
        return JSONResponse({"id": video_id})

    @call("read_video")
    async def read_video(self, request: Request, account: Account) -> Response:
        video_id = request.path_params["node"]
        self.allow(request, account, "pages_read_engagement")
        video = self.own("video", video_id, account)
        status = self._status(video)
        facts = {
            "id": video_id,
            "status": status,
            "published": video["public"] and status["video_status"] == "ready",
            "post_id": video["post_id"] or None,
            "title": video.get("title") or None,
            "description": video.get("description") or None,
            "created_time": graph.timestamp(video["created_at"]),
            "permalink_url": f"/{account.id}/videos/{video_id}/",
        }
        if video["edge"] == "video_reels":
            facts["permalink_url"] = f"/reel/{video_id}/"
        counts = self.counts(request, video_id, account)
        facts |= {name: counts[name] for name in ("views", "likes", "comments")}
        return JSONResponse(chosen(request, facts))

    def new_video(self, account: Account, edge: str, size: int, file: str = "") -> str:
        video_id = graph.new_id("14", 16)
        facts = {
            "edge": edge,
            "file": file or self.uploads.begin("video/mp4"),
            "size": size,
            "uploaded": bool(file),
            "finished_at": None,
            "public": False,
            "post_id": "",
            "error": None,
            "created_at": time.time(),
        }
        self.store.put(self.key, "video", video_id, account.id, facts)
        return video_id

    def finish(
        self,
        video_id: str,
        video: Mapping[str, Any],
        account: Account,
        given: Mapping[str, Any],
        public: bool,
    ) -> str:
        """Start processing; how it ends is decided now. Returns the id of the post."""
        text = {name: str(given.get(name, "")) for name in ("title", "description")}
        if len(text["description"]) > TEXT_CHARS:
            raise GraphError(100, "Param description is too long")
        self.uploads.finish(video["file"])
        edge, error = video["edge"], self.setting(account.id, "processing_error", None)
        error = error or _problem(self.store.files / video["file"], edge)
        number = graph.new_id("122", 18)
        seconds = self.setting(account.id, "processing_seconds", PROCESSING_SECONDS)
        self.store.change(
            self.key,
            "video",
            video_id,
            finished_at=time.time(),
            ready_at=time.time() + seconds,
            public=public and not error,
            error=error,
            post_id=number if public and not error else "",
            **text,
        )
        if public and not error and edge != "video_stories":
            self._publish_video(video_id, video, account, text, ai_label(given))
        return number

    def _publish_video(
        self,
        video_id: str,
        video: Mapping[str, Any],
        account: Account,
        text: Mapping[str, str],
        label: Mapping[str, bool],
    ) -> None:
        is_reel = video["edge"] == "video_reels"
        path = f"reel/{video_id}" if is_reel else f"{account.id}/videos/{video_id}"
        self.store.publish(
            self.key,
            video_id,
            account.id,
            text=text["description"],
            media=(video["file"],),
            url=f"https://www.facebook.com/{path}/",
            extra={"kind": "Reel" if is_reel else "", "title": text["title"], **label},
        )

    def _session(self, given: Mapping[str, Any], account: Account) -> tuple[str, dict[str, Any]]:
        session = self.store.get(self.key, "session", str(given.get("upload_session_id", "")))
        if session is None or session["account"] != account.id:
            raise GraphError(100, "Invalid upload session", 1363030)
        return session["video"], self.own("video", session["video"], account)

    def _next_range(self, account: Account, size: int, stored: int) -> dict[str, str]:
        chunk = self.setting(account.id, "chunk_bytes", CHUNK_BYTES)
        return {"start_offset": str(stored), "end_offset": str(min(stored + chunk, size))}

    def _status(self, video: Mapping[str, Any]) -> dict[str, Any]:
        stored = self.uploads.size(video["file"])
        uploading: dict[str, Any] = {
            "status": "complete" if video["uploaded"] else "in_progress",
            "bytes_transferred": stored,
        }
        if video["size"]:
            uploading["source_file_size"] = video["size"]
        processing: dict[str, Any] = {"status": "not_started"}
        publishing: dict[str, Any] = {"status": "not_started"}
        word = "upload_complete" if video["uploaded"] else "uploading"
        if video["finished_at"] is not None:
            word, processing["status"] = "processing", "in_progress"
            if time.time() >= video["ready_at"]:
                word, processing["status"] = "ready", "complete"
                publishing["status"] = "complete"
                publishing["publish_status"] = "published" if video["public"] else "draft"
                if video["error"]:
                    word, processing["status"] = "error", "error"
                    processing["errors"] = [video["error"]]
                    publishing = {"status": "not_started"}
        return {
            "video_status": word,
            "uploading_phase": uploading,
            "processing_phase": processing,
            "publishing_phase": publishing,
        }


def ai_label(given: Mapping[str, Any]) -> dict[str, bool]:
    """The mark of a post that says that it was made with AI."""
    return {"is_ai_generated": True} if is_true(given.get("is_ai_generated")) else {}


def _problem(path: Any, edge: str) -> dict[str, Any] | None:
    """The error that processing a file ends with, or None."""
    shortest, longest = SECONDS[edge]
    facts = video_facts(path)
    if not facts.height:
        return {"code": 352, "message": "The video file has a format that is not supported."}
    if not shortest - 0.1 <= facts.seconds <= longest + 0.5:
        return {"code": 1363128, "message": "The video is too short or too long."}
    if edge != "videos" and (facts.width < 540 or facts.height < 960):
        return {"code": 1363127, "message": "The video's resolution is too small."}
    if edge != "videos" and abs(facts.width / facts.height - 9 / 16) > 0.02:
        return {"code": 1363129, "message": "The video's aspect ratio is not 9 by 16."}
    if edge != "videos" and not 23 <= facts.fps <= 60.5:
        return {"code": 1363040, "message": "The video's frame rate is not 24 to 60."}
    return None
