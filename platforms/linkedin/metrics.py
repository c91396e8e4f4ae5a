"""Read LinkedIn's numbers of an organization's posts, and its followers.

It needs `rw_organization_admin`, which every login for organizations asks for, of a member who is
an administrator of the page. Nothing is asked for members: LinkedIn answers one number of one post
in a call, with a permission that it gives to few apps. Posts without any view are left out.
Source: Microsoft Learn, "Organization Share Statistics", "Organization Network Size", "Member Post
Statistics" (read 2026-11-26). The number of URNs in a call is not documented.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from platforms.drafts import Credentials
from platforms.errors import Rejected, Unauthorized
from platforms.http.client import Client
from platforms.http.foreign.stated import as_count
from platforms.linkedin import rest
from platforms.metrics import Metrics, objects_in, with_numbers
from platforms.oauth import has_any_scope

BATCH = 20
SCOPES = ("rw_organization_admin", "r_organization_admin")
#: Type of URN → the parameter for it, and the field that names it in the answer.
TYPES = {"share": ("shares", "share"), "ugcPost": ("ugcPosts", "ugcPost")}


async def read_metrics(
    post_ids: Sequence[str], account: Credentials, http: Client
) -> Mapping[str, Metrics]:
    """Read the numbers of posts, with a call for each type of URN."""
    organization = rest.author(account)
    if not _may(organization, account):
        return {}
    found: dict[str, Metrics] = {}
    for kind, (parameter, field) in TYPES.items():
        urns = [urn for urn in post_ids if rest.POST.fullmatch(urn) and f":{kind}:" in urn]
        if urns:
            # Rest.li takes brackets and commas as they are, and the rest of a URN encoded.
            listed = f"{parameter}=List({','.join(map(rest.in_path, urns))})"
            path = f"?q=organizationalEntity&organizationalEntity={rest.in_path(organization)}"
            path = f"organizationalEntityShareStatistics{path}&{listed}"
            answered = await _asked(path, account, http, "FINDER")
            found |= dict(_numbers(answered.get("elements"), field))
    return with_numbers(found)


async def read_followers(account: Credentials, http: Client) -> int | None:
    organization = rest.author(account)
    if not _may(organization, account):
        return None
    edge = "edgeType=COMPANY_FOLLOWED_BY_MEMBER"
    path = f"networkSizes/{rest.in_path(organization)}?{edge}"
    return as_count((await _asked(path, account, http)).get("firstDegreeSize"))


def _may(author: str, account: Credentials) -> bool:
    return rest.is_organization(author) and has_any_scope(account.scopes, *SCOPES)


async def _asked(path: str, account: Credentials, http: Client, method: str = "") -> dict[str, Any]:
    """Return the answer; empty if the member may not ask, or for posts LinkedIn does not know."""
    headers = rest.headers(account.token, http, method)
    try:
        answer = await http.get(f"{rest.API}/{path}", headers=headers)
    except (Unauthorized, Rejected) as refusal:
        if isinstance(refusal, Unauthorized) and refusal.code != "permission_missing":
            raise
        return {}
    if not answer.json_object():
        answer.unreadable("its answer could not be read")
    return answer.json_object()


def _numbers(elements: Any, field: str) -> Iterator[tuple[str, Metrics]]:
    for element in objects_in(elements):
        said = element.get("totalShareStatistics")
        if isinstance(said, dict):
            yield (
                str(element.get(field)),
                Metrics(
                    likes=as_count(said.get("likeCount")),
                    comments=as_count(said.get("commentCount")),
                    shares=as_count(said.get("shareCount")),
                    impressions=as_count(said.get("impressionCount")),
                    clicks=as_count(said.get("clickCount")),
                ),
            )
