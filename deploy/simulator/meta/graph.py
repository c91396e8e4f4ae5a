"""Shared by the simulated Graph APIs: tokens, versions, parameters, errors, fetched images."""

import hashlib
import hmac
import io
import json
import random
import re
import secrets
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar, TypeVar

from PIL import Image, UnidentifiedImageError
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploy.simulator.meta.parameters import wrong_parameter
from deploy.simulator.network import Network, Refused, json_object
from deploy.simulator.state.records import Account, Post, Token
from deploy.simulator.strict import FORMS, media_type, once
from platforms.errors import PlatformError
from platforms.http.client import Client
from platforms.http.refusals import explain_by_status
from platforms.http.transport import Transport

Handler = Callable[[Request], Awaitable[Response]]
T = TypeVar("T")


class GraphError(Refused):
    """A Graph error body: code, subcode and message."""

    def __init__(
        self,
        code: int | str,
        message: str,
        subcode: int | None = None,
        *,
        status: int = 400,
        type: str = "OAuthException",  # noqa: A002 - the field's name
        transient: bool = False,
        **more: Any,
    ) -> None:
        error = {
            "message": f"(#{code}) {message}" if isinstance(code, int) else message,
            "type": type,
            "code": code,
            **({"error_subcode": subcode} if subcode else {}),
            "is_transient": transient,
            "fbtrace_id": "A" + secrets.token_urlsafe(16),
            **more,
        }
        super().__init__(JSONResponse({"error": error}, status))


class UploadError(Refused):
    """An error body of the upload host."""

    def __init__(self, status: int, kind: str, message: str, *, retriable: bool = False) -> None:
        error = {"retriable": retriable, "type": kind, "message": message}
        super().__init__(JSONResponse({"debug_info": error}, status))


#: The usual code, message and subcode of each status.
BY_STATUS: Mapping[int, tuple[int, str, int | None]] = {
    400: (100, "Invalid parameter", None),
    401: (190, "Error validating access token: Session has expired.", 463),
    403: (200, "Permissions error", None),
    429: (4, "Application request limit reached", None),
}
TROUBLE = "An unexpected error has occurred. Please retry your request later."


class MetaNetwork(Network):
    versions: ClassVar[frozenset[str]]
    #: The error code of the rate limit of the network's accounts.
    throttle_code: ClassVar[int]
    #: The upload host's name for a wrong `offset` or `file_size`.
    bad_header: ClassVar[str] = "HeaderInvalidError"

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._transport = Transport(timeout_seconds=10)

    async def close(self) -> None:
        await self._transport.close()

    def route(self, path: str, **methods: Handler) -> Route:
        """A path below a version, with a handler for each HTTP method."""

        return self.unversioned("/{version}" + path, **methods)

    def check_version(self, request: Request) -> None:
        version = request.path_params.get("version")
        if version is not None and version not in self.versions:
            raise GraphError(2500, f"Unknown path components: /{version}")

    def unversioned(self, path: str, **methods: Handler) -> Route:
        """A path without a version."""

        async def serve(request: Request) -> Response:
            self.check_version(request)
            check_names(request.query_params)
            return await methods[request.method](request)

        return Route(path, serve, methods=list(methods))

    def secret(self, request: Request) -> str:
        """The bearer token, or `access_token` of the query."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() in ("bearer", "oauth"):
            return token
        return request.query_params.get("access_token", "")

    def unauthorized(self) -> Response:
        return GraphError(190, "Invalid OAuth access token.", status=401).answer

    def rate_limited(self, reset_seconds: int) -> Response:
        usage = {"type": self.key, "call_count": 100, "total_cputime": 25, "total_time": 25}
        usage["estimated_time_to_regain_access"] = -(-reset_seconds // 60)
        message = "There have been too many calls."
        answer = GraphError(self.throttle_code, message, transient=True).answer
        answer.headers["x-business-use-case-usage"] = json.dumps({"1": [usage]})
        return answer

    def error(self, status: int) -> Response:
        transient = status == 429 or status not in BY_STATUS
        usual = BY_STATUS.get(status, (2, TROUBLE, None))
        return GraphError(*usual, status=status, transient=transient).answer

    def upload_span(self, request: Request, file_id: str) -> int:
        """The size that a request to the upload host announces. Raises UploadError.

        The offset must be where the upload ended.
        """
        offset, size = (request.headers.get(name, "") for name in ("offset", "file_size"))
        if not (offset.isdigit() and size.isdigit()):
            raise UploadError(400, self.bad_header, "offset and file_size are whole numbers.")
        if int(offset) != self.uploads.size(file_id):
            message = f"The offset is {self.uploads.size(file_id)}."
            raise UploadError(400, "OffsetInvalidError", message, retriable=True)
        return int(size)

    async def receive_rest(
        self, request: Request, account: Account, file_id: str, size: int
    ) -> None:
        """Append the body. Raises UploadError unless it completes the file."""
        whole = await self.receive(file_id, request, account, step=1)
        if not whole or self.uploads.size(file_id) != size:
            message = "Partial request (did not match length of file)"
            raise UploadError(400, "PartialRequestError", message, retriable=True)

    def own_post(self, post_id: str, account: Account) -> Post:
        """A public post of the account. Raises GraphError for others' and for unknown ones."""
        post = self.store.post(self.key, post_id)
        if post is None or post.account != account.id:
            raise self.missing()
        return post

    def comments(self, post_id: str) -> list[dict[str, Any]]:
        found = self.store.get(self.key, "comments", post_id)
        return list(found["all"]) if found else []

    def add_comment(self, post: Post, account: Account, comment: dict[str, Any], text: str) -> None:
        """Keep a comment, and show all of them at the wall; `text`: the field of their texts."""
        comments = [*self.comments(post.id), comment]
        self.store.put(self.key, "comments", post.id, account.id, {"all": comments})
        shown = [each[text] for each in comments]
        self.store.change_post(self.key, post.id, post.text, {**post.extra, "comments": shown})

    def missing(self) -> GraphError:
        message = "Unsupported get request. Object does not exist or cannot be loaded"
        return GraphError(100, message, 33, type="GraphMethodException")

    async def fetch(self, url: str) -> bytes:
        """The file at an absolute URL, fetched without credentials. Raises GraphError."""
        client = Client(self._transport, explain=lambda answer: explain_by_status(self.key, answer))
        if not re.match(r"https?://", url) or not url.isascii():
            raise GraphError(9004, "The media URI doesn't meet our requirements.", 2207052)
        try:
            return (await client.get(url, headers={"Connection": "close"})).content
        except PlatformError:
            message = "The media could not be fetched from this URI."
            raise GraphError(9004, message, 2207052) from None


async def parameters(request: Request) -> dict[str, Any]:
    """The parameters in query, JSON, form or multipart. JSON keeps its types; files are bytes.

    Lists and objects may be JSON in a text. Raises GraphError.
    """
    kind = media_type(request.headers.get("content-type", ""))
    body: dict[str, Any] = {}
    if kind == "application/json":
        sent_json = await json_object(request)
        if sent_json is None:
            raise GraphError(100, "Invalid parameter: the body is not a JSON object")
        body = sent_json
    elif kind in FORMS:
        async with request.form() as form:
            try:
                sent = once(form.multi_items())
            except ValueError as twice:
                raise GraphError(100, f"Invalid parameter: {twice}") from None
            body = {
                name: await value.read() if isinstance(value, UploadFile) else value
                for name, value in sent.items()
            }
    found = {**request.query_params, **body}
    found = {name: _structured(value) for name, value in found.items()}
    check_names(found)
    return found


def check_names(given: Mapping[str, Any]) -> None:
    """Raises GraphError for a parameter that Meta does not know, or of the wrong type."""
    if name := wrong_parameter(given):
        raise GraphError(100, f"Invalid parameter: {name}")


def _structured(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(("[", "{")):
        try:
            return json.loads(value, object_pairs_hook=once)
        except ValueError:
            return value
    return value


def check_proof(app: Mapping[str, Any] | None, token: Token, given: str, *, required: bool) -> None:
    """Raises GraphError if a proof is wrong, or required and missing. None: no app's token."""
    if app is None:
        if given:
            raise GraphError(100, "Invalid appsecret_proof provided in the API argument")
        return
    if required and not given:
        raise GraphError(100, "API calls from the server require an appsecret_proof argument")
    right = hmac.new(app["secret"].encode(), token.value.encode(), hashlib.sha256).hexdigest()
    if given and not hmac.compare_digest(given, right):
        raise GraphError(100, "Invalid appsecret_proof provided in the API argument")


def require_known(given: Collection[str], allowed: Collection[str]) -> None:
    """Raises GraphError for an unknown parameter of a call."""
    for name in given:
        if name not in allowed and name not in ("access_token", "appsecret_proof"):
            raise GraphError(100, f"Unexpected parameter {name}")


def chosen(
    request: Request, facts: Mapping[str, Any], usual: str = "id", always: str = "id"
) -> dict[str, Any]:
    """The requested fields that have a value; nested and modified ones are returned whole."""
    asked = request.query_params.get("fields") or usual
    while (flat := re.sub(r"\{[^{}]*\}", "", asked)) != asked:
        asked = flat
    asked = re.sub(r"\.\w+\([^()]*\)", "", asked)
    names = [always, *(name for name in asked.split(",") if name)]
    for name in names:
        if name not in facts:
            message = f"Tried accessing nonexisting field ({name})"
            raise GraphError(100, message, type="THApiException")
    return {name: facts[name] for name in names if facts[name] is not None}


def is_true(value: Any) -> bool:
    return value is True or str(value).lower() in ("true", "1")


def image_facts(data: bytes) -> tuple[str, int, float]:
    """(format, width, width / height) by the bytes; ("", 0, 1) if this is not an image."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            return image.format or "", image.width, image.width / image.height
    except (UnidentifiedImageError, OSError):
        return "", 0, 1


def new_id(first: str, digits: int = 17) -> str:
    return first + "".join(random.choices("0123456789", k=digits - len(first)))


def timestamp(unix_seconds: float) -> str:
    return datetime.fromtimestamp(unix_seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")


def page(posts: list[Post], request: Request, show: Callable[[Post], Any]) -> Response:
    """A list edge with `since`, `until` and `limit`, newest first."""
    query = request.query_params
    since, until = float(query.get("since", 0)), float(query.get("until", "inf"))
    return paged([post for post in posts if since <= post.created_at <= until], request, show)


def paged(found: Sequence[T], request: Request, show: Callable[[T], Any]) -> Response:
    """A page of a list. Where there are more, `paging` has a cursor and an address of the next."""
    query = request.query_params
    limit, first = min(int(query.get("limit", 25)), 100), int(query.get("after", 0) or 0)
    shown = found[first : first + limit]
    body: dict[str, Any] = {"data": [show(each) for each in shown]}
    if shown:
        body["paging"] = {"cursors": {"before": str(first), "after": str(first + len(shown))}}
    if first + limit < len(found):
        # Graph's own address holds the token too.
        secret = request.headers.get("authorization", "").partition(" ")[2]
        token = {"access_token": secret} if secret else {}
        url = request.url.include_query_params(after=first + limit, **token)
        body["paging"]["next"] = str(url)
    return JSONResponse(body)
