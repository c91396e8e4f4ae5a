"""What every call of the simulated LinkedIn API checks: tokens, headers, quotas, authors.

Settings: `retired_versions` (list), `member_day_calls` and `app_day_calls` (versioned calls until
midnight in UTC), `settling_seconds` (how long a new token is refused), `roles` of an
organization ({member id: role}; otherwise its `extra["roles"]`).

Query parameters, method headers and URNs in paths are those that LinkedIn's calls take.
"""

import functools
import re
import uuid
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from deploy.simulator.linkedin.rules import check_headers, denied, invalid, problem
from deploy.simulator.network import Handler, Network, Refused, call
from deploy.simulator.state.records import Account, Token
from deploy.simulator.strict import Fits, matching, one_of, text, wrong

#: Roles that may post for a page.
POSTING_ROLES = ("ADMINISTRATOR", "CONTENT_ADMIN", "DIRECT_SPONSORED_CONTENT_POSTER")
WHY_NOT = {
    "empty": (401, "EMPTY_ACCESS_TOKEN", "Empty oauth2 access token", 65604),
    "expired": (
        401,
        "EXPIRED_ACCESS_TOKEN",
        "The token used in the request has expired",
        65602,
    ),
    "revoked": (
        401,
        "REVOKED_ACCESS_TOKEN",
        "The token used in the request has been revoked by the user",
        65601,
    ),
    "unknown": (401, "INVALID_ACCESS_TOKEN", "Invalid access token", 65600),
}


class LinkedInRest(Network):
    key = "linkedin"
    name, colour = "LinkedIn", "#0a66c2"
    #: Why the token of the current call is refused.
    _why = "unknown"

    def token(self, request: Request) -> Token | None:
        secret = self.secret(request)
        found = self.store.token(self.key, secret)
        token = super().token(request)
        if token is None or token.kind != "access":
            expired = found and found.kind == "access"
            self._why = (
                "empty" if not secret else "expired" if expired else found.kind if found else ""
            )
            return None
        settling = self.setting(token.account, "settling_seconds", 0)
        if token.issued_at + settling > self.store.now():
            self._why = "revoked"
            return None
        return token

    def unauthorized(self) -> Response:
        known = WHY_NOT.get(self._why, WHY_NOT["unknown"])
        return problem(*known)

    def allows(self, request: Request, scope: str) -> bool:
        """A token without scopes has all that LinkedIn still grants."""
        token = self.token(request)
        if token is None:
            return False
        return scope != "r_member_social" if token.scopes is None else token.allows(scope)

    # Acting for a page

    def acting(self, account: Account, author: str) -> Account | None:
        """The author's account, if it is the caller or the caller's role there may post."""
        if author == author_of(account):
            return account
        page = self.organization(author)
        if page is None or self.role(page, account) not in POSTING_ROLES:
            return None
        return page

    def organization(self, urn: str) -> Account | None:
        return next((page for page in self.organizations() if author_of(page) == urn), None)

    def organizations(self) -> list[Account]:
        return [account for account in self.store.accounts(self.key) if is_page(account)]

    def role(self, page: Account, member: Account) -> str:
        roles = self.setting(page.id, "roles", page.extra.get("roles", {}))
        return str(roles.get(member.id, ""))

    def writer(self, request: Request, account: Account, author: Any, what: str) -> Account:
        """The account that the call writes as. Raises Refused."""
        acting = self.acting(account, str(author))
        kind = "organization" if acting and is_page(acting) else "member"
        if acting is None or not self.allows(request, f"w_{kind}_social"):
            raise Refused(denied(what))
        return acting

    def may_read(self, request: Request, author: Account) -> bool:
        kind = "organization" if is_page(author) else "member"
        return self.allows(request, f"r_{kind}_social")

    # Versioned calls

    def admit(self, request: Request, account: Account) -> None:
        """Raises Refused if a header is wrong or a quota is used up."""
        check_headers(request, self.setting("", "retired_versions", []))
        day = f"{datetime.fromtimestamp(self.store.now(), UTC):%Y-%m-%d}"
        for who, whose, name in (("member", account.id, "MEMBER"), ("app", "", "APPLICATION")):
            most = self.setting(account.id, f"{who}_day_calls", None)
            if most is not None and self.tally(f"{day}:{whose}") > most:
                raise Refused(throttled(f"{name} DAY "))

    # Errors

    def rate_limited(self, reset_seconds: int) -> Response:
        answer = throttled("")
        # Not documented, but honoured, so that a demo need not wait 15 minutes.
        answer.headers["retry-after"] = str(reset_seconds)
        return answer

    def error(self, status: int) -> Response:
        codes = {401: "EXPIRED_ACCESS_TOKEN", 403: "ACCESS_DENIED", 404: "NOT_FOUND"}
        codes |= {409: "CONFLICT", 429: "TOO_MANY_REQUESTS", 500: "INTERNAL_SERVER_ERROR"}
        codes |= {426: "NONEXISTENT_VERSION", 503: "SERVICE_UNAVAILABLE"}
        return problem(status, codes.get(status, ""), "simulated")

    def stamp(self, answer: Response) -> None:
        answer.headers["x-li-uuid"] = uuid.uuid4().hex
        answer.headers["x-li-fabric"] = "prod-lva1"


def rest(name: str) -> Callable[[Handler], Callable[[Any, Request], Awaitable[Response]]]:
    """Marks a method as a call of the versioned API."""

    def decorate(handler: Handler) -> Callable[[Any, Request], Awaitable[Response]]:
        @call(name)
        @functools.wraps(handler)
        async def run(network: LinkedInRest, request: Request, account: Account) -> Response:
            network.admit(request, account)
            check_address(name, request)
            return await handler(network, request, account)

        return run

    return decorate


def author_of(account: Account) -> str:
    return str(account.extra.get("author") or f"urn:li:person:{account.id}")


def is_page(account: Account) -> bool:
    return author_of(account).startswith("urn:li:organization:")


def throttled(what: str) -> Response:
    message = f"Resource level throttle {what}limit for calls to this resource is reached."
    return problem(429, "TOO_MANY_REQUESTS", message, 101)


URN = re.compile(r"urn:li:((share|ugcPost|organization):[0-9]+|(image|video|document):[\w-]+)")
_digits = matching("[0-9]{1,9}")
_list = matching(r"List\([^()]+\)")
_start = {"action": one_of("initializeUpload")}
#: Call → its query parameters. A call that is missing here takes none.
QUERIES: Mapping[str, Mapping[str, Fits]] = {
    "find_posts": {
        "author": text,
        "q": one_of("author"),
        "count": _digits,
        "start": _digits,
        "sortBy": one_of("CREATED", "LAST_MODIFIED"),
    },
    "list_roles": {
        "q": one_of("roleAssignee"),
        "role": matching("[A-Z_]+"),
        "state": one_of("APPROVED", "REQUESTED", "REJECTED", "REVOKED"),
        "count": _digits,
        "start": _digits,
    },
    "share_statistics": {
        "q": one_of("organizationalEntity"),
        "organizationalEntity": text,
        "shares": _list,
        "ugcPosts": _list,
    },
    "network_size": {"edgeType": text},
    "start_upload": _start,
    "start_document": _start,
    "start_video": {"action": text},
    "finalize_video": {"action": one_of("finalizeUpload")},
}
#: Call → the header X-RestLi-Method; the others take none.
METHODS = {
    "find_posts": "FINDER",
    "list_roles": "FINDER",
    "share_statistics": "FINDER",
    "edit_post": "PARTIAL_UPDATE",
    "delete_post": "DELETE",
}
#: Calls that Rest.li knows by their path or by `q` too.
METHOD_OPTIONAL = {"delete_post", "list_roles", "share_statistics"}


def check_address(call: str, request: Request) -> None:
    """Raises Refused for a wrong query, method header, or URN in the path."""
    if names := wrong(request.query_params, QUERIES.get(call, {})):
        raise Refused(problem(400, "PARAM_INVALID", f"{names[0]} is unknown or invalid."))
    method, needed = request.headers.get("x-restli-method"), METHODS.get(call)
    if method != needed and not (method is None and call in METHOD_OPTIONAL):
        raise Refused(invalid(f"X-RestLi-Method is not {needed}."))
    urn = request.path_params.get("urn")
    if urn is None:
        return
    # Rest.li reads a raw colon as its own.
    if b":" in request.scope["raw_path"] or not URN.fullmatch(urn):
        raise Refused(problem(400, "INVALID_URN_ID", "The path holds no encoded URN."))
