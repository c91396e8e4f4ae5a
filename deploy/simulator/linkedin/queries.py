"""The addresses of LinkedIn's calls: their query parameters, method headers, and URNs in paths."""

import re
from collections.abc import Mapping

from starlette.requests import Request

from deploy.simulator.fits import Fits, matching, one_of, text, wrong
from deploy.simulator.linkedin.rules import invalid, problem
from deploy.simulator.network import Refused

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
