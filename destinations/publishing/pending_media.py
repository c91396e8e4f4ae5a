"""Files that a destination needs in another form, which may still be being made.

A frozen draft may ask for a file in another form (`platforms.drafts.Media.form`). What makes such
files registers here at start-up, as the roll-up of posts does with `state.transitions`.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from platforms.adapter import Adapter
from platforms.drafts import Draft, Media
from platforms.errors import Unsupported
from platforms.limits import Form

#: The key of a stored file, and what it is to become.
Wanted = tuple[str, Form]


@dataclass(frozen=True, slots=True)
class Made:
    """The file is there. `changes` are the Media fields that differ; `note` is for the customer."""

    changes: Mapping[str, Any]
    note: str


@dataclass(frozen=True, slots=True)
class Making:
    """The file is being made: check again after a pause."""

    after_seconds: float


@dataclass(frozen=True, slots=True)
class Failed:
    """The file cannot be made. The reason may be shown."""

    reason: str


State = Made | Making | Failed
States = Mapping[Wanted, State]
Maker = Callable[[Collection[Wanted]], States]
_makers: list[Maker] = []


def made_by(maker: Maker) -> None:
    """Ask `maker` for files, inside the transaction that starts their destinations.

    It answers for each, and has made what is not there.
    """
    _makers.append(maker)


@dataclass(frozen=True, slots=True)
class ResolvedDraft:
    """A draft with its files: ready to be sent, or why not."""

    draft: Draft
    notes: tuple[str, ...] = ()
    #: Set: a file is still being made; check again after so many seconds.
    wait_seconds: float = 0
    #: Set: a file cannot be made, or what was made breaks a limit.
    refusal: str = ""


def states(drafts: Iterable[Mapping[str, Any]]) -> States:
    """Return the states of all files that these frozen drafts need in another form."""
    wanted = {
        (item.key, item.form)
        for draft in drafts
        if any(item.get("form") for item in draft["media"])
        for item in Draft.from_json(draft).media
        if item.form
    }
    found: dict[Wanted, State] = {}
    if wanted:
        for maker in _makers:
            found.update(maker(wanted))
    return found


@dataclass(slots=True)
class _Collected:
    notes: list[str] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)


def resolve(draft: Draft, adapter: Adapter, known: States) -> ResolvedDraft:
    """Return the draft with its made files in place, checked again as it will be sent."""
    for item in draft.media:
        if item.deleted:
            return ResolvedDraft(draft, refusal=f"{item.filename} was deleted.")
    if not any(item.form for item in draft.media):
        return ResolvedDraft(draft)
    seen = _Collected()
    draft = replace(draft, media=tuple(_swap(item, known, seen) for item in draft.media))
    if seen.reasons:
        return ResolvedDraft(draft, refusal=seen.reasons[0])
    if seen.waits:
        return ResolvedDraft(draft, wait_seconds=max(seen.waits))
    try:
        adapter.check(draft)
    except Unsupported as error:
        return ResolvedDraft(draft, refusal=error.message)
    return ResolvedDraft(draft, tuple(seen.notes))


def _swap(item: Media, known: States, seen: _Collected) -> Media:
    if item.form is None:
        return item
    state = known.get((item.key, item.form), Failed(f"{item.filename} cannot be converted."))
    if isinstance(state, Made):
        seen.notes.append(state.note)
        return replace(item, **state.changes, form=None)
    if isinstance(state, Making):
        seen.waits.append(state.after_seconds)
    else:
        seen.reasons.append(state.reason)
    return item
