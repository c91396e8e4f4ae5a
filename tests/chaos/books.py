"""Three books, compared: what customers asked for, what the product says, what the public sees.

A post is recognised by a mark in its text, never by an id that one of the books could have wrong.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

Wish = Literal["once", "maybe", "never"]
Word = Literal["once", "unknown", "refused", "none", "twice", "lost", "wrong", "out of turn"]
#: What a scenario never allows.
HARM: tuple[Word, ...] = ("twice", "lost", "wrong", "out of turn")
MARK = re.compile(r"mark[0-9a-f]{12}")

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


Key = tuple[str, int]
OwnBook = Mapping[Key, Ours]


def ours(rows: Iterable[Sequence[Any]]) -> OwnBook:
    """(mark, our number of the account) → the row, of the rows that `OURS` gives."""
    return {(mark, account): Ours(*facts) for mark, account, *facts in rows}


def public(wall: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str, str], list[str]]:
    """(mark, network, account there) → ids of what readers see; replies of a chain left out."""
    found: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for post in wall:
        mark = MARK.search(f"{post['text']} {post['extra'].get('title', '')}")
        if mark and not post["extra"].get("replied_to") and not post["extra"].get("reply"):
            found[(mark[0], post["network"], post["account"])].append(post["id"])
    return found


def seen_at(wall: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str, str], list[datetime]]:
    """(mark, network, account there) → when each was public, by the network's clock."""
    wall = list(wall)
    times = {post["id"]: datetime.fromtimestamp(post["created_at"], UTC) for post in wall}
    return {key: [times[post_id] for post_id in ids] for key, ids in public(wall).items()}


def compare(
    asked: Iterable[Asked],
    own: OwnBook,
    wall: Mapping[tuple[str, str, str], Sequence[str]],
    *,
    broken_at: Mapping[str, datetime],
    may_stay_unknown: Iterable[str],
    may_be_refused: Iterable[str],
) -> list[Verdict]:
    """A verdict for each destination asked for, and one for each public post that was not."""
    unknown, refused = set(may_stay_unknown), set(may_be_refused)
    verdicts, seen = [], set()
    for each in asked:
        ids = wall.get((each.mark, each.network, each.network_id), ())
        row = own.get((each.mark, each.account))
        seen.add((each.mark, each.network, each.network_id))
        word = _judge(each, row, ids)
        if (word == "unknown" and each.network not in unknown) or (
            word == "refused" and each.network not in refused
        ):
            word = "lost" if word == "refused" else "wrong"
        begun = max(each.due_at, broken_at.get(each.network, each.due_at))
        seconds = (row.updated_at - begun).total_seconds() if row else 0
        verdicts.append(Verdict(each.network, word, max(0.0, seconds), _detail(each, row, ids)))
    strangers = set(wall) - seen
    verdicts += [Verdict(key[1], "wrong", 0, f"{key} was never asked for") for key in strangers]
    return verdicts


def _judge(asked: Asked, row: Ours | None, ids: Sequence[str]) -> Word:
    if len(ids) > 1:
        return "twice"
    if asked.wish == "never":
        return "wrong" if ids or row else "none"
    if row is None:
        # He was told that it failed, and nothing of it exists anywhere.
        return "none" if asked.wish == "maybe" and not ids else "lost"
    if not row.is_final:
        return "lost"
    if row.status == "published":
        return "once" if list(ids) == [row.platform_post_id] else "wrong"
    if row.error_code == "outcome_unknown":
        return "unknown"
    return "wrong" if ids else "refused"


def _detail(asked: Asked, row: Ours | None, ids: Sequence[str]) -> str:
    ours = (
        f"{row.status} {row.error_code} id={row.platform_post_id!r} attempts={row.attempts} "
        f"retry={row.next_retry_at} {row.error!r} [{row.history}]"
        if row
        else "no row"
    )
    return f"{asked.mark} {asked.network} {asked.account}: {asked.wish}, {ours}, public={list(ids)}"
