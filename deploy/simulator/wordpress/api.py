"""WordPress: a site as most are, and one without pretty links, whose API is at `?rest_route=`.

Calls: create_post, update_post, get_post, list_posts, delete_post, upload_media, list_media,
list_terms, create_term, list_comments, get_me; front and index, of no account. An account's id is
its user's id on its site, an @, and the site's host. A call without a valid application password
is anonymous, and may read what is public.

Settings of an account or of all: `role` (editor) of its user; `review`, whether posts are held for
one; `has_trash` (true); `upload_bytes`, the largest file. Of all: `front`, what the front page does
(redirect, bare); `app_passwords` (true).
"""

from collections.abc import Mapping
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploy.simulator.network import call
from deploy.simulator.state.records import Account
from deploy.simulator.strict import media_type, wrong
from deploy.simulator.wordpress import rules
from deploy.simulator.wordpress.demo import DEMO, HOST
from deploy.simulator.wordpress.rules import invalid, refused
from deploy.simulator.wordpress.site import PLAIN, Sites, host_of

UPLOAD_BYTES = 64 * 1024**2


class WordPressNetwork(Sites):
    demo = DEMO

    def hosts(self) -> Mapping[str, list[Route]]:
        rest = [
            Route("/", self.index),
            Route("/wp/v2/users/me", self.get_me),
            Route("/wp/v2/posts", self.list_posts),
            Route("/wp/v2/posts", self.create_post, methods=["POST"]),
            Route("/wp/v2/posts/{id:int}", self.get_post),
            Route("/wp/v2/posts/{id:int}", self.update_post, methods=["POST"]),
            Route("/wp/v2/posts/{id:int}", self.delete_post, methods=["DELETE"]),
            Route("/wp/v2/media", self.list_media),
            Route("/wp/v2/media", self.upload_media, methods=["POST"]),
            Route("/wp/v2/comments", self.list_comments),
            Route("/wp/v2/{kind}", self.list_terms),
            Route("/wp/v2/{kind}", self.create_term, methods=["POST"]),
        ]
        return {HOST: self.pretty(rest), PLAIN: self.plain(rest)}

    @call("get_me")
    async def get_me(self, request: Request, account: Account) -> Response:
        self.check(request, "me")
        if not account.id:
            raise refused(401, "rest_not_logged_in", "You are not currently logged in.")
        return JSONResponse(
            {
                "id": int(account.id.partition("@")[0]),
                "username": account.username,
                "name": account.name,
                "capabilities": dict.fromkeys(sorted(self.role(account)), True),
                "avatar_urls": {"96": "https://secure.gravatar.com/avatar/0?s=96"},
            }
        )

    @call("create_post")
    async def create_post(self, request: Request, account: Account) -> Response:
        self.need(account, "edit_posts", "rest_cannot_create", rules.NOT_CREATE)
        body = await self.body(request, rules.POST, "post")
        if not any(body.get(name) for name in ("content", "title", "excerpt")):
            raise refused(400, "empty_content", "Content, title, and excerpt are empty.")
        for kind in ("categories", "tags"):
            if not {str(each) for each in body.get(kind, ())} <= self.terms(request, kind).keys():
                raise invalid(kind)
        if "featured_media" in body and not self.file(body["featured_media"], request):
            raise invalid("featured_media")
        number = self.next_id()
        slug = body.get("slug", "")
        if slug and self.store.get(self.key, "slug", f"{account.id}:{slug}"):
            slug = f"{slug}-2"
        post = {**body, "id": number, "status": "draft", "slug": slug}
        self.store.put(self.key, "post", str(number), account.id, post)
        self.store.put(self.key, "slug", f"{account.id}:{post['slug']}", "", {"post": number})
        return JSONResponse(self.shown(request, {**post, "account": account.id}), 201)

    @call("update_post")
    async def update_post(self, request: Request, account: Account) -> Response:
        post = self.known(request)
        if post["account"] != account.id:
            raise self.not_allowed(account, "rest_cannot_edit", rules.NOT_EDIT)
        body = await self.body(request, rules.CHANGE, "post")
        if body.get("status") in ("publish", "private"):
            self.need(account, "publish_posts", "rest_cannot_publish", rules.NOT_PUBLISH)
        if self.setting(account.id, "review", False):
            body["status"] = "pending"
        post |= body
        if post["status"] != "draft":
            named = rules.slug_of(post["slug"] or post.get("title", ""))
            post["slug"] = named or str(post["id"])
            post.setdefault("month", self.month())
        kept = {name: value for name, value in post.items() if name != "account"}
        self.store.put(self.key, "post", str(post["id"]), account.id, kept)
        if post["status"] == "publish" and not self.public(post):
            self._publish(request, post)
        return JSONResponse(self.shown(request, post))

    def _publish(self, request: Request, post: Mapping[str, Any]) -> None:
        content, featured = post.get("content", ""), post.get("featured_media", 0)
        files = [
            file
            for number in self.files_of(post["account"])
            if (file := self.file(number, request))
            and (number == featured or file["source_url"] in content)
        ]
        self.store.publish(
            self.key,
            str(post["id"]),
            post["account"],
            text=rules.readable(content),
            media=tuple(file["file"] for file in files),
            url=self.link(request, post),
            extra={
                "title": post.get("title", ""),
                "alt": [file["alt_text"] for file in files],
                "said": {name: post.get(name) for name in rules.POST},
            },
        )

    @call("get_post")
    async def get_post(self, request: Request, account: Account) -> Response:
        self.check(request, "post")
        post = self.known(request)
        if post["account"] != account.id and not self.public(post):
            raise self.not_allowed(account, "rest_forbidden", "Sorry, you may not do that.")
        return JSONResponse(self.shown(request, post))

    @call("list_posts")
    async def list_posts(self, request: Request, account: Account) -> Response:
        query = self.check(request, "posts")
        if not account.id:
            raise invalid("status")
        named = self.store.get(self.key, "slug", f"{account.id}:{query.get('slug', '')}")
        post = self.store.get(self.key, "post", str(named["post"])) if named else None
        is_it = post and post["slug"] == query["slug"] and post["status"] != "trash"
        return JSONResponse([self.shown(request, post)] if post and is_it else [])

    @call("delete_post")
    async def delete_post(self, request: Request, account: Account) -> Response:
        is_forced = "force" in self.check(request, "delete")
        post = self.known(request)
        if post["account"] != account.id:
            raise self.not_allowed(account, "rest_cannot_delete", rules.NOT_DELETE)
        if not is_forced and not self.setting(account.id, "has_trash", True):
            raise refused(501, "rest_trash_not_supported", "The post does not support trashing.")
        if post["status"] == "trash" and not is_forced:
            raise refused(410, "rest_already_trashed", "The post has already been deleted.")
        self.store.delete_post(self.key, str(post["id"]))
        status = "gone" if is_forced else "trash"
        self.store.change(self.key, "post", str(post["id"]), status=status)
        return JSONResponse({"id": post["id"], "status": "trash"})

    @call("upload_media")
    async def upload_media(self, request: Request, account: Account) -> Response:
        self.need(account, "upload_files", "rest_cannot_create", rules.NOT_CREATE)
        self.check(request, "upload")
        if media_type(request.headers.get("content-type", "")) != "multipart/form-data":
            raise refused(400, *rules.NOTHING_SENT)
        async with request.form() as form:
            items = form.multi_items()
            said = {name: value for name, value in items if name != "file"}
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise refused(400, "rest_upload_no_data", "No data supplied.")
            if len(items) != len(form) or wrong(said, rules.FILE):
                raise invalid("file")
            content, name = await file.read(), rules.FILENAME.fullmatch(file.filename or "")
        stem, kind = name.groups() if name else ("", "")
        at, start = rules.STARTS.get(kind, (0, b"?"))
        is_it = (file.content_type or "").rpartition("/")[2] == kind
        if not is_it or content[at : at + len(start)] != start:
            said_of = "Sorry, you are not allowed to upload this file type."
            raise refused(500, "rest_upload_unknown_error", said_of)
        most = int(self.setting(account.id, "upload_bytes", UPLOAD_BYTES))
        if len(content) > 2 * most:
            # PHP takes no body this large, and hands on nothing of it.
            raise refused(400, *rules.NOTHING_SENT)
        if len(content) > most:
            too_large = "The uploaded file exceeds the upload_max_filesize directive in php.ini."
            raise refused(500, "rest_upload_unknown_error", too_large)
        number, slug = self.next_id(), stem.lower()
        folder = f"https://{host_of(request)}/wp-content/uploads/{self.month()}"
        told = {
            "source_url": f"{folder}/{file.filename}",
            "alt_text": str(said.get("alt_text", "")),
            "file": self.store.write_file(content, file.content_type or ""),
        }
        self.store.put(self.key, "media", f"{host_of(request)}:{number}", account.id, told)
        self.store.put(self.key, "file", f"{account.id}:{slug}", "", {"media": number})
        self.own_file(account.id, number)
        return JSONResponse({"id": number, "source_url": told["source_url"]}, 201)

    @call("list_media")
    async def list_media(self, request: Request, account: Account) -> Response:
        query = self.check(request, "files")
        named = self.store.get(self.key, "file", f"{account.id}:{query.get('slug', '')}")
        file = self.file(named["media"], request) if named else None
        if not named or not file:
            return JSONResponse([])
        return JSONResponse([{"id": named["media"], "source_url": file["source_url"]}])

    @call("list_terms")
    async def list_terms(self, request: Request, account: Account) -> Response:
        query = self.check(request, "terms")
        words, numbers = query.get("search", "").lower(), query.get("include")
        found = self.terms(request, request.path_params["kind"])
        listed = [
            (number, name)
            for number, name in found.items()
            if words in name.lower() and (numbers is None or number in numbers.split(","))
        ]
        return JSONResponse([{"id": int(number), "name": name} for number, name in listed])

    @call("create_term")
    async def create_term(self, request: Request, account: Account) -> Response:
        kind = request.path_params["kind"]
        known = self.terms(request, kind)
        right = "manage_categories" if kind == "categories" else "edit_posts"
        self.need(account, right, "rest_cannot_create", rules.NO_TERMS)
        body = await self.body(request, rules.TERM, "none")
        name = " ".join(body.get("name", "").split()).replace("&", "&amp;")
        if not name:
            raise invalid("name")
        for number, other in known.items():
            if other.lower() == name.lower():
                said = "A term with the name provided already exists in this taxonomy."
                raise refused(400, "term_exists", said, term_id=int(number))
        number = str(self.next_id())
        self.store.put(
            self.key, "terms", f"{host_of(request)}:{kind}", "", {"names": {**known, number: name}}
        )
        return JSONResponse({"id": int(number), "name": name}, 201)

    @call("list_comments")
    async def list_comments(self, request: Request, account: Account) -> Response:
        query = self.check(request, "comments")
        post = self.store.post(self.key, query.get("post", ""))
        count = self.numbers(post).comments if post else 0
        return JSONResponse([], headers={"X-WP-Total": str(count)})
