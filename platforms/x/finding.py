"""Learn what became of a part whose answer was lost, from the account's own timeline.

X has no key by which to ask, so the post is known by its text and by its time. What the timeline
does not show after five minutes was never posted; X's refusal of identical texts guards the one
time it is then sent again.
"""

from datetime import datetime

from platforms import clock
from platforms.checkpoint import Checkpoint
from platforms.client import Client
from platforms.drafts import Credentials, Draft
from platforms.outcomes import Absent, CannotTell, Finding, Published, Unfinished
from platforms.x import chain, matching

ABSENT_AFTER_MS = 300_000
#: A hundred posts each: more than X lets an account make in an hour.
PAGES = 5


async def find(
    draft: Draft, account: Credentials, http: Client, checkpoint: Checkpoint, sent_at: datetime
) -> Finding:
    public = list(checkpoint.get("parts", []))
    sent_ms = int(sent_at.timestamp() * 1000)
    first_ms = min(sent_ms, checkpoint.get("first_sent_ms") or sent_ms)
    window = matching.window(first_ms, sent_ms, behind=public[-1] if public else "0")
    found = await _listed(draft, len(public), account, http, window)
    if found is None:
        return CannotTell(_place(account, public))
    if not found:
        return _unseen(account, checkpoint, public, sent_ms)
    public.append(found)
    if len(public) < len(chain.texts(draft)):
        checkpoint.update(parts=public, **chain.UNTOLD)
        return Unfinished()
    return Published(id=public[0], url=chain.address(account, public[0]))


async def _listed(
    draft: Draft, position: int, account: Credentials, http: Client, window: dict[str, str]
) -> str | None:
    """The id of the earliest post that the part in flight may have become; empty if none.

    None if there are more than can be looked through: each costs money, and none of it is proof.
    """
    # Every post that is listed costs money: the window is as narrow as it can be.
    params = {**window, "max_results": "100", "exclude": "retweets"}
    url = f"https://api.x.com/2/users/{account.platform_account_id}/tweets"
    headers = {"Authorization": f"Bearer {account.token}"}
    found = ""
    for _ in range(PAGES):
        page = (await http.get(url, headers=headers, params=params)).json()
        # Newest first: the last match is the earliest.
        for post in page.get("data", []):
            if matching.is_part(draft, position, post["text"]):
                found = post["id"]
        params["pagination_token"] = page.get("meta", {}).get("next_token", "")
        if not params["pagination_token"]:
            return found
    return found or None


def _unseen(
    account: Credentials, checkpoint: Checkpoint, public: list[str], sent_ms: int
) -> Finding:
    if clock.unix_seconds() * 1000 - sent_ms < ABSENT_AFTER_MS:
        return Absent(proven=False)
    if checkpoint.get("duplicate") or checkpoint.get("sent_again"):
        return CannotTell(_place(account, public))
    checkpoint["sent_again"] = True
    return Absent()


def _place(account: Credentials, public: list[str]) -> str:
    """Where a person would look."""
    return chain.address(account, public[0]) if public else f"https://x.com/{account.username}"
