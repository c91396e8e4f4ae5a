"""Let a person decide what goes out after a restore of which Redis does not know what it lost.

What was due ended as possibly published. What is still scheduled is as it was in the backup: it may
have been brought forward and published since, changed, or deleted. So for each customer, and by
when it is due, an operator says whether it goes out or is doubted too. What was made or changed
after the restore needs no such word.
"""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from destinations.dispatch import holds
from destinations.models import Destination, Heartbeat
from destinations.pauses import current
from destinations.runtime import database
from destinations.state import restore
from destinations.wording import quoted

Age = Literal["overdue", "day", "later"]
Decision = Literal["publish", "doubt"]
#: For people.
WORDS: dict[str, str] = {"overdue": "due already", "day": "due within a day", "later": "due later"}
#: So many rows are moved by one statement.
BATCH = 500
AGE = """CASE WHEN d.wanted_at <= statement_timestamp() THEN 'overdue'
    WHEN d.wanted_at <= statement_timestamp() + interval '1 day' THEN 'day' ELSE 'later' END"""
WAITING = f"""
    FROM destinations_destination d
    WHERE d.due_at IS NOT NULL AND d.updated_at < %(restored_at)s AND NOT {holds.has_begun("d")}
"""
GROUPS = f"""
    SELECT d.workspace_id, {AGE}, count(*), min(d.wanted_at), max(d.wanted_at) {WAITING}
    GROUP BY 1, 2 ORDER BY 1, 4
"""
IDS = f"SELECT d.id {WAITING} AND d.workspace_id = %(workspace)s AND {AGE} = %(age)s"


@dataclass(frozen=True, slots=True)
class ScheduledGroup:
    """Scheduled destinations of one workspace that are due at about the same time."""

    workspace: uuid.UUID
    age: Age
    count: int
    first_at: datetime
    last_at: datetime

    @property
    def key(self) -> str:
        return f"{self.workspace}/{self.age}"

    def __str__(self) -> str:
        found = current.name_of("workspace", str(self.workspace))
        name = quoted(found) if found else "deleted"
        span = f"{self.first_at:%Y-%m-%d %H:%M} to {self.last_at:%Y-%m-%d %H:%M} UTC"
        return f"{name}: {self.count:,} {WORDS[self.age]}, {span}"


class Undecided(Exception):
    """These groups need a decision before publishing is resumed."""

    def __init__(self, groups: Iterable[ScheduledGroup]) -> None:
        super().__init__("What would go out after the restore needs a decision first.")
        self.groups = list(groups)


class UnknownGroup(ValueError):
    """A decision is about nothing that waits."""


def groups() -> list[ScheduledGroup]:
    """Everything that needs a decision; empty unless a restore has left something open."""
    restored_at = Heartbeat.objects.values_list("restored_at", flat=True).first()
    if restored_at is None:
        return []
    return [ScheduledGroup(*row) for row in database.execute(GROUPS, {"restored_at": restored_at})]


def settle(decisions: Mapping[str, Decision], by: str) -> int:
    """Doubt what is not to go out, in the caller's transaction; how many posts that were.

    `decisions`: by a group's key, a workspace's id, an age, or `all`; the narrowest counts. Raises
    Undecided and UnknownGroup.
    """
    open_groups = groups()
    names = {name for each in open_groups for name in _names(each)}
    if unknown := [name for name in decisions if name not in names and open_groups]:
        raise UnknownGroup(f"Nothing waits that is called {', '.join(unknown)}.")
    chosen = {each: _decision(each, decisions) for each in open_groups}
    if undecided := [each for each, decision in chosen.items() if decision is None]:
        raise Undecided(undecided)
    doubted = [each for each, decision in chosen.items() if decision == "doubt"]
    count = sum(_doubt(each, by) for each in doubted)
    Heartbeat.objects.update(restored_at=None)
    return count


def _names(group: ScheduledGroup) -> tuple[str, ...]:
    """Return what a decision may call it, the narrowest first."""
    return group.key, str(group.workspace), group.age, "all"


def _decision(group: ScheduledGroup, decisions: Mapping[str, Decision]) -> Decision | None:
    return next((decisions[name] for name in _names(group) if name in decisions), None)


def _doubt(group: ScheduledGroup, by: str) -> int:
    restored_at = Heartbeat.objects.values_list("restored_at", flat=True).first()
    values = {"restored_at": restored_at, "workspace": group.workspace, "age": group.age}
    ids = [pk for (pk,) in database.execute(IDS, values)]
    for start in range(0, len(ids), BATCH):
        some = Destination.objects.filter(pk__in=ids[start : start + BATCH])
        restore.mark_not_known(some, by)
    return len(ids)
