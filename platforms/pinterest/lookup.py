"""Find a Pin whose answer was lost, in the list of its board.

It is recognised by its title, description, link and kind. The list is read back to what was its
newest Pin before the first send. It proves that the Pin was never made if that is still there, or
if the list ends, and each newer Pin of the person in it is known to be another one. It is then sent
once more; if that answer is lost too, a person must look. Pins that the person has moved or sorted
do not end the reading: they may stand before a newer one.

Source: OpenAPI 5.23.0 of github.com/pinterest/api-description, /boards/{board_id}/pins (read
2026-12-01). Times without an offset are in UTC.
"""

from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from platforms import clock
from platforms.adapter import Call
from platforms.drafts import Draft
from platforms.errors import PlatformError, Unavailable
from platforms.outcomes import Absent, Finding, Published, Undeterminable, is_settled
from platforms.pinterest import pin
from platforms.pinterest.board import Board, link
from platforms.text import nfc

#: Together more Pins than a person makes in the time.
PAGES = 20
#: Instead of the newest Pin's id, if the list could not be read.
UNKNOWN = "?"
#: By then an outage of Pinterest is known, and holds what would be sent.
PATIENCE_SECONDS = 120
CLOCKS_DIFFER = timedelta(minutes=2)
ABSENT_AFTER = timedelta(minutes=5)


@dataclass(slots=True)
class Seen:
    """The person's Pins since the first send: their links by their ids, the oldest first."""

    #: Those that say what the draft says.
    matches: dict[str, str] = field(default_factory=dict)
    #: Those that are not certainly another one.
    doubtful: dict[str, str] = field(default_factory=dict)
    #: Whether the list reaches back to the first send.
    is_whole: bool = False


async def newest(board: Board, section: str, kept: MutableMapping[str, Any]) -> list[str]:
    """Return the id and the time of the newest Pin; blank if there is none.

    If the list cannot be read, publishing goes on: of that Pin no absence is proven, and those of
    the last minutes may be it, by our clock. Raises Unavailable while the network has not answered
    for less than `PATIENCE_SECONDS`: the Pin would get no answer either.
    """
    try:
        page = await board.pins(section, count=1)
    except Unavailable:
        since = kept.setdefault("asked_in_vain_since", clock.unix_seconds())
        if clock.unix_seconds() - since < PATIENCE_SECONDS:
            raise
        return unknown(clock.now())
    except PlatformError:
        return unknown(clock.now())
    first = page.pins[0] if page.pins else {}
    return [str(first.get("id") or ""), str(first.get("created_at") or "")]


def unknown(sent_at: datetime) -> list[str]:
    """Return what stands for the newest Pin if it is not known: only times tell what is new."""
    return [UNKNOWN, (sent_at - CLOCKS_DIFFER).isoformat()]


async def look(draft: Draft, board: Board, section: str, behind: Sequence[str]) -> Seen:
    """Read the list back to the Pin that was the newest one before the first send."""
    seen, bookmark, found = Seen(), "", dict[str, Mapping[str, Any]]()
    for _ in range(PAGES):
        page = await board.pins(section, bookmark=bookmark)
        found |= {str(each["id"]): each for each in page.pins}
        bookmark = page.bookmark
        if not bookmark or behind[0] in found:
            seen.is_whole = behind[0] != UNKNOWN
            break
    for pin_id, each in reversed(found.items()):
        if _is_new(each, behind) and each.get("is_owner") is not False:
            is_sure = behind[0] != UNKNOWN or _time(each.get("created_at")) is not None
            kind = seen.matches if is_sure and is_alike(draft, each) else seen.doubtful
            kind[pin_id] = link(pin_id)
    return seen


async def finding(call: Call, seen: Seen, sent_at: datetime) -> Finding:
    """Return what the list says of the Pin: the earliest match that no other destination has."""
    theirs = await call.checkpoint.others(seen.matches | seen.doubtful)
    if ours := [pin_id for pin_id in seen.matches if pin_id not in theirs]:
        return Published(ours[0], link(ours[0]))
    is_proof = seen.is_whole and seen.doubtful.keys() <= set(theirs)
    if not is_proof or not is_settled(sent_at, ABSENT_AFTER):
        return Absent(proven=False)
    if call.checkpoint.get("sent_again"):
        return Undeterminable(f"https://www.pinterest.com/{call.account.username}/")
    call.checkpoint["sent_again"] = True
    return Absent()


def is_alike(draft: Draft, each: Mapping[str, Any]) -> bool:
    """Return whether a listed Pin says what the draft does."""
    settings, media = draft.settings, each.get("media")
    kind = media.get("media_type") if isinstance(media, dict) else None
    said = (settings.get("title"), draft.text, settings.get("link"))
    shown = (each.get("title"), each.get("description"), each.get("link"))
    return kind in (None, _kind(draft)) and [*map(_print, said)] == [*map(_print, shown)]


def _kind(draft: Draft) -> str:
    if pin.video(draft):
        return "video"
    return "image" if len(draft.media) == 1 else "multiple_images"


def _is_new(each: Mapping[str, Any], behind: Sequence[str]) -> bool:
    """Return whether a Pin is none of those before the first send, as far as its time says."""
    made, newest_made = _time(each.get("created_at")), _time(behind[1])
    is_older = made is not None and newest_made is not None and made < newest_made
    return str(each["id"]) != behind[0] and not is_older


def _time(value: Any) -> datetime | None:
    try:
        made = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return made if made.tzinfo else made.replace(tzinfo=UTC)


def _print(words: Any) -> str:
    """Return what Pinterest leaves of a text: spaces and signs may change."""
    text = nfc(str(words or ""))
    return "".join(filter(str.isalnum, text)) or "".join(text.split())
