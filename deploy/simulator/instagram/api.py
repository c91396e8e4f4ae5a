"""Instagram: images, carousels, reels, stories and comments. Calls: see
`meta/containers.py` and `meta/insights.py`, and `comment`, `list_comments`, `list_stories`,
`upload`, `accounts`.

`extra` of an account: `account_type` (BUSINESS), `login` (`facebook`: its token is its Page's),
`person` (the owner, who sees all of theirs through Facebook), `page`, `tasks`, `portfolio` (true:
its Page belongs to a business and is left out of the person's list).
Settings: those of `meta/containers.py`, `container_quota` (400 in 24 hours), `publish_twice` also
`not_ready`, and those of `facebook.py`.
"""

import re
import secrets
from collections.abc import Mapping
from dataclasses import astuple
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from deploy.simulator.demo import FOUR_IMAGES, Demo, DemoAccount, DemoPost
from deploy.simulator.instagram.comments import InstagramComments
from deploy.simulator.instagram.facebook import InstagramByFacebook
from deploy.simulator.meta import graph
from deploy.simulator.meta.container_files import LEAST_WIDTH, MEGABYTE, VideoLimits
from deploy.simulator.meta.containers import DAY_SECONDS
from deploy.simulator.meta.graph import GraphError, is_true, require_known
from deploy.simulator.meta.insights import ContainerInsights
from deploy.simulator.meta.oauth import LongLivedOAuthServer
from deploy.simulator.network import call
from deploy.simulator.state import records
from deploy.simulator.state.records import Account, Post

CAPTION_CHARS, HASHTAGS, MENTIONS, ALT_TEXT_CHARS = 2200, 30, 20, 1000
IMAGE_BYTES = 8 * MEGABYTE
CONTAINERS = 400
#: A story that fewer people have seen has no insights.
STORY_VIEWERS = 5
REEL = VideoLimits(300 * MEGABYTE, 3, 900, 0.01, 10)
STORY = VideoLimits(100 * MEGABYTE, 3, 60, 0.1, 10)
#: media_type → its parameters; "" is a single image.
ABOUT = {"caption", "location_id", "collaborators", "user_tags", "is_ai_generated"}
VIDEO = {"video_url", "upload_type"}
PARAMETERS = {
    "": {"image_url", "alt_text", *ABOUT},
    "REELS": {
        *VIDEO, *ABOUT, "share_to_feed", "cover_url", "thumb_offset", "audio_name", "trial_params",
    },
    "STORIES": {"image_url", *VIDEO, "is_ai_generated"},
    "CAROUSEL": {"children", *ABOUT},
    "child": {"image_url", "alt_text", *VIDEO, "is_carousel_item", "user_tags"},
}  # fmt: skip
STRATEGIES = ("MANUAL", "SS_PERFORMANCE")


DEMO = Demo(
    accounts=(
        DemoAccount(
            "instagram",
            "17841400008460056",
            "Pigeon Post",
            "pigeonpost",
            is_called_by_handle=True,
        ),
        DemoAccount(
            "instagram",
            "17841400008460057",
            "Pigeon Post Studio",
            "pigeonpoststudio",
            is_called_by_handle=True,
            simulator_extra={"login": "facebook"},
            login="facebook",
            spare=True,
        ),
    ),
    posts=(
        DemoPost("instagram", "image", ("noon.jpg",)),
        DemoPost("instagram", "PNG, sent as JPEG", ("drawing.png",)),
        DemoPost("instagram", "carousel of images", FOUR_IMAGES),
        DemoPost("instagram", "carousel with a video", ("morning.jpg", "upright.mp4")),
        DemoPost("instagram", "reel", ("upright.mp4",), "Reels"),
        DemoPost("instagram", "story, image", ("upright.jpg",), "Story"),
        DemoPost("instagram", "story, video", ("upright.mp4",), "Story"),
        DemoPost("instagram", "first comment", ("evening.jpg",), settings={"firstComment": "Coo!"}),
        DemoPost("instagram", "image, by Facebook", ("noon.jpg",), account=1),
        DemoPost("instagram", "reel, by Facebook", ("upright.mp4",), "Reels", account=1),
    ),
    simulator_settings={"quota": 100_000, "container_quota": 100_000},
)


class InstagramNetwork(InstagramByFacebook, InstagramComments, ContainerInsights):
    demo = DEMO
    key = "instagram"
    name, colour = "Instagram", "#c13584"
    versions = frozenset(f"v{number}.0" for number in range(21, 27))
    throttle_code = 80002
    bad_header = "InvalidRequestError"
    quota = 50
    most_children = 10
    scopes = {
        "read": ("instagram_business_basic", "instagram_basic"),
        "publish": ("instagram_business_content_publish", "instagram_content_publish"),
        "insights": ("instagram_business_manage_insights", "instagram_manage_insights"),
        "comment": ("instagram_business_manage_comments", "instagram_manage_comments"),
    }

    def hosts(self) -> Mapping[str, list[Route]]:
        login = LongLivedOAuthServer(
            self, prefix="ig", mark="IGA", basic="instagram_business_basic"
        )
        pages = login.consent("/oauth/authorize")
        return {
            "www.instagram.com": pages,
            "api.instagram.com": [
                *pages,
                Route("/oauth/access_token", login.redeem_code, methods=["POST"]),
            ],
            "graph.instagram.com": [
                Route("/access_token", login.exchange),
                Route("/refresh_access_token", login.refresh),
                self.route("/me", GET=self.me),
                *self._edges(),
                self.route("/{id}", GET=self.read),
            ],
            **self.facebook_hosts(self._edges()),
        }

    def _edges(self) -> list[Route]:
        """The edges of an account and of a post, the same at both hosts."""
        return [
            self.route("/{user}/media", POST=self.create_container, GET=self.list_posts),
            self.route("/{user}/stories", GET=self.list_stories),
            self.route("/{user}/media_publish", POST=self.publish),
            self.route("/{user}/content_publishing_limit", GET=self.read_quota),
            self.route("/{id}/insights", GET=self.insights),
            self.route("/{id}/comments", POST=self.comment, GET=self.list_comments),
        ]

    # Containers

    async def container(
        self, given: dict[str, Any], account: Account, request: Request
    ) -> dict[str, Any]:
        self._count_containers(account)
        kind = str(given.pop("media_type", ""))
        is_child = is_true(given.get("is_carousel_item"))
        kind = "" if kind == "IMAGE" else kind
        if is_child and kind not in ("", "VIDEO"):
            raise GraphError(100, "Only images and videos can be carousel items.", 2207023)
        if not is_child and kind not in PARAMETERS:
            raise GraphError(100, "Param media_type is not supported.", 2207023)
        require_known(given, PARAMETERS["child" if is_child else kind])
        _check_about(given)
        facts: dict[str, Any] = {
            "text": str(given.get("caption", "")),
            "is_child": is_child,
            "extra": {
                "product": _product(kind, is_child),
                "kind": {"REELS": "Reel", "STORIES": "Story"}.get(kind, ""),
                **_stored(given),
            },
        }
        if kind == "CAROUSEL":
            carousel = self.carousel(given, account)
            facts["extra"]["children"] = carousel.pop("children")
            return {**facts, "kind": "CAROUSEL_ALBUM", **carousel}
        if kind in ("VIDEO", "REELS") or (kind == "STORIES" and VIDEO & given.keys()):
            rule = STORY if kind == "STORIES" else REEL
            return {**facts, **await self._video(given, rule, request)}
        return {**facts, **await self._image(given, is_free=kind == "STORIES")}

    async def _image(self, given: dict[str, Any], *, is_free: bool) -> dict[str, Any]:
        alt_text = str(given.get("alt_text", ""))
        if len(alt_text) > ALT_TEXT_CHARS:
            raise GraphError(100, "Param alt_text must be no longer than 1000 characters")
        data = await self.fetched(given, "image_url")
        if len(data) > IMAGE_BYTES:
            raise GraphError(36000, "The image size is too large.", 2207004)
        kind, width, ratio = graph.image_facts(data)
        if kind != "JPEG" or width < LEAST_WIDTH:
            raise GraphError(36001, "The image format is not supported.", 2207005)
        if not is_free and not 0.795 <= ratio <= 1.915:
            raise GraphError(36003, "The aspect ratio is not supported.", 2207009)
        file = self.store.write_file(data, "image/jpeg")
        return {"kind": "IMAGE", "media": [file], "alt": [alt_text]}

    async def _video(
        self, given: dict[str, Any], rule: VideoLimits, request: Request
    ) -> dict[str, Any]:
        facts: dict[str, Any] = {"kind": "VIDEO", "alt": [""], "rule": list(astuple(rule))}
        if "upload_type" in given:
            return {**facts, **self.begin(given, request)}
        return {**facts, **await self.fetched_video(given, rule, "2207026")}

    def _count_containers(self, account: Account) -> None:
        window = f"containers:{account.id}"
        most = self.setting(account.id, "container_quota", CONTAINERS)
        if len(self.recent(window, DAY_SECONDS)) >= most:
            raise GraphError(9, "The account has made too many containers.", 2207042)
        self.note(window, DAY_SECONDS)

    # Fields

    def container_facts(self, container_id: str, found: dict[str, Any]) -> dict[str, Any]:
        state = self.state(found)
        message = f"Error: Media upload has failed with error code {found['failed']}"
        status = message if state == "ERROR" else f"{state.title()}: Media has been uploaded."
        return {
            "id": container_id,
            "status_code": state,
            "status": status,
            "video_status": self.progress(found),
        }

    def own_facts(self, account: Account) -> dict[str, Any]:
        return {
            "id": f"2{account.id[1:]}",
            "user_id": account.id,
            "username": account.username,
            "name": account.name or None,
            "account_type": account.extra.get("account_type", "BUSINESS"),
            "profile_picture_url": "https://scontent.cdninstagram.com/v/picture.jpg",
            "followers_count": records.followers(account.id, self.store.now()),
        }

    def post_facts(self, post: Post) -> dict[str, Any]:
        return {
            **super().post_facts(post),
            "media_product_type": post.extra["product"],
            "caption": post.text or None,
            "comments_count": len(self.comments(post.id)) + self.numbers(post).comments,
            "like_count": self.numbers(post).likes,
            "is_ai_generated": post.extra.get("is_ai_generated", False),
            "is_comment_enabled": True,
        }

    def insight_values(self, post: Post) -> Mapping[str, int]:
        numbers = self.numbers(post)
        if post.extra["product"] == "STORY" and numbers.views < STORY_VIEWERS:
            raise GraphError(10, "Not enough viewers for the media to show insights")
        return {"views": numbers.views, "reach": numbers.views, "shares": numbers.shares}

    def not_publishable(self, state: str, twice: str) -> GraphError:
        if state == "IN_PROGRESS" or twice == "not_ready":
            return GraphError(9007, "Media ID is not available", 2207027)
        if state == "EXPIRED":
            return GraphError(-2, "The media container has expired.", 2207020)
        return GraphError(24, "The media container does not exist.", 2207008)

    def bad_children(self) -> GraphError:
        return GraphError(100, "A carousel needs 2 to 10 finished items.", 2207028)

    def over_quota(self) -> GraphError:
        return GraphError(9, "The account has reached its publishing limit.", 2207042)

    def permalink(self, account: Account, found: Mapping[str, Any]) -> str:
        code, product = secrets.token_urlsafe(8), found["extra"]["product"]
        if product == "STORY":
            return f"https://www.instagram.com/stories/{account.username}/{graph.new_id('3')}"
        return f"https://www.instagram.com/{'reel' if product == 'REELS' else 'p'}/{code}/"

    @call("list_posts")
    async def list_posts(self, request: Request, account: Account) -> Response:
        return self.listing(request, account, lambda extra: extra["product"] != "STORY")

    @call("list_stories")
    async def list_stories(self, request: Request, account: Account) -> Response:
        return self.listing(request, account, lambda extra: extra["product"] == "STORY")


def _product(kind: str, is_child: bool) -> str:
    return {"REELS": "REELS", "STORIES": "STORY"}.get(kind, "FEED") if not is_child else ""


def _stored(given: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters that are stored with the post for testers."""
    names = ("collaborators", "location_id", "share_to_feed", "thumb_offset", "audio_name")
    noted = {name: given[name] for name in (*names, "trial_params") if name in given}
    return {**noted, **({"is_ai_generated": True} if is_true(given.get("is_ai_generated")) else {})}


def _check_about(given: Mapping[str, Any]) -> None:
    caption = str(given.get("caption", ""))
    hashtags = re.findall(r"(?<!\w)#\w+", caption)
    if len(caption) > CAPTION_CHARS or len(hashtags) > HASHTAGS:
        raise GraphError(36004, "The caption is too long.", 2207010)
    if len(re.findall(r"(?<!\w)@\w+", caption)) > MENTIONS:
        raise GraphError(100, "The caption holds too many tags.", 2207040)
    if len(given.get("collaborators", ())) > 3 and not isinstance(given["collaborators"], str):
        raise GraphError(100, "Param collaborators must hold at most 3 usernames.")
    if not re.fullmatch(r"\d*", str(given.get("location_id", ""))):
        raise GraphError(100, "INSTAGRAM_PLATFORM_API__INVALID_LOCATION_ID")
    trial = given.get("trial_params")
    if trial is not None and trial.get("graduation_strategy") not in STRATEGIES:
        raise GraphError(100, "Param trial_params must name a graduation_strategy.")
