"""Three books, compared: what customers asked for, what the product says, what the public sees.

A post is recognised by a mark in its text, never by an id that one of the books could have wrong.
Each further part of a chain has the mark and its number. A story shows no text: all that its
account has without a mark is compared with what the product says of its stories.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

Wish = Literal["once", "maybe", "never"]
Word = Literal[
    "once", "unknown", "refused", "none", "twice", "lost", "wrong", "out of turn", "late"
]
#: Of a destination that has a verdict already: it adds nothing to what was asked for.
BESIDES: tuple[Word, ...] = ("out of turn", "late")
#: What a scenario never allows.
HARM: tuple[Word, ...] = ("twice", "lost", "wrong", *BESIDES)
MARK = re.compile(r"mark[0-9a-f]{12}")
PART = re.compile(r"Part (\d+) mark[0-9a-f]{12}")

OURS = """
SELECT substring(p.content from 'mark[0-9a-f]{12}'), d.account_number, d.status, d.next_retry_at,
       d.error_code, d.platform_post_id, d.updated_at, d.platform, d.attempts, d.error,
       (SELECT string_agg(to_char(e.at, 'HH24:MI:SS') || ' ' || e.move || ': ' || e.reason, '; '
                          ORDER BY e.id)
        FROM destinations_event e WHERE e.destination_id = d.id)
FROM destinations_destination d JOIN posts_post p ON p.id = d.post_id
"""


@dataclass(frozen=True)
class Asked:
    """One destination as its customer was told of it.

    `wish` is what he may expect: `once`; `never`, because he cancelled in time; `maybe`, because
    he was told that the request failed. Truth is counted from `due_at`.
    """

    mark: str
    network: str
    account: int
    network_id: str
    due_at: datetime
    wish: Wish = "once"
    #: Numbers of the parts that follow the first.
    parts: tuple[int, ...] = ()
    #: Whether the public sees no text of it.
    is_silent: bool = False
    #: Whether it may be public where no one can tell.
    may_be_live: bool = False
    #: When its customer was told that it is accepted; None: before anything else was asked for.
    answered_at: datetime | None = None


@dataclass(frozen=True)
class Ours:
    """One destination as the database has it."""

    status: str
    next_retry_at: datetime | None
    error_code: str
    platform_post_id: str
    updated_at: datetime
    platform: str
    attempts: int
    error: str
    #: Every move it made, to find out what went wrong.
    history: str | None

    @property
    def is_final(self) -> bool:
        return self.status == "published" or (self.status == "failed" and not self.next_retry_at)


@dataclass(frozen=True)
class Verdict:
    network: str
    word: Word
    #: From when it was due, or from the break if that came later, to its final status.
    seconds: float
    detail: str = ""
    #: From when it could be public until it was, if the scenario promises a time (`times.py`).
    waited: float | None = None
    #: Why it may have waited for longer than is promised; empty if it did not.
    excuse: str = ""


Key = tuple[str, int]
OwnBook = Mapping[Key, Ours]
#: (mark, network, account there), or (mark and number of a part, network, account there).
Place = tuple[str, str, str]


def ours(rows: Iterable[Sequence[Any]]) -> OwnBook:
    """(mark, our number of the account) → the row, of the rows that `OURS` gives.

    Posts without a mark are in no book."""
    return {(mark, account): Ours(*facts) for mark, account, *facts in rows if mark}


def part(mark: str, number: int) -> str:
    """How the book of the public names a further part of a chain."""
    return f"{mark} part {number}"


def public(wall: Iterable[Mapping[str, Any]]) -> dict[Place, list[str]]:
    """(mark, network, account there) → ids of what readers see, oldest first.

    Further parts of a chain have a name of their own (`part`); what has no mark has none.
    """
    found: dict[Place, list[str]] = defaultdict(list)
    for post in sorted(wall, key=lambda post: post["created_at"]):
        name, is_silent = _name(post), _is_silent(post)
        if name or is_silent:
            found[(name, post["network"], post["account"])].append(post["id"])
    return found


def _name(post: Mapping[str, Any]) -> str:
    text = f"{post['text']} {post['extra'].get('title', '')}"
    mark, number = MARK.search(text), PART.search(text)
    return part(mark[0], int(number[1])) if mark and number else mark[0] if mark else ""


def _is_silent(post: Mapping[str, Any]) -> bool:
    return not post["text"] and not post["extra"].get("title")


def seen_at(wall: Iterable[Mapping[str, Any]]) -> dict[Place, list[datetime]]:
    """(mark, network, account there) → when each was public, by the network's clock."""
    wall = list(wall)
    times = {
        (post["network"], post["id"]): datetime.fromtimestamp(post["created_at"], UTC)
        for post in wall
    }
    return {
        place: [times[place[1], post_id] for post_id in ids] for place, ids in public(wall).items()
    }


def named(
    asked: Iterable[Asked], own: OwnBook, wall: Mapping[Place, Sequence[str]]
) -> dict[Place, list[str]]:
    """The public's book with a mark for each story: the one whose id the product tells.

    What no story of the account is said to be is counted as a second time of its first one.
    """
    found = {place: list(ids) for place, ids in wall.items() if place[0]}
    left = {place[1:]: list(ids) for place, ids in wall.items() if not place[0]}
    silent = [each for each in asked if each.is_silent]
    for each in silent:
        row, ids = own.get((each.mark, each.account)), left.get((each.network, each.network_id), [])
        if row and row.platform_post_id in ids:
            ids.remove(row.platform_post_id)
            found.setdefault((each.mark, *_place(each)), []).append(row.platform_post_id)
    for each in silent:
        if ids := left.pop(_place(each), []):
            found.setdefault((each.mark, *_place(each)), []).extend(ids)
    return found | {("", *place): ids for place, ids in left.items() if ids}


def _place(asked: Asked) -> tuple[str, str]:
    return asked.network, asked.network_id


def compare(
    asked: Iterable[Asked],
    own: OwnBook,
    wall: Mapping[Place, Sequence[str]],
    *,
    broken_at: Mapping[str, datetime],
    may_stay_unknown: Iterable[str],
    may_be_refused: Iterable[str],
) -> list[Verdict]:
    """A verdict for each destination asked for, and one for each public post that was not."""
    asked = list(asked)
    unknown, refused = set(may_stay_unknown), set(may_be_refused)
    verdicts, seen = [], set()
    wall = named(asked, own, wall)
    for each in asked:
        names = [each.mark, *(part(each.mark, number) for number in each.parts)]
        places = [(name, *_place(each)) for name in names]
        ids, *more = [wall.get(place, ()) for place in places]
        row = own.get((each.mark, each.account))
        seen |= {*places}
        word = _judge(each, row, ids, more)
        if (word == "unknown" and each.network not in unknown and not each.may_be_live) or (
            word == "refused" and each.network not in refused
        ):
            word = "lost" if word == "refused" else "wrong"
        begun = max(each.due_at, broken_at.get(each.network, each.due_at))
        seconds = (row.updated_at - begun).total_seconds() if row else 0
        detail = _detail(each, row, [*ids, *more] if more else ids)
        verdicts.append(Verdict(each.network, word, max(0.0, seconds), detail))
    strangers = set(wall) - seen
    verdicts += [Verdict(key[1], "wrong", 0, f"{key} was never asked for") for key in strangers]
    return verdicts


def _judge(
    asked: Asked, row: Ours | None, ids: Sequence[str], more: Sequence[Sequence[str]] = ()
) -> Word:
    """`more` are the ids of each further part."""
    if len(ids) > 1 or any(len(each) > 1 for each in more):
        return "twice"
    if asked.wish == "never":
        return "wrong" if ids or row else "none"
    if row is None:
        # He was told that it failed, and nothing of it exists anywhere.
        return "none" if asked.wish == "maybe" and not ids else "lost"
    if not row.is_final:
        return "lost"
    if row.status == "published":
        is_whole = list(ids) == [row.platform_post_id] and all(more)
        return "once" if is_whole else "wrong"
    if row.error_code == "outcome_unknown":
        return "unknown"
    return "wrong" if ids or any(more) else "refused"


def _detail(asked: Asked, row: Ours | None, ids: Sequence[Any]) -> str:
    ours = (
        f"{row.status} {row.error_code} id={row.platform_post_id!r} attempts={row.attempts} "
        f"retry={row.next_retry_at} {row.error!r} [{row.history}]"
        if row
        else "no row"
    )
    return f"{asked.mark} {asked.network} {asked.account}: {asked.wish}, {ours}, public={list(ids)}"
