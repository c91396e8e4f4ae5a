"""Which redirect URIs a client may register, and which of a request are its own. No I/O."""

import re
from typing import Final
from urllib.parse import SplitResult, urlencode, urlsplit

from platforms.downloads import addresses

MOST_CHARS: Final = 2000
#: RFC 8252 7.3 and 8.3. A program there listens on any free port.
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
#: Of RFC 3986, without what ends a header, a quoted attribute or a policy's word.
_ALLOWED = re.compile(r"[A-Za-z0-9\-._~:/?\[\]@!$&()*+,;=%]+")
_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
#: RFC 8252 7.1: a private scheme is a reversed domain, and so has a dot; `javascript:` has none.
_PRIVATE_SCHEME = re.compile(r"[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+")
#: Editors have a scheme without one, and hand the URI to the extension that is its host, as in
#: `cursor://anysphere.cursor-mcp/oauth/callback` (Cursor; VS Code, Windsurf and Kiro likewise).
_SHORT_SCHEME = re.compile(r"[a-z][a-z0-9+-]*")
_EXTENSION = re.compile(r"[a-z0-9][a-z0-9-]*(\.[a-z0-9][a-z0-9-]*)+")
#: Others have no extensions, and say what the URI is for: `warp://mcp/oauth2callback` (Warp),
#: `raycast://oauth?package_name=mcp` (Raycast).
_PURPOSE = "oauth"
#: Schemes that a browser or a system acts on itself. It is told nothing there.
_NOT_PRIVATE = frozenset(
    {
        *("about", "blob", "chrome", "chrome-extension", "data", "file", "filesystem", "ftp"),
        *("ftps", "http", "https", "intent", "jar", "javascript", "ldap", "ldaps", "livescript"),
        *("mailto", "mocha", "moz-extension", "res", "resource", "sftp", "smb", "sms", "ssh"),
        *("tel", "telnet", "vbscript", "view-source", "ws", "wss"),
    }
)
RULE = (
    "Use https, http on 127.0.0.1, [::1] or localhost, or a private scheme such as "
    "com.example.app:/callback, editor://publisher.extension/callback or editor://oauth; without a "
    "fragment, a user name or spaces."
)


def problem(uri: object) -> str:
    """Why this cannot be a redirect URI; blank if it can."""
    if not isinstance(uri, str) or not 0 < len(uri) <= MOST_CHARS or not _ALLOWED.fullmatch(uri):
        return RULE
    found = _split(uri)
    if found is None or "@" in found.netloc or _has_dot_segment(found.path):
        return RULE
    if found.scheme == "https":
        return "" if _HOST.fullmatch(found.hostname or "") else RULE
    if found.scheme == "http":
        return "" if found.hostname in LOOPBACK else RULE
    return "" if _is_private(found) else RULE


def _is_private(found: SplitResult) -> bool:
    """Return whether it leads to a program on the operator's device."""
    if _PRIVATE_SCHEME.fullmatch(found.scheme):
        return True
    is_scheme = _SHORT_SCHEME.fullmatch(found.scheme) and found.scheme not in _NOT_PRIVATE
    is_systems = found.scheme.startswith(("ms-", "x-", "web+"))
    is_word = bool(_SHORT_SCHEME.fullmatch(found.netloc))
    says_why = is_word and f"/{_PURPOSE}" in f"/{found.netloc}{found.path}"
    is_host = says_why or bool(_EXTENSION.fullmatch(found.netloc))
    return bool(is_scheme) and not is_systems and is_host


def is_same(registered: str, given: str) -> bool:
    """Whether the given URI is the registered one: exactly, but for the port of a loopback."""
    if registered == given:
        return True
    if problem(given):
        return False
    ours, theirs = urlsplit(registered), urlsplit(given)
    if ours.scheme != "http" or ours.hostname not in LOOPBACK:
        return False
    return _without_port(ours) == _without_port(theirs)


def with_answer(uri: str, answer: dict[str, str]) -> str:
    """The URI with these parameters added to its query."""
    joint = "&" if "?" in uri else "?"
    return f"{uri}{joint}{urlencode(answer)}"


def shown(uri: str) -> str:
    """Return where a redirect URI leads, for people."""
    found = urlsplit(uri)
    if found.scheme == "http":
        return f"a program on your own computer ({found.hostname})"
    return found.netloc if found.scheme == "https" else f"an app on your device ({found.scheme})"


def policy_source(uri: str) -> str:
    """The word of a Content-Security-Policy that allows a form to end at this URI.

    The scheme alone: an https address often leads on to another, and browsers check each.
    """
    return f"{urlsplit(uri).scheme}:"


def _split(uri: str) -> SplitResult | None:
    try:
        found = addresses.split_url(uri)
    except ValueError:
        return None
    # Written in capitals it would not be found again by the browser's own form of it.
    is_plain = uri.startswith(f"{found.scheme}:") and found.netloc == found.netloc.lower()
    return found if is_plain else None


def _has_dot_segment(path: str) -> bool:
    """Return whether a browser would go to another path than the one that is written."""
    plain = path.lower().replace("%2e", ".")
    return any(part in (".", "..") for part in plain.split("/"))


def _without_port(found: SplitResult) -> tuple[str, str | None, str, str]:
    return found.scheme, found.hostname, found.path, found.query
