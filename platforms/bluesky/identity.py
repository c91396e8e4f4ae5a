"""Who a handle is, and on which server its account lives.

A handle is a host name that anyone may write into a form, and the documents about it are its
owner's. So what a handle says is believed only if its DID's document says the same, and every
address of it is called as one that a stranger named.

Source: https://atproto.com/specs/handle, https://atproto.com/specs/did and
https://web.plc.directory/api/redoc (read 2026-11-30).
"""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from platforms.errors import PlatformError, Rejected
from platforms.http.client import Client

DIRECTORY = "https://plc.directory"
#: Resolves handles by DNS and by their hosts, for clients that cannot ask the DNS for texts.
RESOLVER = "https://public.api.bsky.app/xrpc/com.atproto.identity.resolveHandle"
HANDLE_CHARS = 253
HANDLE = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,126}[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?"
)
DID = re.compile(r"did:(?:plc:[a-z2-7]{24}|web:[a-z0-9.-]{1,253})")
#: What people copy with a handle.
BEFORE_HANDLE = re.compile(r"^(?:https?://bsky\.app/profile/|at://|@)")
GONE = (400, 401, 403, 404, 410)
SERVER_ID, SERVER_TYPE = "#atproto_pds", "AtprotoPersonalDataServer"


@dataclass(frozen=True, slots=True)
class Identity:
    """An account of the network. `pds` is the origin of its server, as its document names it."""

    did: str
    handle: str
    pds: str


async def find(named: str, http: Client) -> Identity:
    """Return the account that a handle or a DID names. Raises Rejected (`handle_refused`)."""
    name = BEFORE_HANDLE.sub("", named.strip().lower())
    if DID.fullmatch(name):
        return await of_did(name, http)
    if len(name) > HANDLE_CHARS or not HANDLE.fullmatch(name):
        raise _refused("Enter a handle such as alice.bsky.social.")
    found = await of_did(await _did_of(name, http), http)
    if found.handle != name:
        raise _refused(f"{name} leads to an account that does not confirm this handle.")
    return found


async def of_did(did: str, http: Client) -> Identity:
    """Return what the DID's document says. Raises PlatformError."""
    document = await _document(did, http)
    names = (str(each) for each in _listed(document, "alsoKnownAs"))
    handle = next((each[5:].lower() for each in names if each.startswith("at://")), "")
    if document.get("id") != did or not HANDLE.fullmatch(handle):
        raise _refused("The account's document does not belong to it, or names no handle.")
    return Identity(did, handle, server(document))


def server(document: dict[str, Any]) -> str:
    """Return the origin of the server that a document names. Raises Rejected if it names none."""
    for service in _listed(document, "service"):
        if not isinstance(service, dict):
            continue
        if str(service.get("id")).endswith(SERVER_ID) and service.get("type") == SERVER_TYPE:
            parts = urlsplit(str(service.get("serviceEndpoint")))
            return f"{parts.scheme}://{parts.netloc}"
    raise Rejected("The account's document names no server.", code="address_refused")


async def _did_of(handle: str, http: Client) -> str:
    answer = await http.get(RESOLVER, params={"handle": handle}, accept=(400,))
    if answer.status != 400:
        return answer.take("did")
    try:
        # The app may not know a new handle yet; its own host does.
        url = f"https://{handle}/.well-known/atproto-did"
        did = (await http.get(url, is_foreign=True)).content[:300].decode("ascii", "replace")
    except PlatformError as failure:
        if failure.code == "address_refused":
            raise
        raise _refused(f"There is no account with the handle {handle}.") from failure
    if not DID.fullmatch(did.strip()):
        raise _refused(f"{handle} leads to no account.")
    return did.strip()


async def _document(did: str, http: Client) -> dict[str, Any]:
    if not DID.fullmatch(did):
        raise _refused("The account's identifier is of a kind that is not known here.")
    if did.startswith("did:plc:"):
        answer = await http.get(f"{DIRECTORY}/{did}", accept=GONE)
    else:
        url = f"https://{did.removeprefix('did:web:')}/.well-known/did.json"
        answer = await http.get(url, accept=GONE, is_foreign=True)
    if answer.status in GONE:
        raise _refused("The account does not exist, or not any more.")
    return answer.json_object()


def _listed(document: dict[str, Any], name: str) -> list[Any]:
    found = document.get(name)
    return found if isinstance(found, list) else []


def _refused(why: str) -> Rejected:
    return Rejected(why, code="handle_refused")
