"""TikTok as its Content Posting API documents it: videos and photos, uploaded or fetched.

Calls, besides those of the base classes: user_info, creator_info, init (of a video),
inbox_init, photo_init.
Settings, for an account or in its `extra`: `privacy_level_options`, `private_account`,
`comment_disabled`, `duet_disabled`, `stitch_disabled`, `max_video_post_duration_sec`, `unaudited`,
`verified` (domains and URL prefixes that files may be fetched from).
"""

import secrets
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from deploy.simulator.demo import FOUR_IMAGES, Demo, DemoAccount, DemoPost
from deploy.simulator.network import call
from deploy.simulator.state import records
from deploy.simulator.state.records import Account
from deploy.simulator.tiktok import media
from deploy.simulator.tiktok.base import DAY_SECONDS, TikTokError, asked_fields, ok, read_body
from deploy.simulator.tiktok.init import inbox_problem, photo_problem, video_problem
from deploy.simulator.tiktok.media import URL_SECONDS, TikTokUploads
from deploy.simulator.tiktok.oauth import TikTokOAuthServer
from platforms.errors import PlatformError
from platforms.http.transport import Transport

SITE, API = "www.tiktok.com", "open.tiktokapis.com"
UPLOAD = "open-upload.tiktokapis.com"
PUBLIC_ACCOUNT = ["PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"]
PRIVATE_ACCOUNT = ["FOLLOWER_OF_CREATOR", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"]
#: Field of a user → the scope it needs.
USER_FIELDS = {
    **dict.fromkeys(("open_id", "union_id", "avatar_url", "display_name"), "user.info.basic"),
    "username": "user.info.profile",
    "follower_count": "user.info.stats",
}


DEMO = Demo(
    chosen={"privacyLevel": "PUBLIC_TO_EVERYONE"},
    accounts=(
        DemoAccount(
            "tiktok",
            "723f24d7-e717-40f8-a2b6-cb8464cd23b4",
            "Pigeon Post",
            "pigeonpost",
            is_called_by_handle=True,
        ),
    ),
    posts=(
        DemoPost("tiktok", "video, uploaded", ("upright.mp4",)),
        DemoPost(
            "tiktok", "video, fetched", ("upright.mp4",), settings={"transfer": "PULL_FROM_URL"}
        ),
        DemoPost("tiktok", "photos", FOUR_IMAGES),
    ),
)


class TikTokNetwork(TikTokUploads):
    demo = DEMO

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._transport = Transport(timeout_seconds=10)
        self._oauth = TikTokOAuthServer(self)

    async def close(self) -> None:
        await self._transport.close()

    def hosts(self) -> Mapping[str, list[Route]]:
        base = "/v2/post/publish"
        posts = {
            "/v2/video/list/": self.list_videos,
            "/v2/video/query/": self.query_videos,
            f"{base}/creator_info/query/": self.creator_info,
            f"{base}/video/init/": self.init,
            f"{base}/inbox/video/init/": self.inbox_init,
            f"{base}/content/init/": self.photo_init,
            f"{base}/status/fetch/": self.status,
            f"{base}/cancel/": self.cancel,
        }
        return {
            SITE: self._oauth.consent("/v2/auth/authorize/"),
            API: [
                *self._oauth.api(),
                Route("/v2/user/info/", self.user_info),
                *(Route(path, work, methods=["POST"]) for path, work in posts.items()),
            ],
            UPLOAD: [Route("/video/", self.put, methods=["PUT"])],
        }

    @call("user_info")
    async def user_info(self, request: Request, account: Account) -> Response:
        self.need(request, "user.info.basic")
        self.count(request, account, "user_info")
        token = self.token(request)
        fields = asked_fields(request)
        if not set(fields) <= set(USER_FIELDS):
            raise TikTokError(400, "invalid_params", "There is no such field.")
        if token is None or not all(token.allows(USER_FIELDS[field]) for field in fields):
            message = "The user did not authorize the scope of a field."
            raise TikTokError(400, "scope_permission_missed", message)
        facts = {
            "open_id": account.id,
            "union_id": f"union-{account.id}",
            "avatar_url": "https://example.com/avatar.jpg",
            "display_name": account.name,
            "username": account.username,
            "follower_count": records.followers(account.id, self.store.now()),
        }
        return ok(user={field: facts[field] for field in fields})

    @call("creator_info")
    async def creator_info(self, request: Request, account: Account) -> Response:
        self.need(request, "video.publish")
        self.count(request, account, "creator_info")
        if await read_body(request, optional=True):
            raise TikTokError(400, "invalid_params", "The body must be empty.")
        self._check_caps(account, status=200)
        return ok(
            creator_avatar_url="https://example.com/avatar.jpg",
            creator_username=account.username,
            creator_nickname=account.name,
            privacy_level_options=self._levels(account),
            comment_disabled=self.fact(account, "comment_disabled", False),
            duet_disabled=self.fact(account, "duet_disabled", False),
            stitch_disabled=self.fact(account, "stitch_disabled", False),
            max_video_post_duration_sec=self.fact(account, "max_video_post_duration_sec", 600),
        )

    @call("init")
    async def init(self, request: Request, account: Account) -> Response:
        self.need(request, "video.publish")
        self.count(request, account, "init")
        body = await read_body(request)
        _require(video_problem(body))
        self._check_post(account, body["post_info"])
        return await self._take_video(request, account, "video", body)

    @call("inbox_init")
    async def inbox_init(self, request: Request, account: Account) -> Response:
        self.need(request, "video.upload")
        self.count(request, account, "inbox_init")
        body = await read_body(request)
        _require(inbox_problem(body))
        self._check_pending(account)
        return await self._take_video(request, account, "inbox", body)

    @call("photo_init")
    async def photo_init(self, request: Request, account: Account) -> Response:
        body = await read_body(request)
        is_draft = body.get("post_mode") == "MEDIA_UPLOAD"
        self.need(request, "video.upload" if is_draft else "video.publish")
        self.count(request, account, "photo_init")
        _require(photo_problem(body))
        if is_draft:
            self._check_pending(account)
        else:
            self._check_post(account, body["post_info"])
        urls = body["source_info"]["photo_images"]
        extra = {"is_aigc": body.get("is_aigc", False)}
        extra["photo_cover_index"] = body["source_info"]["photo_cover_index"]
        kind = "inbox" if is_draft else "photo"
        publish_id = await self._pull(
            account, "p_pub_url~v2.", kind, urls, info=body["post_info"], also=extra
        )
        return ok(publish_id=publish_id)

    async def _take_video(
        self, request: Request, account: Account, kind: str, body: dict[str, Any]
    ) -> Response:
        source, info = body["source_info"], body.get("post_info", {})
        prefix = "v_inbox" if kind == "inbox" else "v_pub"
        if source["source"] == "PULL_FROM_URL":
            urls = [source["video_url"]]
            return ok(
                publish_id=await self._pull(account, f"{prefix}_url~v2.", kind, urls, info=info)
            )
        file_id = self.uploads.begin("video/mp4")
        facts = {"info": info, "source": source, "file": file_id}
        publish_id = self.begin(account, f"{prefix}_file~v2-1.", kind, **facts)
        upload_id, token = str(secrets.randbits(62)), secrets.token_hex(16)
        upload = {
            "token": token,
            "publish_id": publish_id,
            "ends_at": self.store.now() + URL_SECONDS,
        }
        self.store.put(self.key, "upload", upload_id, account.id, upload)
        path = f"/video/?upload_id={upload_id}&upload_token={token}"
        return ok(publish_id=publish_id, upload_url=self.public_url(request, UPLOAD, path))

    async def _pull(
        self, account: Account, prefix: str, kind: str, urls: list[str], **facts: Any
    ) -> str:
        """Fetch the files and post them; returns the publish id."""
        for url in urls:
            media.check_address(url, self.fact(account, "verified", None))
        publish_id = self.begin(account, prefix, kind, pulled=True, **facts)
        is_photo = prefix.startswith("p_")
        files, digests, reason, size = [], [], "", 0
        for url in urls:
            try:
                content = await media.fetch(self._transport, url)
            except PlatformError:
                reason = reason or ("photo_pull_failed" if is_photo else "video_pull_failed")
                continue
            check = media.check_photo if is_photo else media.check_video
            content_type, problem = check(content)
            reason, size = reason or problem, size + len(content)
            files.append(self.store.write_file(content, content_type))
            digests.append(self.uploads.finish(files[-1]))
        self.store.change(self.key, "publish", publish_id, bytes=size)
        self.complete(publish_id, account, files, digests, reason)
        return publish_id

    def _levels(self, account: Account) -> list[str]:
        is_private = self.fact(account, "private_account", False)
        usual = PRIVATE_ACCOUNT if is_private else PUBLIC_ACCOUNT
        return list(self.fact(account, "privacy_level_options", usual))

    def _check_post(self, account: Account, info: dict[str, Any]) -> None:
        self._check_caps(account, status=403)
        level = info["privacy_level"]
        is_private = self.fact(account, "private_account", False)
        if self.fact(account, "unaudited", False) and not (is_private and level == "SELF_ONLY"):
            code = "unaudited_client_can_only_post_to_private_accounts"
            raise TikTokError(403, code, "Unaudited clients can only post to private accounts.")
        if level not in self._levels(account):
            raise TikTokError(403, "privacy_level_option_mismatch", "Privacy level is not offered.")
        self.note("users", DAY_SECONDS, account.id)

    def _check_caps(self, account: Account, status: int) -> None:
        """Raises TikTokError at a cap. The creator info reports caps with status 200."""
        posts = self.recent(f"posts:{account.id}", DAY_SECONDS)
        if len(posts) >= self.limit(account, "posts_per_day"):
            message = "The daily post cap is reached."
            raise TikTokError(status, "spam_risk_too_many_posts", message)
        others = {who for _, who in self.recent("users", DAY_SECONDS)} - {account.id}
        if len(others) >= self.limit(account, "users_per_day"):
            message = "The daily quota for active users is reached."
            raise TikTokError(status, "reached_active_user_cap", message)

    def _check_pending(self, account: Account) -> None:
        ids = [value for _, value in self.recent(f"publishes:{account.id}", DAY_SECONDS)]
        facts = [self.store.get(self.key, "publish", publish_id) or {} for publish_id in ids]
        is_done = self.fact(account, "inbox_done", False)
        pending = sum(found.get("kind") == "inbox" for found in facts) * (not is_done)
        if pending >= self.limit(account, "pending_shares"):
            message = "There are too many pending shares."
            raise TikTokError(403, "spam_risk_too_many_pending_share", message)


def _require(problem: str) -> None:
    if problem:
        raise TikTokError(400, "invalid_params", problem)
