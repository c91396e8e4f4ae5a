"""The facts of accounts that composing a post may know: those that their adapters name."""

from collections.abc import Iterable

from destinations.access import NamedAccount
from destinations.accounts import encryption
from destinations.models import Account
from platforms.drafts import AccountFacts
from platforms.registry import ADAPTERS


def facts_of(accounts: Iterable[NamedAccount]) -> dict[int, AccountFacts]:
    """Return the facts of accounts by their numbers. Credentials are read only where needed."""
    named = list(accounts)
    wanted = {each.id for each in named if ADAPTERS[each.platform].account_facts}
    sealed = Account.objects.filter(pk__in=wanted).values_list("pk", "credentials")
    found = dict(sealed) if wanted else {}
    return {
        each.id: AccountFacts(
            each.platform_account_id, _read(found.get(each.id, ""), each.platform)
        )
        for each in named
    }


def _read(sealed: str, platform: str) -> dict[str, str] | None:
    if not sealed:
        return None
    try:
        extra = encryption.unseal(sealed).get("extra", {})
    except encryption.Unreadable:
        return None
    return {name: extra[name] for name in ADAPTERS[platform].account_facts if name in extra}
