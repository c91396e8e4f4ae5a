"""The records and files of accounts: one batch is stored entirely or not at all.

Calls: apply_writes, get_record, delete_record, upload_blob.
"""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from deploy.simulator.bluesky import rules
from deploy.simulator.bluesky.cids import cid_of
from deploy.simulator.bluesky.rules import POST, Rules
from deploy.simulator.bluesky.sessions import Sessions, body_of, checked, refused, wrong_params
from deploy.simulator.network import Refused, call
from deploy.simulator.state.records import Account
from deploy.simulator.strict import media_type, sniffed

#: Source: lexicon app.bsky.actor.profile, whose only key is `self` (read 2026-12-02).
PROFILE = "app.bsky.actor.profile"
#: The beginnings of files that are taken here, and where they are.
STARTS = {
    "image/jpeg": (0, b"\xff\xd8\xff"),
    "image/png": (0, b"\x89PNG"),
    "image/webp": (0, b"RIFF"),
    "video/mp4": (4, b"ftyp"),
}
#: A client that does not know the type of a file says so, and the server looks.
#: Source: @atproto/pds, actor-store/blob/transactor.ts (read 2026-11-30).
ANY = "*/*"


class Repos(Sessions):
    """The calls that write and read records."""

    def read_of(self, request: Request) -> Account:
        """Return the account whose record is read. Raises Refused, also if it is inactive."""
        query = dict(request.query_params)
        if problem := wrong_params(rules.READ, query, "com.atproto.repo.getRecord"):
            raise Refused(problem)
        owner = self.by_name(query["repo"])
        if owner is None or self.setting(owner.id, "status", ""):
            raise refused(400, "InvalidRequest", "Could not locate record")
        return owner

    def _check_owner(self, repo: str, account: Account) -> None:
        """Raise Refused unless the account may write to this repository."""
        owner = self.by_name(repo)
        if owner is None:
            raise refused(403, "AccountNotFound", "Account not found")
        if self.setting(owner.id, "status", "") == "deactivated":
            raise refused(401, "AccountDeactivated", "Account is deactivated")
        if owner.id != account.id:
            raise refused(401, "AuthenticationRequired", "Authentication Required")

    @call("apply_writes")
    async def apply_writes(self, request: Request, account: Account) -> Response:
        body = checked(rules.WRITES, await body_of(request))
        self._check_owner(body["repo"], account)
        if len(body["writes"]) > rules.MOST_WRITES:
            raise refused(400, "InvalidRequest", f"Too many writes. Max: {rules.MOST_WRITES}")
        made: list[tuple[dict[str, Any], Rules]] = []
        for write in body["writes"]:
            write.setdefault("rkey", _new_tid())
            made.append((write, self._checked(account, write, [each for each, _ in made])))
        for write, found in made:
            self._store(account, write, self._files(account, found))
        results = [
            {
                "$type": "com.atproto.repo.applyWrites#createResult",
                "uri": f"at://{account.id}/{write['collection']}/{write['rkey']}",
                "cid": cid_of(write["value"]),
                "validationStatus": "valid",
            }
            for write, _ in made
        ]
        commit = {"cid": cid_of({"results": results}), "rev": _new_tid()}
        return JSONResponse({"commit": commit, "results": results})

    def _checked(
        self, account: Account, write: dict[str, Any], before: list[dict[str, Any]]
    ) -> Rules:
        found = Rules(account.id)
        record, rkey = write["value"], write["rkey"]
        path = f"$.writes[{len(before)}].record"
        if problem := found.problem(write["collection"], rkey, record, path):
            raise refused(400, "InvalidRequest", problem)
        known = [(each["collection"], each["rkey"]) for each in before]
        if self._kept(write["collection"], rkey) or (write["collection"], rkey) in known:
            raise refused(500, "InternalServerError", "Internal Server Error")
        self._files(account, found)
        earlier = {each["rkey"]: each["value"] for each in before}
        ends = record.get("reply") or {}
        for reference in [*(ends[name] for name in ("root", "parent") if ends), *_quoted(record)]:
            key = reference["uri"].rpartition("/")[2]
            other = earlier.get(key) or self._kept(POST, key)
            if other is None or cid_of(other) != reference["cid"]:
                raise refused(400, "InvalidRequest", "A referenced record does not exist")
        for facet in record.get("facets", ()):
            did = facet["features"][0].get("did")
            if did and self.store.account(self.key, did) is None:
                raise refused(400, "InvalidRequest", "A mentioned account does not exist")
        return found

    def _files(self, account: Account, found: Rules) -> tuple[str, ...]:
        """Return the stored files of a record. Raises Refused if one is not as referenced."""
        return tuple(str(self._stored(account, blob)["file"]) for blob in found.files)

    def _stored(self, account: Account, blob: Mapping[str, Any]) -> Mapping[str, Any]:
        link, kind, size = blob["ref"]["$link"], blob["mimeType"], blob["size"]
        stored = self.store.get(self.key, f"blob {account.id}", link)
        if stored is None:
            raise refused(400, "BlobNotFound", f"Could not find blob: {link}")
        differs = "does not match stored blob. Expected:"
        if stored["type"] != kind:
            words = f"Referenced Mimetype {differs} {stored['type']}, Got: {kind}"
            raise refused(400, "InvalidMimeType", words)
        if stored["size"] != size:
            words = f"Referenced Size {differs} {stored['size']}, Got: {size}"
            raise refused(400, "InvalidSize", words)
        return stored

    def _store(self, account: Account, write: dict[str, Any], files: tuple[str, ...]) -> None:
        record, rkey = write["value"], write["rkey"]
        if write["collection"] != POST:
            self.store.put(self.key, write["collection"], rkey, account.id, record)
            return
        extra = {"record": record, "alt": _alts(record), "reply": bool(record.get("reply"))}
        link = f"https://bsky.app/profile/{account.id}/post/{rkey}"
        text = record["text"]
        self.store.publish(
            self.key, rkey, account.id, text=text, media=files, url=link, extra=extra
        )

    def _kept(self, collection: str, rkey: str) -> dict[str, Any] | None:
        if collection != POST:
            found = self.store.get(self.key, collection, rkey) or {}
            return {name: value for name, value in found.items() if name != "account"} or None
        post = self.store.post(self.key, rkey)
        return dict(post.extra["record"]) if post else None

    @call("get_record")
    async def get_record(self, request: Request, account: Account) -> Response:
        query = request.query_params
        uri = f"at://{account.id}/{query['collection']}/{query['rkey']}"
        record = self._kept(query["collection"], query["rkey"])
        if (query["collection"], query["rkey"]) == (PROFILE, "self"):
            record = {"$type": PROFILE, "displayName": account.name}
        post = self.store.post(self.key, query["rkey"])
        if record is None or (post and post.account != account.id):
            raise refused(400, "RecordNotFound", f"Could not locate record: {uri}")
        return JSONResponse({"uri": uri, "cid": cid_of(record), "value": record})

    @call("delete_record")
    async def delete_record(self, request: Request, account: Account) -> Response:
        body = checked(rules.DELETE, await body_of(request))
        self._check_owner(body["repo"], account)
        post = self.store.post(self.key, body["rkey"])
        if post and post.account == account.id:
            self.store.delete_post(self.key, post.id)
        return JSONResponse({})

    @call("upload_blob")
    async def upload_blob(self, request: Request, account: Account) -> Response:
        content, kind = await request.body(), media_type(request.headers.get("content-type", ""))
        if not kind:
            words = "Request encoding (Content-Type) required but not provided"
            raise refused(400, "InvalidRequest", words)
        if kind == ANY:
            kind = sniffed(content, STARTS)
        if kind not in STARTS or not content[STARTS[kind][0] :].startswith(STARTS[kind][1]):
            raise refused(400, "InvalidMimeType", "The file is not what its type says")
        return JSONResponse({"blob": self.keep_file(account, content, kind)})

    def keep_file(self, account: Account, content: bytes, kind: str) -> dict[str, Any]:
        digest = b"\x01\x55\x12\x20" + hashlib.sha256(content).digest()
        link = "b" + base64.b32encode(digest).decode().rstrip("=").lower()
        file = self.store.write_file(content, kind)
        facts = {"type": kind, "size": len(content), "file": file}
        self.store.put(self.key, f"blob {account.id}", link, account.id, facts)
        return {"$type": "blob", "ref": {"$link": link}, "mimeType": kind, "size": len(content)}


def _new_tid() -> str:
    """Return an identifier of the form that servers derive from the time."""
    return "3" + "".join(secrets.choice("abcdefghij") for _ in range(12))


def _quoted(record: dict[str, Any]) -> list[dict[str, Any]]:
    embed = record.get("embed", {})
    inner = embed.get("record", {})
    found = inner.get("record", inner) if embed.get("$type", "").endswith("Media") else inner
    return [found] if found else []


def _alts(record: dict[str, Any]) -> list[str]:
    embed = record.get("embed", {})
    embed = embed.get("media", embed)
    files = embed.get("images") or embed.get("items") or [embed]
    return [str(each.get("alt", "")) for each in files]
