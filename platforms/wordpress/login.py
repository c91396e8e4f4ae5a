"""Connect an account by its site's address, its user's name and an application password.

The root of the REST API is where the site's front page says that it is, or else where it usually
is. Nothing secret is sent before it has been found, on the site's own host. Passwords neither
expire nor are renewed; their owner revokes them.

Source: https://developer.wordpress.org/rest-api/using-the-rest-api/discovery/ and
https://developer.wordpress.org/advanced-administration/security/application-passwords/ (read
2026-11-30). Run against WordPress 6.8.12 on 2026-11-30: the index takes `_fields`, and has
`application-passwords` under `authentication` unless the site has switched them off.
"""

import html
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import SplitResult, urlsplit

from platforms.drafts import Credentials
from platforms.errors import OutcomeUnknown, PlatformError, Rejected, Unauthorized, Unavailable
from platforms.http.client import Answer, Client
from platforms.login_forms import FormField, FormLogin
from platforms.oauth import App, Profile, Tokens
from platforms.wordpress import errors
from platforms.wordpress.site import basic, number_of

HOST_CHARS, PATH_CHARS = 253, 100
HOST = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,126}[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?"
)
#: A site below a folder of its host.
PATH = re.compile(r"(?:/[\w~-][\w.~-]{0,59}){0,4}")
#: What people copy with a site's address: pages of its administration.
AFTER_SITE = re.compile(r"/(?:wp-admin|wp-login\.php|wp-json)(?:/.*)?$")
#: The root of the REST API in a `Link` header.
ROOT = re.compile(r'<([^<>]{1,1000})>\s{0,9};\s{0,9}rel="https://api\.w\.org/"')
USUAL = ("/wp-json/", "/?rest_route=/")
#: What a front page, or the place of a root, may answer without being one.
NOT_IT = (301, 302, 303, 307, 308, 401, 403, 404, 405, 406, 410)
INDEX = {"_fields": "name,home,namespaces,authentication"}
ME = {"context": "edit", "_fields": "id,username,name,capabilities,avatar_urls"}
NO_SITE = "Enter the site's address such as https://blog.example.com."


def place_named(given: str) -> str:
    """Return a site's host, with the folder below it. Raises Rejected (`handle_refused`)."""
    bare = given.strip().partition("#")[0].partition("?")[0]
    name, _, path = re.sub(r"^https?://", "", bare, flags=re.IGNORECASE).partition("/")
    try:
        host = name.rstrip(".").encode("idna").decode().lower() if not name.isascii() else name
    except UnicodeError:
        host = ""
    host, folder = host.rstrip(".").lower(), AFTER_SITE.sub("", f"/{path}").rstrip("/")
    fits = len(host) <= HOST_CHARS and len(folder) <= PATH_CHARS
    if not fits or not HOST.fullmatch(host) or not PATH.fullmatch(folder):
        raise Rejected(NO_SITE, code="handle_refused")
    return host + folder


class ApplicationPasswordLogin(FormLogin):
    name = "WordPress"
    intro = (
        "Create an application password in the site's administration: Users, Profile, Application "
        "Passwords. The user needs the role of an author, or a higher one."
    )
    fields = (
        FormField("site_url", "Site", "https://blog.example.com", "The address of its front page."),
        FormField("username", "User name", "alice", "The name that the user logs in with."),
        FormField(
            "app_password",
            "App password",
            "abcd EFGH 1234 ijkl MNOP 5678",
            "Not the account's own password.",
            is_secret=True,
        ),
    )

    async def sign_in(self, answers: Mapping[str, str], http: Client) -> Sequence[Profile]:
        password = "".join(answers["app_password"].split())
        http.hide(password)
        place = place_named(answers["site_url"])
        root, index = await _find_root(place, http)
        home = _home(index, root, place)
        answer = await http.get(
            f"{root}wp/v2/users/me",
            headers=basic(answers["username"], password),
            params=ME,
            is_foreign=True,
        )
        user, number = answer.json_object(), number_of(answer)
        _require(user.get("capabilities"))
        return [
            Profile(
                platform_account_id=f"{number}@{home}",
                name=_text(index.get("name")) or home,
                username=answer.take("username"),
                display_name=_text(user.get("name")),
                avatar_url=_picture(user.get("avatar_urls")),
                tokens=Tokens(access=password),
                extra={"rest": root},
            )
        ]

    async def refresh(self, app: App, account: Credentials, http: Client) -> Tokens:
        raise Unauthorized("An application password is not renewed; enter another one.")

    def explain(self, answer: Answer) -> PlatformError:
        if answer.status == 401 and errors.said_code(answer):
            return Unauthorized(
                "The site does not accept this user name and application password. If both are "
                "right, something on the site keeps the header Authorization from WordPress.",
                platform_code=errors.said_code(answer),
            )
        error = errors.explain(answer)
        if isinstance(error, Rejected | OutcomeUnknown):
            # What a login is refused with is either in a table, or says nothing about it.
            error.unmapped = isinstance(error, Rejected)
            return error.as_(
                Unavailable, code="" if error.code == error.default_code else error.code
            )
        return error


async def _find_root(place: str, http: Client) -> tuple[str, Mapping[str, Any]]:
    """Return the root of a site's REST API, and what that says of itself. Raises PlatformError."""
    front = await http.get(f"https://{place}/", accept=NOT_IT, is_foreign=True)
    if 300 <= front.status < 400:
        to = _parts(front.headers.get("location", "")).hostname or "another address"
        raise Rejected(
            f"The site redirects to {to[:HOST_CHARS]}, which is not followed; enter the address "
            "that a browser shows in the end.",
            code="address_refused",
        )
    said = ROOT.search(front.headers.get("link", ""))
    roots = [f"{said[1].rstrip('/')}/"] if said else [f"https://{place}{usual}" for usual in USUAL]
    for root in roots:
        parts = _parts(root)
        if parts.scheme != "https" or parts.netloc.lower() != place.partition("/")[0]:
            raise Rejected(
                "The site says that its REST API is on another host, or not encrypted: ask its "
                "administrator to set the site's address right.",
                code="address_refused",
            )
        answer = await http.get(root, params=INDEX, accept=NOT_IT, is_foreign=True)
        index = answer.json_object()
        spaces = index.get("namespaces")
        if answer.status == 200 and isinstance(spaces, list) and "wp/v2" in spaces:
            _require_passwords(index.get("authentication"))
            return root, index
    why = "WordPress does not answer at this address, or something in front of it does instead."
    raise Rejected(f"{why} {NO_SITE}", code="handle_refused")


def _parts(url: str) -> SplitResult:
    """Return the parts of an address that a site writes; empty ones if it is none."""
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")


def _home(index: Mapping[str, Any], root: str, place: str) -> str:
    """Return the site's own address, without `https://`: any page of it leads to its API."""
    said = _parts(str(index.get("home") or ""))
    is_here = said.netloc.lower() == _parts(root).netloc.lower()
    folder = said.path.rstrip("/")
    fits = is_here and len(folder) <= PATH_CHARS and PATH.fullmatch(folder)
    return f"{said.netloc.lower()}{folder}" if fits else place


def _require_passwords(ways: Any) -> None:
    if not isinstance(ways, dict) or "application-passwords" not in ways:
        raise Rejected(
            "The site has switched application passwords off: ask its administrator.",
            code="account_restricted",
        )


def _require(capabilities: Any) -> None:
    """Raise Rejected for a user who may not publish."""
    may = capabilities if isinstance(capabilities, dict) else {}
    if not (may.get("edit_posts") and may.get("publish_posts")):
        raise Rejected(
            "The site's user may not publish posts; it needs the role of an author, or a higher "
            "one.",
            code="permission_missing",
        )


def _text(value: Any) -> str:
    """Return a name, which WordPress keeps as HTML."""
    return html.unescape(value).strip() if isinstance(value, str) else ""


def _picture(sizes: Any) -> str:
    found = sizes.get("96") if isinstance(sizes, dict) else None
    is_url = isinstance(found, str) and found.startswith("https://") and len(found) <= 1000
    return str(found) if is_url else ""
