"""LinkedIn's versioned API: base URL, headers and URNs.

Source: Microsoft Learn, "Versioning", "Protocol Versions", "URNs and IDs" (read 2026-11-24).
"""

import re
from datetime import date
from urllib.parse import quote

from platforms.drafts import Credentials
from platforms.http.client import Client
from platforms.http.versions import ApiVersion
from platforms.outcomes import Published, Removal

API = "https://api.linkedin.com/rest"
#: A version is served for a year at least: 202508 ended on 2026-08-17, 202511 on 2026-11-16, and
#: 202603 ends on 2027-03-16. Source: Microsoft Learn, "LinkedIn API Versioning" (read 2026-12-02).
VERSION = ApiVersion(
    "linkedin",
    "202608",
    re.compile(r"20\d\d(0[1-9]|1[0-2])"),
    "a year and a month, like 202608",
    lambda version: date(int(version[:4]) + 1, int(version[4:]), 1),
)
POST = re.compile(r"urn:li:(?:share|ugcPost):(\d+)")


def headers(token: str, http: Client, method: str = "") -> dict[str, str]:
    """Return the headers of every call; `method` is Rest.li's, such as FINDER.

    LinkedIn answers 426 to a version that it has retired.
    """
    common = {
        "Authorization": f"Bearer {token}",
        "LinkedIn-Version": VERSION.chosen(http.versions),
        "X-Restli-Protocol-Version": "2.0.0",
    }
    return {**common, "X-RestLi-Method": method} if method else common


def author(account: Credentials) -> str:
    return account.extra.get("author") or f"urn:li:person:{account.platform_account_id}"


def is_organization(urn: str) -> bool:
    return urn.startswith("urn:li:organization:")


def in_path(urn: str) -> str:
    return quote(urn, safe="")


def made_ms(urn: str) -> int:
    """Return the time in a post's URN, in unix milliseconds; 0 if there is none."""
    named = POST.fullmatch(urn)
    return int(named[1]) >> 22 if named else 0


async def remove(post_id: str, account: Credentials, http: Client) -> Removal:
    """Delete a post, by its URN. LinkedIn answers alike whether it deleted the post or it was gone.

    Source: Microsoft Learn, "Posts API", "Delete Posts" (read 2026-11-26).
    """
    answer = await http.request(
        "DELETE",
        f"{API}/posts/{in_path(post_id)}",
        headers=headers(account.token, http, "DELETE"),
        accept=(404,),
    )
    return "already_gone" if answer.is_missing() else "deleted"


def published(urn: str) -> Published:
    return Published(id=urn, url=f"https://www.linkedin.com/feed/update/{urn}")
