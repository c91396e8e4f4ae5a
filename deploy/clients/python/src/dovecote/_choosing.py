"""Which accounts a post goes to: by id, by network, by name, or all."""

from collections.abc import Iterable, Sequence

from dovecote._api_error import UnknownAccount
from dovecote.models import Account

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
