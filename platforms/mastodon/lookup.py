"""Find a part whose answer was lost, in the account's own list of posts.

No server can be asked by a key, so the post is recognised: by its files, whose ids no other post
has, or by its text, as letters and digits of the HTML that servers make of it, with its warning,
what it replies to, and its time. A post that only looks alike proves neither, unless another
destination has it. The list proves that a part was never published if it reaches back to what was
the newest post before the first send, five minutes after the last one. It is then sent once more.

Source: https://docs.joinmastodon.org/methods/accounts/#statuses (read 2026-11-30). snac 2.75 gives
its whole list to any question, leaves private posts out of it, shows no post as unlisted, and
gives attached files other ids, which their addresses hold (run 2026-11-30).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from platforms.adapter import Call
from platforms.checkpoint import Checkpoint
from platforms.drafts import Credentials
from platforms.http.client import Client
from platforms.mastodon import thread
from platforms.mastodon.server import MOST_PAGE, PAGE, Server
from platforms.mastodon.text import fingerprint, is_alike, plain
from platforms.outcomes import (
    Absent,
    Finding,
    PartiallyPublished,
    Undeterminable,
    is_settled,
)

ABSENT_AFTER = timedelta(minutes=5)
#: Together more posts than an account may publish in the time.
PAGES = 32
#: How much longer HTML may be than the text it is made of.
MARKUP_TIMES, MARKUP_CHARS = 60, 10_000
#: What some servers leave out of an account's list, also for the account itself.
UNLISTED = ("private",)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The properties by which a listed post is recognised as the part in flight."""

    text: str
    #: Its fingerprint, and that of what is left of it if a server reads it as HTML, as snac does.
    prints: tuple[str, str]
    warning: str
    media_ids: tuple[str, ...]
    replies_to: str

    @classmethod
    def of(cls, call: Call, public: Sequence[str]) -> "Wanted":
        draft, settings = call.draft, call.draft.settings
        kept = call.checkpoint.get("media") or {}
        ids = [] if public else [kept.get(item.key, {}).get("id") for item in draft.media]
        text = thread.texts(draft)[len(public)]
        return cls(
            text=text,
            prints=(fingerprint(text), fingerprint(plain(text))),
            warning=fingerprint(settings.get("spoilerText") or ""),
            media_ids=tuple(filter(None, ids)),
            replies_to=public[-1] if public else "",
        )

    def is_met(self, post: Mapping[str, Any]) -> bool:
        """Return whether a listed post is the part."""
        if _shows_files(post, self.media_ids):
            return True
        return (
            not self.media_ids
            and bool(self.prints[0])
            and bool(self._prints_of(post).intersection(self.prints))
            and self.warning == fingerprint(_word(post, "spoiler_text"))
            and self.replies_to in ("", _word(post, "in_reply_to_id"))
        )

    def may_be_met(self, post: Mapping[str, Any]) -> bool:
        """Return whether a listed post may be the part as a server has changed it."""
        files = post.get("media_attachments")
        count = len(files) if isinstance(files, list) else 0
        if not self.prints[0]:
            return count > 0
        return is_alike(self.text, plain(self._said(post, "content")))

    def _prints_of(self, post: Mapping[str, Any]) -> set[str]:
        """Return the fingerprints of what a post shows, and of its source if it is given."""
        shown = fingerprint(plain(self._said(post, "content")))
        return {shown, fingerprint(self._said(post, "text"))} - {""}

    def _said(self, post: Mapping[str, Any], name: str) -> str:
        """Return as much of a post as the HTML of our text can have, and a stranger's may not."""
        return _word(post, name)[: MARKUP_CHARS + MARKUP_TIMES * len(self.text)]


@dataclass(slots=True)
class Seen:
    """What an account's list shows of the time since a part was first sent."""

    #: The links of the posts that may be the part, by their ids, newest first.
    matches: dict[str, str] = field(default_factory=dict)
    #: Whether the list reaches back to the first send.
    is_whole: bool = False
    #: Those of the posts that look like the part, and are not certainly it.
    alike: dict[str, str] = field(default_factory=dict)


async def find(call: Call, sent_at: datetime) -> Finding:
    """Return what became of the part in flight. Raises PlatformError."""
    checkpoint, server = call.checkpoint, Server(call.account, call.http)
    public: list[str] = list(checkpoint.get("parts") or [])
    if len(public) == len(thread.texts(call.draft)):
        return thread.published(call, public)
    seen = await _look(call, server, Wanted.of(call, public))
    theirs = await checkpoint.others(seen.matches | seen.alike)
    ours = [post_id for post_id in seen.matches if post_id not in theirs]
    if not ours:
        is_proof = seen.is_whole and seen.alike.keys() <= set(theirs)
        return _unseen(call, server, sent_at, is_proof=is_proof)
    # Newest first: the last match is the earliest.
    post_id = ours[-1]
    if not public:
        checkpoint["url"] = seen.matches[post_id]
    public.append(post_id)
    if len(public) < len(thread.texts(call.draft)):
        checkpoint.update(parts=public, **thread.NOT_SENT)
        return PartiallyPublished(public[0])
    return thread.published(call, public)


async def shows_as_own(post_id: str, account: Credentials, http: Client) -> bool | None:
    """Return whether the server names the account as the author of this post."""
    server = Server(account, http)
    post = await server.post(post_id)
    if post is None:
        return False
    author = post.get("account")
    named = author.get("id") if isinstance(author, dict) else None
    return str(named) == server.account_id if named else None


async def _look(call: Call, server: Server, wanted: Wanted) -> Seen:
    """Read the account's list back to the newest post before the first send."""
    seen, known, before = Seen(), set[str](), ""
    behind = call.checkpoint.get("behind") or ("?", "")
    # Else old posts could not be told from new ones: the newest one may have been deleted.
    has_time = not behind[0] or _made(behind[1]) is not None

    def add(page: Sequence[Mapping[str, Any]]) -> bool:
        """Return whether the page reaches back to what was before the first send."""
        for post in page:
            if post["id"] in known:
                continue
            if _is_behind(post, behind):
                return True
            known.add(post["id"])
            _add(seen, post, wanted, is_new=has_time)
        return False

    for _ in range(PAGES):
        page, count = await server.posts(before=before), len(known)
        seen.is_whole = add(page) or not page
        if seen.is_whole:
            break
        if len(known) == count:
            # A server that takes no notice of `max_id` gives the same page again.
            page = await server.posts(MOST_PAGE) if len(page) == PAGE else page
            seen.is_whole = add(page) or len(page) < MOST_PAGE
            break
        before = page[-1]["id"]
    return seen


def _is_behind(post: Mapping[str, Any], behind: Sequence[str]) -> bool:
    """Return whether a post was public before the first send, by the server's own clock.

    The newest post of that time may have been deleted.
    """
    post_id, made_at = behind
    if post["id"] == post_id:
        return True
    made, newest = _made(_word(post, "created_at")), _made(made_at)
    return made is not None and newest is not None and made < newest


def _add(seen: Seen, post: Mapping[str, Any], wanted: Wanted, *, is_new: bool) -> None:
    if post.get("reblog"):
        return
    is_met = wanted.is_met(post)
    if is_met and is_new:
        seen.matches[str(post["id"])] = thread.link_of(post)
    elif is_met or wanted.may_be_met(post):
        seen.alike[str(post["id"])] = thread.link_of(post)


def _unseen(call: Call, server: Server, sent_at: datetime, *, is_proof: bool) -> Finding:
    """Return the finding if the list does not show the part."""
    checkpoint: Checkpoint = call.checkpoint
    is_listed = call.draft.settings.get("visibility") not in UNLISTED
    if not (is_proof and is_listed and is_settled(sent_at, ABSENT_AFTER)):
        return Absent(proven=False)
    if checkpoint.get("sent_again"):
        return Undeterminable(server.profile)
    checkpoint["sent_again"] = True
    return Absent()


def _shows_files(post: Mapping[str, Any], media_ids: Sequence[str]) -> bool:
    """Return whether a post has exactly these files; False without any."""
    files = post.get("media_attachments")
    if not media_ids or not isinstance(files, list) or len(files) != len(media_ids):
        return False
    return all(
        isinstance(file, dict)
        and (file.get("id") == media_id or f"/{media_id}" in str(file.get("url")))
        for file, media_id in zip(files, media_ids, strict=True)
    )


def _made(text: str) -> datetime | None:
    """Return the time that a server writes; None if it is none."""
    try:
        made = datetime.fromisoformat(text)
    except ValueError:
        return None
    return made if made.tzinfo else None


def _word(post: Mapping[str, Any], name: str) -> str:
    value = post.get(name)
    return value if isinstance(value, str) else ""
