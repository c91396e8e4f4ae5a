"""Pinterest as its API document describes it: an account is a board of a person.

Calls: get_person, list_boards, get_board, list_pins (of a board or a section), create_pin, get_pin,
delete_pin, and those of `media.py` and `oauth.py`. An account's `extra` may name its person
(`owner`; its own id if missing) and have `scopes`, a list.

Settings of an account or of all: `access` ("standard"; "trial" may not publish), `sections` of a
board (["5001"]), `listing_lag_seconds` (0), and those of `media.py`.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploy.simulator.pinterest import rules
from deploy.simulator.pinterest.calls import pin_call
from deploy.simulator.pinterest.demo import DEMO
from deploy.simulator.pinterest.media import UPLOADS, PinterestMedia
from deploy.simulator.pinterest.oauth import PinterestOAuthServer, owner_of
from deploy.simulator.state import records
from deploy.simulator.state.records import FAR_FUTURE, Account, Post

KINDS = {
    "image_base64": "image",
    "multiple_image_base64": "multiple_images",
    "video_id": "video",
}
#: The sizes that each picture is told in.
IMAGES = ("150x150", "400x300", "600x", "1200x")


class PinterestNetwork(PinterestMedia):
    demo = DEMO

    def hosts(self) -> Mapping[str, list[Route]]:
        oauth = PinterestOAuthServer(self)
        api = [
            *oauth.api(),
            Route("/v5/user_account", self.get_person),
            Route("/v5/boards", self.list_boards),
            Route("/v5/boards/{board}", self.get_board),
            Route("/v5/boards/{board}/pins", self.list_pins),
            Route("/v5/boards/{board}/sections/{section}/pins", self.list_pins),
            Route("/v5/pins", self.create_pin, methods=["POST"]),
            Route("/v5/pins/{id}", self.get_pin),
            Route("/v5/pins/{id}", self.delete_pin, methods=["DELETE"]),
            *self.media_routes(),
        ]
        uploads = self.upload_routes()
        return {"www.pinterest.com": oauth.pages(), "api.pinterest.com": api, UPLOADS: uploads}

    @pin_call("get_person", "user_accounts:read")
    async def get_person(self, request: Request, account: Account) -> Response:
        rules.require(request.query_params, {})
        return JSONResponse(
            {
                "id": owner_of(account),
                "username": account.username,
                "account_type": "BUSINESS",
                "profile_image": f"https://i.pinimg.com/600x600_R/{account.id}.jpg",
            }
        )

    @pin_call("list_boards", *rules.READ_BOARDS)
    async def list_boards(self, request: Request, account: Account) -> Response:
        boards = [self._board(each) for each in self.boards_of(account).values()]
        return _page(boards, request)

    @pin_call("get_board", *rules.READ_BOARDS)
    async def get_board(self, request: Request, account: Account) -> Response:
        rules.require(request.query_params, {})
        return JSONResponse(self._board(self.board(request.path_params["board"], account)))

    def _board(self, board: Account) -> dict[str, Any]:
        return {
            "id": board.id,
            "name": board.name,
            "privacy": board.extra.get("privacy", "PUBLIC"),
            "is_ads_only": board.extra.get("is_ads_only", False),
            "owner": {"username": board.username},
            "pin_count": self.store.count(network=self.key, account=board.id),
            "follower_count": records.followers(board.id, self.store.now()),
        }

    @pin_call("list_pins", *rules.READ_PINS)
    async def list_pins(self, request: Request, account: Account) -> Response:
        """Newest first."""
        board = self.board(request.path_params["board"], account)
        section = request.path_params.get("section", "")
        self._check_section(section, board)
        lag = float(self.setting(board.id, "listing_lag_seconds", 0))
        until = self.store.now() - lag if lag else FAR_FUTURE
        found = self.store.posts_of(self.key, board.id, 1000, until=until)
        shown = [self._pin(each) for each in found if section in ("", each.extra["section"])]
        return _page(shown, request)

    @pin_call("create_pin", *rules.WRITE_PINS)
    async def create_pin(self, request: Request, account: Account) -> Response:
        body = await self.body(request, rules.PIN, "board_id", "media_source")
        board = self.board(body["board_id"], account)
        if self.setting(account.id, "access", "standard") == "trial":
            raise rules.refused(403, 29)
        self._check_section(body.get("board_section_id", ""), board)
        if "link" in body and not rules.IS_URL(body["link"]):
            said = "Whoops! It looks like you entered an invalid URL."
            raise rules.refused(400, 1, said)
        post_id, source = self.new_id(), body["media_source"]
        self.store.publish(
            self.key,
            post_id,
            board.id,
            text=body.get("description", "").strip(),
            media=self._files(source, account),
            url=f"https://www.pinterest.com/pin/{post_id}/",
            extra={
                "title": body.get("title", ""),
                "alt": [body.get("alt_text", "")],
                "link": body.get("link"),
                "section": body.get("board_section_id", ""),
                "media": KINDS[source["source_type"]],
                "items": [
                    {name: each.get(name) for name in ("title", "description", "link")}
                    for each in source.get("items", ())
                ],
            },
            created_at=self.store.now(),
        )
        return JSONResponse(self._pin(self._known(post_id, account)), 201)

    def _check_section(self, section: str, board: Account) -> None:
        if section and section not in self.setting(board.id, "sections", ["5001"]):
            raise rules.refused(404, 2031)

    def _files(self, source: Mapping[str, Any], account: Account) -> tuple[str, ...]:
        """Store the pictures; return the ids of what the Pin shows. Raises Refused."""
        pictures = rules.pictures(source)
        if "media_id" in source:
            rules.check_cover(source)
            media = self.own_media(source["media_id"], account)
            if self.status_of(media) != "succeeded":
                raise rules.refused(400, 1, "Invalid request: media_source is not ready.")
            return (str(media["file"]),)
        return tuple(self.store.write_file(content, kind) for kind, content in pictures)

    @pin_call("get_pin", *rules.READ_PINS)
    async def get_pin(self, request: Request, account: Account) -> Response:
        query = dict(request.query_params)
        rules.require(query, rules.GET_PIN)
        post = self._known(request.path_params["id"], account)
        shown = self._pin(post)
        if query.get("pin_metrics") == "true":
            numbers = self.numbers(post)
            shown["pin_metrics"] = {
                "lifetime_metrics": {
                    "impression": numbers.impressions,
                    "pin_click": numbers.clicks,
                    "clickthrough": numbers.clicks // 2,
                    "reaction": numbers.likes,
                    "comment": numbers.comments,
                }
            }
        return JSONResponse(shown)

    @pin_call("delete_pin", *rules.WRITE_PINS)
    async def delete_pin(self, request: Request, account: Account) -> Response:
        rules.require(request.query_params, {})
        self.store.delete_post(self.key, self._known(request.path_params["id"], account).id)
        return Response(status_code=204)

    def _known(self, pin_id: str, account: Account) -> Post:
        post = self.store.post(self.key, pin_id)
        if post is None or post.account not in self.boards_of(account):
            raise rules.refused(404, 50)
        return post

    def _pin(self, post: Post) -> dict[str, Any]:
        at, extra = datetime.fromtimestamp(post.created_at, UTC), post.extra
        return {
            "id": post.id,
            "created_at": f"{at:%Y-%m-%dT%H:%M:%S}",
            "board_id": post.account,
            "board_section_id": extra["section"] or None,
            "title": extra["title"] or None,
            "description": post.text or None,
            "link": extra["link"],
            "alt_text": extra["alt"][0] or None,
            "is_owner": extra.get("is_owner", True),
            "creative_type": "VIDEO" if extra["media"] == "video" else "REGULAR",
            "media": {"media_type": extra["media"], **_items(post)},
            "parent_pin_id": None,
        }


def _items(post: Post) -> dict[str, Any]:
    """The pictures of a carousel, each with its own texts."""
    address = f"https://i.pinimg.com/{{}}/{post.id}.jpg"
    images = {size: {"width": 150, "url": address.format(size)} for size in IMAGES}
    items = [{"item_type": "image", **said, "images": images} for said in post.extra["items"]]
    return {"items": items} if items else {}


def _page(items: list[dict[str, Any]], request: Request) -> Response:
    """A page of a list; a bookmark is the id of the last item of the page before."""
    query = dict(request.query_params)
    rules.require(query, rules.LIST)
    size, after = int(query.get("page_size", 25)), query.get("bookmark", "")
    ids = [each["id"] for each in items]
    if after and after not in ids:
        raise rules.refused(400, 1, "Invalid bookmark.")
    start = ids.index(after) + 1 if after else 0
    page = items[start : start + size]
    more = page[-1]["id"] if len(items) > start + size else None
    return JSONResponse({"items": page, "bookmark": more})
