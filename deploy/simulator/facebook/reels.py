"""Reels and stories of a simulated Page, the upload host they use, and resumable uploads."""

import time
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploy.simulator.facebook.posts import FacebookPosts
from deploy.simulator.facebook.videos import FacebookVideos, ai_label
from deploy.simulator.meta import graph
from deploy.simulator.meta.graph import GraphError, Handler, UploadError, chosen
from deploy.simulator.network import call
from deploy.simulator.state.records import Account

UPLOAD_HOST = "rupload.facebook.com"
DAY_SECONDS = 86400
REELS_PER_DAY = 30
REEL_FIELDS = (
    "upload_phase",
    "video_id",
    "video_state",
    "description",
    "title",
    "place",
    "scheduled_publish_time",
    "is_ai_generated",
)


class FacebookReels(FacebookPosts, FacebookVideos):
    def upload_routes(self) -> list[Route]:
        return [Route("/video-upload/{version}/{video}", self.put_bytes, methods=["POST"])]

    async def reels(self, request: Request) -> Response:
        return await self._phase(request, self.start_reel, self.finish_reel)

    async def video_stories(self, request: Request) -> Response:
        return await self._phase(request, self.start_story, self.finish_story)

    async def _phase(self, request: Request, start: Handler, finish: Handler) -> Response:
        phase = str(request.state.given.get("upload_phase", "")).lower()
        if phase not in ("start", "finish"):
            raise GraphError(100, "Param upload_phase must be one of {START, FINISH}")
        return await (start if phase == "start" else finish)(request)

    @call("start_reel")
    async def start_reel(self, request: Request, account: Account) -> Response:
        return self._start(request, account, "video_reels")

    @call("start_story")
    async def start_story(self, request: Request, account: Account) -> Response:
        return self._start(request, account, "video_stories")

    @call("finish_reel")
    async def finish_reel(self, request: Request, account: Account) -> Response:
        given = self.may_post(request, account, *REEL_FIELDS)
        video_id, video = self._uploaded(given, account, "video_reels")
        state = str(given.get("video_state", "")).upper()
        if state not in ("PUBLISHED", "DRAFT", "SCHEDULED"):
            raise GraphError(100, "Param video_state must be one of {DRAFT, PUBLISHED, SCHEDULED}")
        if video["finished_at"] is None:
            self._count_reel(account)
            self.finish(video_id, video, account, given, state == "PUBLISHED")
        return JSONResponse({"success": True})

    @call("finish_story")
    async def finish_story(self, request: Request, account: Account) -> Response:
        fields = ("upload_phase", "video_id", "video_state", "is_ai_generated")
        given = self.may_post(request, account, *fields)
        video_id, video = self._uploaded(given, account, "video_stories")
        if video["finished_at"] is None:
            number = self.finish(video_id, video, account, {}, True)
            video = self.own("video", video_id, account)
            if video["public"]:
                self._publish_story(
                    account, number, "video", video_id, video["file"], "", ai_label(given)
                )
        return JSONResponse({"success": True, "post_id": video["post_id"] or graph.new_id("122")})

    @call("photo_story")
    async def photo_story(self, request: Request, account: Account) -> Response:
        given = self.may_post(request, account, "photo_id")
        photo_id = str(given.get("photo_id", ""))
        self.check_photos([photo_id], account)
        photo, number = self.own("photo", photo_id, account), graph.new_id("122", 18)
        self.store.change(self.key, "photo", photo_id, used_by=number)
        self._publish_story(account, number, "photo", photo_id, photo["file"], photo["alt_text"])
        return JSONResponse({"success": True, "post_id": number})

    @call("list_stories")
    async def list_stories(self, request: Request, account: Account) -> Response:
        """Setting: `story_archive`; if false, nothing is listed."""
        self.own_page(request, account)
        self.allow(request, account, "pages_read_engagement")
        has_archive = self.setting(account.id, "story_archive", True)
        stories = [
            {
                "post_id": post.id,
                "status": "published",
                "creation_time": str(int(post.created_at)),
                "media_type": post.extra["media_type"],
                "media_id": post.extra["media_id"],
                "url": post.url,
            }
            for post in self.listed(account)
            if has_archive and post.extra.get("kind") == "Story"
        ]
        usual = "post_id,status,creation_time,media_type,media_id,url"
        return graph.paged(stories, request, lambda story: chosen(request, story, usual, "post_id"))

    @call("put_bytes")
    async def put_bytes(self, request: Request, account: Account) -> Response:
        """Raw bytes from `offset` on, or a `file_url`; needs an `OAuth` authorization."""
        self.check_version(request)
        video_id = request.path_params["video"]
        video = self.own("video", video_id, account)
        scheme = request.headers.get("authorization", "").partition(" ")[0]
        if scheme != "OAuth":
            raise UploadError(401, "NotAuthorizedError", "The authorization is not OAuth.")
        if video["uploaded"]:
            raise UploadError(400, "OffsetInvalidError", "The upload is complete.")
        if url := request.headers.get("file_url"):
            data = await self.fetch(url)
            (self.store.files / video["file"]).write_bytes(data)
        else:
            size = self.upload_span(request, video["file"])
            self.store.change(self.key, "video", video_id, size=size)
            await self.receive_rest(request, account, video["file"], size)
        size = self.uploads.size(video["file"])
        self.store.change(self.key, "video", video_id, uploaded=True, size=size)
        return JSONResponse({"success": True})

    def _start(self, request: Request, account: Account, edge: str) -> Response:
        self.may_post(request, account, "upload_phase")
        video_id = self.new_video(account, edge, 0)
        path = f"/video-upload/v26.0/{video_id}"
        url = self.public_url(request, UPLOAD_HOST, path)
        return JSONResponse({"video_id": video_id, "upload_url": url})

    def _uploaded(
        self, given: dict[str, Any], account: Account, edge: str
    ) -> tuple[str, dict[str, Any]]:
        video_id = str(given.get("video_id", ""))
        video = self.own("video", video_id, account)
        if video["edge"] != edge:
            raise self.missing()
        if not video["uploaded"]:
            raise GraphError(6000, "There was a problem uploading your video file.", 1363019)
        return video_id, video

    def _count_reel(self, account: Account) -> None:
        """Thirty a day through the API. Facebook does not document the error code."""
        window = f"reels:{account.id}"
        most = self.setting(account.id, "reels_per_day", REELS_PER_DAY)
        if len(self.recent(window, DAY_SECONDS)) >= most:
            raise GraphError(613, "Calls to this api have exceeded the rate limit.")
        self.note(window, DAY_SECONDS)

    def _publish_story(
        self,
        account: Account,
        number: str,
        media_type: str,
        media_id: str,
        file: str,
        alt: str,
        more: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        self.store.publish(
            self.key,
            number,
            account.id,
            text="",
            media=(file,),
            url=f"https://www.facebook.com/stories/{account.id}/{number}",
            extra={
                "kind": "Story",
                "media_type": media_type,
                "media_id": media_id,
                "alt": [alt] if alt else [],
                **more,
            },
        )

    @call("start_upload")
    async def start_upload(self, request: Request, account: Account) -> Response:
        """The first step of a resumable upload; needs a user's token."""
        given = self.given(request, "file_name", "file_length", "file_type")
        length = str(given.get("file_length", ""))
        if not length.isdigit() or given.get("file_type") not in ("video/mp4", "image/jpeg"):
            raise GraphError(100, "Invalid parameter: file_length or file_type")
        upload_id = f"upload:{graph.new_id('MT', 24)}"
        facts = {"file": self.uploads.begin("video/mp4"), "size": int(length)}
        self.store.put(self.key, "upload", upload_id, account.id, facts)
        return JSONResponse({"id": upload_id})

    @call("continue_upload")
    async def continue_upload(self, request: Request, account: Account) -> Response:
        """The offset of an upload, or more of its bytes; answers a handle when it is complete."""
        upload_id = request.path_params["node"]
        upload = self.store.get(self.key, "upload", upload_id)
        if upload is None:
            raise self.missing()
        stored = self.uploads.size(upload["file"])
        if request.method == "GET":
            return JSONResponse({"id": upload_id, "file_offset": stored})
        if request.headers.get("file_offset") != str(stored):
            raise UploadError(400, "OffsetInvalidError", f"The offset is {stored}.", retriable=True)
        with (self.store.files / upload["file"]).open("ab") as file:
            file.write(await request.body())
        if self.uploads.size(upload["file"]) != upload["size"]:
            raise UploadError(
                400, "PartialRequestError", "The request was cut off.", retriable=True
            )
        handle = f"4:{graph.new_id('h', 40)}"
        page = {"file": upload["file"], "at": time.time()}
        self.store.put(self.key, "handle", handle, account.id, page)
        return JSONResponse({"h": handle})
