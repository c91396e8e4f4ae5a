"""LinkedIn's versioned REST API: posts and images.

Calls: create_post, get_post, find_posts, delete_post, start_upload, upload_image, get_image. An
account's `extra` may hold `author` (its URN; a member if missing) and `scopes`, a list; without it
members may write and organizations also read.
"""

import hashlib
import io
import json
import random
import secrets
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from PIL import Image, UnidentifiedImageError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from platforms.linkedin.text import HASHTAG, MENTION, TEMPLATE
from platforms.simulator.network import Network, call
from platforms.simulator.store import Account, Post

ACTIVE_VERSIONS = {"202512", *(f"2026{month:02}" for month in range(1, 12))}
TEXT_UNITS = 3000
PROCESSING_SECONDS = 0.3
#: How long the same content of an author counts as a duplicate; LinkedIn does not say.
DUPLICATE_SECONDS = 600
REQUIRED = ("author", "commentary", "visibility", "distribution", "lifecycleState")
UPLOADS = "/dms-uploads/"


class LinkedInNetwork(Network):
    key = "linkedin"

    def hosts(self) -> Mapping[str, list[Route]]:
        return {
            "api.linkedin.com": [
                Route("/rest/posts", self.create_post, methods=["POST"]),
                Route("/rest/posts", self.find_posts, methods=["GET"]),
                Route("/rest/posts/{urn}", self.get_post, methods=["GET"]),
                Route("/rest/posts/{urn}", self.delete_post, methods=["DELETE"]),
                Route("/rest/images", self.start_upload, methods=["POST"]),
                Route("/rest/images/{urn}", self.get_image, methods=["GET"]),
            ],
            "www.linkedin.com": [
                Route(UPLOADS + "{key}", self.upload_image, methods=["PUT"]),
            ],
        }

    @call("create_post")
    async def create_post(self, request: Request, account: Account) -> Response:
        refusal = check_headers(request)
        if refusal:
            return refusal
        try:
            body = json.loads(await request.body())
        except ValueError:
            return problem(400, "INVALID_VALUE_FOR_FIELD", "The body is not JSON.")
        refusal = self._check_body(body, account)
        if refusal:
            return refusal
        images = [self.store.get(self.key, "image", item["id"]) or {} for item in attached(body)]
        digest = hashlib.sha256(
            "\0".join([body["commentary"], *(i["digest"] for i in images)]).encode()
        )
        mark = f"{account.id}:{digest.hexdigest()}"
        earlier = self.store.get(self.key, "text", mark)
        if earlier and earlier["at"] > time.time() - DUPLICATE_SECONDS:
            return duplicate(earlier["urn"])
        now = time.time()
        urn = f"urn:li:share:{(int(now * 1000) << 22) | random.getrandbits(22)}"
        self.store.publish(
            self.key,
            urn,
            account.id,
            text=as_read(body["commentary"]),
            media=tuple(image["file"] for image in images),
            url=f"https://www.linkedin.com/feed/update/{urn}/",
            extra={
                "commentary": body["commentary"],
                "alt": [item.get("altText", "") for item in attached(body)],
            },
            created_at=now,
        )
        self.store.put(self.key, "text", mark, account.id, {"at": now, "urn": urn})
        return Response(status_code=201, headers={"x-restli-id": quote(urn, safe="")})

    def _check_body(self, body: Any, account: Account) -> Response | None:
        if not isinstance(body, dict):
            return problem(400, "INVALID_VALUE_FOR_FIELD", "The body is not an object.")
        for name in REQUIRED:
            if name not in body:
                return problem(400, "MISSING_FIELD", f"{name} is required.")
        if body["author"] != author_of(account) or "w" not in rights(account):
            return denied("CREATE")
        if body["lifecycleState"] != "PUBLISHED" or not isinstance(body["commentary"], str):
            return problem(400, "INVALID_VALUE_FOR_FIELD", "lifecycleState or commentary.")
        if len(as_read(body["commentary"]).encode("utf-16-le")) // 2 > TEXT_UNITS:
            return problem(400, "FIELD_LENGTH_TOO_LONG", "commentary is too long.")
        return self._check_media(body, account)

    def _check_media(self, body: dict[str, Any], account: Account) -> Response | None:
        content = body.get("content", {"media": {}})
        if not isinstance(content, dict) or len(content) != 1:
            return problem(400, "INVALID_VALUE_FOR_FIELD", "content holds exactly one kind.")
        if "multiImage" in content and not 2 <= len(attached(body)) <= 20:
            return problem(400, "INVALID_VALUE_FOR_FIELD", "multiImage takes 2 to 20 images.")
        for item in attached(body):
            image = self.store.get(self.key, "image", str(item.get("id")))
            if image is None or image["account"] != account.id:
                return problem(403, "", "Accessing this image resource is forbidden.")
            if image_status(image) == "PROCESSING_FAILED":
                return problem(400, "MEDIA_ASSET_PROCESSING_FAILED", "The media is bad.")
            if image_status(image) != "AVAILABLE":
                return problem(400, "MEDIA_ASSET_WAITING_UPLOAD", "The media is not ready.")
        return None

    @call("find_posts")
    async def find_posts(self, request: Request, account: Account) -> Response:
        refusal = check_headers(request)
        if refusal:
            return refusal
        author = request.query_params.get("author", "")
        if "r" not in rights(account) or author != author_of(account):
            return denied("FINDER-author")
        if request.headers.get("x-restli-method") != "FINDER":
            return problem(400, "INVALID_VALUE_FOR_FIELD", "X-RestLi-Method is not FINDER.")
        count = request.query_params.get("count", "10")
        if not count.isdigit() or not 1 <= int(count) <= 100:
            return problem(400, "INVALID_VALUE_FOR_FIELD", "count must be 1..100.")
        posts = self.store.posts_of(self.key, account.id, int(count))
        elements = [as_element(post, author) for post in posts]
        return JSONResponse({"elements": elements, "paging": {"start": 0, "count": int(count)}})

    @call("get_post")
    async def get_post(self, request: Request, account: Account) -> Response:
        post = self.store.post(self.key, request.path_params["urn"])
        if "r" not in rights(account):
            return denied("GET")
        if post is None or post.account != account.id:
            return problem(404, "NOT_FOUND", "Not found.")
        return JSONResponse(as_element(post, author_of(account)))

    @call("delete_post")
    async def delete_post(self, request: Request, account: Account) -> Response:
        post = self.store.post(self.key, request.path_params["urn"])
        if post is not None and post.account != account.id:
            return denied("DELETE")
        self.store.delete_post(self.key, request.path_params["urn"])
        return Response(status_code=204)

    @call("start_upload")
    async def start_upload(self, request: Request, account: Account) -> Response:
        refusal = check_headers(request)
        if refusal:
            return refusal
        try:
            owner = json.loads(await request.body())["initializeUploadRequest"]["owner"]
        except (ValueError, KeyError, TypeError):
            return problem(400, "MISSING_FIELD", "initializeUploadRequest.owner is required.")
        if owner != author_of(account):
            return denied("ACTION-initializeUpload")
        key = secrets.token_urlsafe(12)
        urn = f"urn:li:image:{key}"
        self.store.put(self.key, "image", urn, account.id, {"done_at": 0})
        value = {
            "uploadUrlExpiresAt": int((time.time() + 86400) * 1000),
            "uploadUrl": self.public_url(request, "www.linkedin.com", UPLOADS + key),
            "image": urn,
        }
        return JSONResponse({"value": value})

    @call("upload_image")
    async def upload_image(self, request: Request, account: Account) -> Response:
        urn = f"urn:li:image:{request.path_params['key']}"
        image = self.store.get(self.key, "image", urn)
        if image is None or image["account"] != account.id:
            return problem(400, "EXPIRED_UPLOAD_URL", "The upload URL has expired.")
        content = await request.body()
        kind = image_type(content)
        self.store.change(
            self.key,
            "image",
            urn,
            file=self.store.write_file(content, kind or "application/octet-stream"),
            digest=hashlib.sha256(content).hexdigest(),
            bad=not kind,
            done_at=time.time() + PROCESSING_SECONDS,
        )
        return Response(status_code=201)

    @call("get_image")
    async def get_image(self, request: Request, account: Account) -> Response:
        if "r" not in rights(account):
            return denied("GET", "partnerApiImages")
        urn = request.path_params["urn"]
        image = self.store.get(self.key, "image", urn)
        if image is None or image["account"] != account.id:
            return problem(404, "NOT_FOUND", "Not found.")
        status = image_status(image)
        return JSONResponse({"id": urn, "owner": author_of(account), "status": status})

    def unauthorized(self) -> Response:
        return problem(401, "INVALID_ACCESS_TOKEN", "Invalid access token", 65600)

    def rate_limited(self, reset_seconds: int) -> Response:
        words = "Resource level throttle limit for calls to this resource is reached."
        answer = problem(429, "TOO_MANY_REQUESTS", words, 101)
        # Not documented, and honoured if it comes: so that a demo need not wait a quarter hour.
        answer.headers["retry-after"] = str(reset_seconds)
        return answer

    def error(self, status: int) -> Response:
        codes = {401: "EXPIRED_ACCESS_TOKEN", 403: "ACCESS_DENIED", 404: "NOT_FOUND"}
        codes |= {409: "CONFLICT", 429: "TOO_MANY_REQUESTS", 500: "INTERNAL_SERVER_ERROR"}
        codes |= {426: "NONEXISTENT_VERSION", 503: "SERVICE_UNAVAILABLE"}
        return problem(status, codes.get(status, ""), "simulated")


def check_headers(request: Request) -> Response | None:
    version = request.headers.get("linkedin-version", "")
    if not version:
        return problem(400, "VERSION_MISSING", "A version must be present.")
    if version not in ACTIVE_VERSIONS:
        words = f"Requested version {version} is not active"
        return problem(426, "NONEXISTENT_VERSION", words)
    if request.headers.get("x-restli-protocol-version") != "2.0.0":
        return problem(400, "INVALID_VALUE_FOR_FIELD", "X-Restli-Protocol-Version is not 2.0.0.")
    return None


def author_of(account: Account) -> str:
    return str(account.extra.get("author") or f"urn:li:person:{account.id}")


def rights(account: Account) -> str:
    """`w` to write, `r` to read what was written."""
    kind = "organization" if "organization" in author_of(account) else "member"
    scopes = account.extra.get("scopes")
    if scopes is None:
        return "rw" if kind == "organization" else "w"
    return "".join(letter for letter in "rw" if f"{letter}_{kind}_social" in scopes)


def attached(body: dict[str, Any]) -> list[dict[str, Any]]:
    content = body.get("content", {})
    if "multiImage" in content:
        return list(content["multiImage"].get("images", []))
    return [content["media"]] if content.get("media") else []


def image_type(content: bytes) -> str:
    """The content type by the bytes; empty if LinkedIn takes no such file."""
    try:
        with Image.open(io.BytesIO(content)) as image:
            kind = image.format
    except (UnidentifiedImageError, OSError):
        kind = None
    return f"image/{kind.lower()}" if kind in ("JPEG", "PNG", "GIF") else ""


def image_status(image: Mapping[str, Any]) -> str:
    if not image["done_at"]:
        return "WAITING_UPLOAD"
    if time.time() < image["done_at"]:
        return "PROCESSING"
    return "PROCESSING_FAILED" if image["bad"] else "AVAILABLE"


def as_element(post: Post, author: str) -> dict[str, Any]:
    return {
        "id": post.id,
        "author": author,
        "commentary": post.extra["commentary"],
        "createdAt": int(post.created_at * 1000),
        "publishedAt": int(post.created_at * 1000),
        "lifecycleState": "PUBLISHED",
    }


def as_read(commentary: str) -> str:
    """What a reader sees: cut at the first reserved character that is not escaped."""
    shown, at = [], 0
    while at < len(commentary):
        special = TEMPLATE.match(commentary, at) or MENTION.match(commentary, at)
        special = special or HASHTAG.match(commentary, at)
        if special:
            tag = commentary[at] in "{#"
            name = special[1] if tag else special[0][2:].partition("]")[0]
            shown.append(f"#{name}".replace("\\", "") if tag else name)
            at = special.end()
        elif commentary[at] == "\\" and at + 1 < len(commentary):
            shown.append(commentary[at + 1])
            at += 2
        elif commentary[at] in "\\|{}@[]()<>#*_~":
            break
        else:
            shown.append(commentary[at])
            at += 1
    return "".join(shown)


def problem(status: int, code: str, message: str, service_code: int | None = None) -> Response:
    body: dict[str, Any] = {"status": status, "message": message}
    if code:
        body["code"] = code
    if service_code:
        body["serviceErrorCode"] = service_code
    return JSONResponse(body, status)


def denied(what: str, resource: str = "partnerApiPostsExternal") -> Response:
    words = f"Not enough permissions to access: {resource}.{what}.20260801"
    return problem(403, "ACCESS_DENIED", words, 100)


def duplicate(urn: str) -> Response:
    words = f"Content is a duplicate of {urn}"
    body = {
        "errorDetailType": "com.linkedin.common.error.BadRequest",
        "message": words,
        "errorDetails": {"inputErrors": [{"description": words, "code": "DUPLICATE_POST"}]},
        "status": 422,
    }
    return JSONResponse(body, 422)
