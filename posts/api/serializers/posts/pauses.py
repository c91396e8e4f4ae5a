"""Pauses as the customers of paused accounts see them: never why, and never anyone else's."""

import uuid
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Protocol

from rest_framework import serializers

from destinations import pauses
from destinations.models import Destination, Pause
from destinations.pauses.current import covering
from posts.composing.freeze import Target
from posts.read_models import DestinationRow, PostRow, ResultRow

S = Destination.Status
PAUSED = "Set while publishing is paused: what has not begun waits, and does not fail."


class PublishingPausedSerializer(serializers.Serializer):
    scope = serializers.ChoiceField(
        Pause.Scope.values, help_text="What is paused; the widest if several pauses apply."
    )
    since = serializers.DateTimeField(source="paused_at", help_text="Since when it is paused.")
    notice = serializers.CharField(help_text="What the operator says about it; may be empty.")


class PausedDestinationSerializer(PublishingPausedSerializer):
    destination_id = serializers.CharField(help_text="The destination that waits.")


#: One for all: to make it takes ten times as long as to use it.
_SHOWN = PublishingPausedSerializer()


class PausableRow(Protocol):
    """A destination, or what is shown of one."""

    @property
    def public_id(self) -> str: ...
    @property
    def platform(self) -> str: ...
    @property
    def account_number(self) -> int: ...
    @property
    def has_pauses(self) -> bool: ...


class PausedRow(NamedTuple):
    public_id: str
    pause: Pause


def show(pause: Pause) -> dict[str, Any]:
    return dict(_SHOWN.to_representation(pause))


def of_post(post: PostRow, workspace_id: uuid.UUID) -> list[PausedRow]:
    """The destinations of a post that wait for the end of a pause."""
    if post.status == "draft":
        return []
    rows = (row for row in post.destinations if isinstance(row, DestinationRow))
    return _paused([row for row in rows if row.status == S.QUEUED], workspace_id)


def of_results(rows: Iterable[ResultRow], workspace_id: uuid.UUID) -> list[PausedRow]:
    """The same of results, which tell of retries that wait."""
    return _paused([row for row in rows if row.due_at and not row.is_begun], workspace_id)


def of_accounts(targets: Iterable[Target], workspace_id: uuid.UUID) -> dict[int, Pause]:
    """The pauses that hold what is published to these accounts, by account number."""
    active = pauses.active()
    found = {
        each.number: covering(active, each.platform, workspace_id, each.number) for each in targets
    }
    return {number: pause for number, pause in found.items() if pause}


def meta(paused: Iterable[PausedRow]) -> dict[str, Any]:
    """`meta.publishing_paused`; absent if nothing waits for the end of a pause."""
    told = [{"destination_id": row.public_id, **show(row.pause)} for row in paused]
    return {"publishing_paused": told} if told else {}


def _paused(waiting: Sequence[PausableRow], workspace_id: uuid.UUID) -> list[PausedRow]:
    if not any(row.has_pauses for row in waiting):
        return []
    active = pauses.active()
    found = (
        (row, covering(active, row.platform, workspace_id, row.account_number)) for row in waiting
    )
    return [PausedRow(row.public_id, pause) for row, pause in found if pause]
