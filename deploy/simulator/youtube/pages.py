"""YouTube's other calls: the channel, its uploads, videos, categories, thumbnails.

Settings: `channel`, `none` or `signup` for a Google account without one; `listing_lag_seconds`,
how long a new video is missing from the list of uploads; `phone_verified`, without which no
thumbnail can be set; `thumbnails_per_day`; `subscribers_hidden`.
"""

from functools import partial

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploy.simulator.network import Network, call
from deploy.simulator.state import records
from deploy.simulator.state.records import Account
from deploy.simulator.youtube import video
from deploy.simulator.youtube.metadata import CATEGORIES
from deploy.simulator.youtube.wire import (
    MANAGE,
    READ,
    UPLOAD,
    DataError,
    admit,
    count,
    parts_of,
    spend,
)

PICTURE_BYTES = 50 * 1024 * 1024
PICTURE_TYPES = ("image/jpeg", "image/png", "application/octet-stream")
PICTURE_HEADS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
MAX_PAGE_SIZE = 50
CHANNEL_PARTS = {"id", "snippet", "contentDetails", "status", "statistics"}
ITEM_PARTS = {"id", "snippet", "contentDetails", "status"}


def routes(network: Network) -> list[Route]:
    return [
        Route("/youtube/v3/channels", partial(channels, network)),
        Route("/youtube/v3/playlistItems", partial(playlist_items, network)),
        Route("/youtube/v3/videos", partial(videos, network), methods=["GET"]),
        Route("/youtube/v3/videos", partial(delete_video, network), methods=["DELETE"]),
        Route("/youtube/v3/videoCategories", partial(video_categories, network)),
        Route(
            "/upload/youtube/v3/thumbnails/set", partial(set_thumbnail, network), methods=["POST"]
        ),
    ]


@call("channels")
async def channels(network: Network, request: Request, account: Account) -> Response:
    spend(network, 1)
    admit(network, request, READ, {"part", "mine", "maxResults", "pageToken", "hl"}, CHANNEL_PARTS)
    if request.query_params.get("mine") != "true":
        message = "No filter selected. Expected one of: mine"
        raise DataError(400, "missingRequiredParameter", message, "youtube.parameter")
    kind = network.setting(account.id, "channel", "")
    if kind == "signup":
        message = "Unauthorized"
        raise DataError(401, "youtubeSignupRequired", message, "youtube.header")
    body = {"kind": "youtube#channelListResponse", "pageInfo": {"resultsPerPage": 5}}
    if kind == "none":
        return JSONResponse(body)
    avatar = f"https://yt3.ggpht.com/{account.id}=s88-c-k-c0x00ffffff-no-rj"
    known = {
        "snippet": {
            "title": account.name,
            "customUrl": f"@{account.username}",
            "thumbnails": {"default": {"url": avatar, "width": 88, "height": 88}},
        },
        "contentDetails": {"relatedPlaylists": {"likes": "LL", "uploads": uploads_of(account)}},
        "status": {"privacyStatus": "public", "isLinked": True, "longUploadsStatus": "allowed"},
        "statistics": _statistics(network, account),
    }
    chosen = {part: known[part] for part in parts_of(request) if part in known}
    item = {"kind": "youtube#channel", "id": account.id, **chosen}
    return JSONResponse({**body, "items": [item]})


def _statistics(network: Network, account: Account) -> dict[str, object]:
    hidden = bool(network.setting(account.id, "subscribers_hidden", False))
    followers = records.followers(account.id, network.store.now())
    shown = {} if hidden else {"subscriberCount": str(followers)}
    videos = str(network.store.count(network="youtube"))
    return {"videoCount": videos, "hiddenSubscriberCount": hidden, **shown}


def uploads_of(account: Account) -> str:
    return f"UU{account.id[2:]}"


@call("playlist_items")
async def playlist_items(network: Network, request: Request, account: Account) -> Response:
    known = {"part", "playlistId", "maxResults", "pageToken", "id", "videoId"}
    spend(network, 1)
    admit(network, request, READ, known, ITEM_PARTS)
    if request.query_params.get("playlistId", "") != uploads_of(account):
        message = "The playlist identified with the playlistId parameter cannot be found."
        raise DataError(404, "playlistNotFound", message, "youtube.playlistItem")
    asked = request.query_params.get("maxResults", "5")
    if not asked.isdigit() or int(asked) > MAX_PAGE_SIZE:
        raise DataError(400, "invalidValue", "Invalid value for maxResults.", "youtube.parameter")
    lag = network.setting(account.id, "listing_lag_seconds", 0)
    listed = network.store.posts_of(
        network.key, account.id, int(asked), until=network.store.now() - lag
    )
    items = [
        {
            "kind": "youtube#playlistItem",
            "snippet": {"title": post.extra["title"], "channelId": account.id},
            "contentDetails": {"videoId": post.id},
            "status": {"privacyStatus": video.privacy(network, post)},
        }
        for post in listed
    ]
    parts = {"kind", *parts_of(request)}
    chosen = [{name: item[name] for name in item if name in parts} for item in items]
    return JSONResponse({"kind": "youtube#playlistItemListResponse", "items": chosen})


@call("videos")
async def videos(network: Network, request: Request, account: Account) -> Response:
    spend(network, 1)
    admit(network, request, READ, {"part", "id", "maxResults", "pageToken", "hl"}, video.PARTS)
    parts = parts_of(request)
    ids = ",".join(request.query_params.getlist("id")).split(",")
    if ids == [""]:
        message = "No filter selected. Expected one of: id, chart"
        raise DataError(400, "missingRequiredParameter", message, "youtube.parameter")
    if len(ids) > MAX_PAGE_SIZE:
        raise DataError(400, "invalidFilters", "Too many ids.", "youtube.parameter")
    found = [post for one in ids if (post := network.store.post(network.key, one))]
    if any(post.account != account.id for post in found) and video.OWNERS_PARTS & set(parts):
        raise DataError(403, "forbidden", "The request is not properly authorized.")
    seen = [
        post
        for post in found
        if post.account == account.id or video.privacy(network, post) != "private"
    ]
    items = [video.resource(network, post, parts, account) for post in seen]
    return JSONResponse({"kind": "youtube#videoListResponse", "items": items})


@call("delete_video")
async def delete_video(network: Network, request: Request, account: Account) -> Response:
    spend(network, 50)
    admit(network, request, MANAGE, {"id", "onBehalfOfContentOwner"})
    if len(request.query_params.getlist("id")) > 1:
        raise DataError(400, "invalidParameter", "One id.", "youtube.parameter")
    post = network.store.post(network.key, request.query_params.get("id", ""))
    if post is None:
        message = "The video that you are trying to delete cannot be found."
        raise DataError(404, "videoNotFound", message)
    if post.account != account.id:
        raise DataError(403, "forbidden", "The video cannot be deleted.")
    network.store.delete_post(network.key, post.id)
    return Response(status_code=204)


@call("video_categories")
async def video_categories(network: Network, request: Request, account: Account) -> Response:
    known = {"part", "id", "regionCode", "hl"}
    spend(network, 1)
    admit(network, request, READ, known, {"id", "snippet"})
    items = [
        {
            "kind": "youtube#videoCategory",
            "id": number,
            "snippet": {"title": title, "assignable": True},
        }
        for number, title in CATEGORIES.items()
    ]
    return JSONResponse({"kind": "youtube#videoCategoryListResponse", "items": items})


@call("set_thumbnail")
async def set_thumbnail(network: Network, request: Request, account: Account) -> Response:
    spend(network, 50)
    admit(network, request, UPLOAD, {"videoId", "onBehalfOfContentOwner"})
    query, content_type = request.query_params, request.headers.get("content-type", "")
    if query.get("uploadType") != "media":
        raise DataError(400, "badRequest", "uploadType must be media.", "global")
    post = network.store.post(network.key, query.get("videoId", ""))
    if post is None:
        message = "The video that you are trying to set a thumbnail for cannot be found."
        raise DataError(404, "videoNotFound", message, "youtube.thumbnail")
    if post.account != account.id or not network.setting(account.id, "phone_verified", True):
        message = "The thumbnail can't be set: the request might not be properly authorized."
        raise DataError(403, "forbidden", message, "youtube.thumbnail")
    most = network.setting(account.id, "thumbnails_per_day", 0)
    if not count(network, f"thumbnails of {account.id}", 1, most):
        message = "The channel has uploaded too many thumbnails recently."
        raise DataError(429, "uploadRateLimitExceeded", message, "youtube.thumbnail")
    if content_type not in PICTURE_TYPES:
        message = f"Media type '{content_type}' is not supported."
        raise DataError(400, "mediaBodyRequired", message, "youtube.thumbnail")
    content = await request.body()
    if len(content) > PICTURE_BYTES or not content.startswith(PICTURE_HEADS):
        message = "The provided image content is invalid."
        raise DataError(400, "invalidImage", message, "youtube.thumbnail")
    # For a Short that is still being processed, YouTube accepts it and forgets it.
    if post.extra["kind"] != "Short" or video.is_processed(network, post):
        file_id = network.store.write_file(content, content_type)
        network.store.put(network.key, "thumbnail", post.id, account.id, {"file": file_id})
    url = f"https://i.ytimg.com/vi/{post.id}/default.jpg"
    items = [{"default": {"url": url, "width": 120, "height": 90}}]
    return JSONResponse({"kind": "youtube#thumbnailSetResponse", "items": items})
