"""A claimed destination, loaded: all that its network and its outcome need, in memory."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any, BinaryIO

from django.core.files.storage import default_storage

from destinations import public_ids
from destinations.accounts import encryption
from destinations.dispatch.claimed_rows import AccountRow, ClaimedRow
from destinations.dispatch.claims import Lease
from destinations.models import Destination
from destinations.publishing.pending_media import ResolvedDraft
from platforms.adapter import Adapter
from platforms.drafts import Credentials, Draft, Media
from platforms.registry import ADAPTERS


@dataclass(slots=True)
class Job:
    """A claimed destination, loaded. Its adapter needs nothing else, and no database."""

    id: uuid.UUID
    #: A new claim: the one of the message is spent, so that the same message starts nothing again.
    claim: uuid.UUID
    account_id: int
    workspace_id: uuid.UUID
    adapter: Adapter
    draft: Draft
    credentials: Credentials
    checkpoint: Mapping[str, Any]
    #: The number of the attempt.
    attempt: int
    failures: int
    lookups: int
    begun_at: datetime
    #: When this attempt began; processing time is measured from it.
    started_at: datetime
    #: Set: look for the post of the call sent at this time, and publish nothing.
    look_for: datetime | None = None
    #: Set: its process never said how that call ended, and what is not seen before is not absent.
    settled_at: datetime | None = None
    #: The network answered the irreversible call already, and is processing the post.
    was_sent: bool = False
    #: Notes for the customer so far.
    notes: tuple[str, ...] = ()
    #: The error of the last try; blank once this one has started.
    previous_error: str = ""
    token_expires_at: datetime | None = None
    #: It probes the network of an outage (`state.breaker`).
    is_probe: bool = False
    #: Nothing is started until our own web host answers, from which the network fetches files.
    awaits_host: bool = False
    #: Whether the claim can still be relied on.
    lease: Lease = field(default_factory=Lease)
    post_id: uuid.UUID | None = None
    request_id: str = ""

    @property
    def ids(self) -> dict[str, Any]:
        """Return the ids that log lines carry, as customers and operators see them."""
        return {
            "request_id": self.request_id,
            "workspace": str(self.workspace_id),
            "account": self.account_id,
            "post": self.post_id and public_ids.encode(public_ids.POST, self.post_id),
            "destination": self.public_id,
            "platform": self.adapter.key,
            "attempt": self.attempt,
        }

    @property
    def public_id(self) -> str:
        return public_ids.encode(public_ids.DESTINATION, self.id)

    @property
    def key(self) -> tuple[uuid.UUID, uuid.UUID]:
        return self.id, self.claim


def load_job(
    destination: ClaimedRow,
    account: AccountRow,
    *,
    attempt: int,
    now: datetime,
    resolved: ResolvedDraft,
    started_at: datetime | None = None,
    look_for: datetime | None = None,
    settled_at: datetime | None = None,
    was_sent: bool = False,
    awaits_host: bool = False,
) -> Job:
    return Job(
        id=destination.pk,
        claim=destination.new_claim,
        account_id=account.pk,
        workspace_id=destination.workspace_id,
        adapter=ADAPTERS[destination.platform],
        draft=_with_files(resolved.draft),
        credentials=encryption.credentials(account),
        checkpoint=encryption.unseal(destination.checkpoint),
        attempt=attempt,
        failures=destination.failures,
        lookups=destination.lookups,
        begun_at=_begun_at(destination, now),
        started_at=started_at or now,
        look_for=look_for,
        settled_at=settled_at,
        was_sent=was_sent,
        awaits_host=awaits_host,
        is_probe=destination.is_probe,
        notes=(*destination.notes, *resolved.notes),
        previous_error=destination.error,
        token_expires_at=account.token_expires_at,
        post_id=destination.post_id,
        request_id=destination.request_id,
    )


def recalled_checkpoint(row: Destination, since: datetime) -> str | None:
    """Return the sealed checkpoint by which a lookup finds what was sent of this row since then.

    None if its network cannot find it without a record of the call.
    """
    draft = Draft.from_json(row.draft)
    try:
        kept = encryption.unseal(row.checkpoint)
    except encryption.Unreadable:
        return None
    found = ADAPTERS[row.platform].recall(draft, kept, since)
    return None if found is None else encryption.seal(found)


def _begun_at(destination: ClaimedRow, now: datetime) -> datetime:
    """Return when the retry budget began; for a retry that a pause held, the pause's end."""
    begun_at = destination.begun_at or now
    if destination.resumed_at and not destination.is_begun:
        return max(begun_at, destination.resumed_at)
    return begun_at


def _with_files(draft: Draft) -> Draft:
    """Return the draft with files that can be opened and fetched."""
    if not draft.media:
        return draft
    return replace(draft, media=tuple(_reachable(item) for item in draft.media))


def _reachable(item: Media) -> Media:
    return replace(item, url=default_storage.url(item.key), open=partial(_open, item.key))


def _open(key: str) -> BinaryIO:
    opened: BinaryIO = default_storage.open(key, "rb")  # type: ignore[assignment]
    return opened
