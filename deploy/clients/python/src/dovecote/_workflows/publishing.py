"""A post in one go: choose its accounts, upload its files, create it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from dovecote import calls
from dovecote._api_error import UnknownAccount
from dovecote._exchange import Connection
from dovecote._steps import Steps
from dovecote._workflows.uploading import Progress, Source, upload, upload_from_url
from dovecote.models import UNSET, Account, CreatePostAnswer, PlatformContent, Unset

T = TypeVar("T")

ALL = "all"
#: The network's former name is understood too.
FORMER = {"twitter": "x"}

Chosen = int | str


def choose(accounts: Sequence[Account], chosen: Chosen | Iterable[Chosen]) -> list[int]:
    """Ids, each once, in the order asked for. Raises UnknownAccount, with the accounts there are.

    `12` is an id, `"x"` the only account in use there, `"x:all"` every one there, `"@acme"` a
    handle or a name, `"x:@acme"` that one there, and `"all"` every account in use.
    """
    wanted = [chosen] if isinstance(chosen, int | str) else list(chosen)
    found = [pk for each in wanted for pk in _find(accounts, each)]
    return list(dict.fromkeys(found))


def _find(accounts: Sequence[Account], wanted: Chosen) -> list[int]:
    text = str(wanted).strip()
    if text.isdigit():
        matching = [each for each in accounts if each.id == int(text)]
    else:
        matching = _by_name(accounts, text)
    if not matching:
        known = ", ".join(f"{a.platform}:{a.account_name} ({a.id})" for a in accounts)
        raise UnknownAccount(f"No account is {text!r}. There are: {known or 'none'}.")
    return [each.id for each in matching]


def _by_name(accounts: Sequence[Account], text: str) -> list[Account]:
    in_use = [each for each in accounts if each.is_active]
    if text.casefold() == ALL:
        return in_use
    network = FORMER.get(text.casefold(), text.casefold())
    if there := [each for each in in_use if each.platform == network]:
        return _only(there, network)
    platform, colon, name = text.partition(":")
    if colon and name.casefold() == ALL:
        return [each for each in in_use if each.platform == FORMER.get(platform, platform)]
    named = [each for each in accounts if _is_named(each, name if colon else text)]
    if colon:
        return [each for each in named if each.platform == FORMER.get(platform, platform)]
    if len(named) > 1:
        where = ", ".join(f"{each.platform}:{text}" for each in named)
        raise UnknownAccount(f"Several accounts are {text!r}; name one of {where}.")
    return named


def _only(there: list[Account], network: str) -> list[Account]:
    """One of several is not guessed, and not all are meant by who forgot that there are several."""
    if len(there) > 1:
        names = ", ".join(f"{network}:{each.account_name} ({each.id})" for each in there)
        raise UnknownAccount(
            f"Several accounts are on {network}: {names}. Name one, or {network}:{ALL} for each."
        )
    return there


def _is_named(account: Account, name: str) -> bool:
    known = (account.account_name, account.username, account.display_name)
    wanted = name.removeprefix("@").casefold()
    return wanted in {each.removeprefix("@").casefold() for each in known if each}


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
    listed = calls.list_accounts()
    known = listed.items((yield from connection.exchange(listed.page(0))))
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
