"""A post in one go: choose its accounts, upload its files, create it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from dovecote import calls
from dovecote._choosing import Chosen, choose
from dovecote._exchange import Connection
from dovecote._files import Progress, Source
from dovecote._steps import Steps
from dovecote._uploading import upload, upload_from_url
from dovecote.models import UNSET, Account, CreatePostAnswer, PlatformContent, Unset

T = TypeVar("T")


def publish(
    connection: Connection,
    content: str,
    to: Chosen | Iterable[Chosen],
    media: Sequence[Source] = (),
    *,
    scheduled_at: datetime | str | None = None,
    timezone: str | None = None,
    use_queue: bool = False,
    draft: bool = False,
    campaign_id: int | None = None,
    platform_content: PlatformContent | Mapping[str, Any] | None = None,
    metadata: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
    idempotency_key: str | None = None,
) -> Steps[CreatePostAnswer]:
    """Publish now, or at a time, in one go: accounts by name, files by path or address.

    `to` names accounts: `12` is an id, `"x"` the only account in use there, `"x:all"` every one
    there, `"@acme"` a handle or a name, `"x:@acme"` that one there, `"all"` every account in use.
    `media` are paths, addresses from which the server fetches them, or bytes. Nothing is created
    if an account is unknown or a file is refused.
    """
    account_ids = yield from choose_accounts(connection, to)
    media_ids: list[str] = []
    for each in media:
        media_id = yield from _attach(connection, each, progress)
        media_ids += [media_id]
    return (
        yield from connection.exchange(
            calls.create_post(
                content,
                account_ids=account_ids,
                media_ids=media_ids or UNSET,
                scheduled_at=_given(scheduled_at),
                timezone=_given(timezone),
                use_queue=use_queue or UNSET,
                draft=draft or UNSET,
                campaign_id=_given(campaign_id),
                platform_content=_given(platform_content),
                metadata=_given(metadata),
                idempotency_key=idempotency_key,
            )
        )
    )


def choose_accounts(connection: Connection, to: Chosen | Iterable[Chosen]) -> Steps[list[int]]:
    """The ids of accounts named as `publish` takes them. Raises UnknownAccount."""
    known: list[Account] = (yield from connection.exchange(calls.list_accounts())).data.accounts
    return choose(known, to)


def _attach(connection: Connection, source: Source, progress: Progress | None) -> Steps[str]:
    if isinstance(source, str) and source.startswith(("https://", "http://")):
        fetched = yield from upload_from_url(connection, source)
        return str(fetched.media_id)
    local = Path(source) if isinstance(source, str) else source
    completed = yield from upload(connection, local, progress=progress)
    return str(completed.media_id)


def _given(value: T | None) -> T | Unset:
    return UNSET if value is None else value
