"""The facts of accounts that composing a post may know: those that their adapters name."""

from collections.abc import Iterable
from functools import cached_property, partial

from destinations.access import NamedAccount
from destinations.accounts import encryption
from destinations.models import Account
from platforms.drafts import AccountFacts
from platforms.registry import ADAPTERS


def facts_of(accounts: Iterable[NamedAccount]) -> dict[int, AccountFacts]:
    """Return the facts of accounts by their numbers. Credentials are read once a check asks."""
    named = list(accounts)
    networks = {platform: _Network(platform, named) for platform in {a.platform for a in named}}
    return {
        each.id: AccountFacts(
            each.platform_account_id, partial(networks[each.platform].extra, each.id)
        )
        for each in named
    }


class _Network:
    """The accounts of one network, whose credentials are read by one statement."""

    def __init__(self, platform: str, accounts: Iterable[NamedAccount]) -> None:
        self._names = ADAPTERS[platform].account_facts
        self._ids = [each.id for each in accounts if each.platform == platform]

    @cached_property
    def _sealed(self) -> dict[int, str]:
        found = Account.objects.filter(pk__in=self._ids).values_list("pk", "credentials")
        return dict(found) if self._names else {}

    def extra(self, number: int) -> dict[str, str] | None:
        """Return what the adapter names; None: the account has no credentials, or lost ones."""
        sealed = self._sealed.get(number, "")
        if not sealed:
            return None
        try:
            extra = encryption.unseal(sealed).get("extra", {})
        except encryption.Unreadable:
            return None
        return {name: extra[name] for name in self._names if name in extra}
