"""Looks up what rows name in words: accounts and campaigns."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import Any

from destinations import access
from destinations.access import Reach
from destinations.models import Account
from platforms.registry import ADAPTERS, ALIASES
from posts.errors import RequestRefused, invalid
from posts.models import Campaign

#: The most accounts and campaigns that are looked through, and the most names of a row.
MOST, MOST_NAMES = 10_000, 500


class Names:
    """The accounts within reach and the workspace's campaigns, read when they are first needed."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach

    def resolved(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return the body with ids in place of names. Raises RequestRefused."""
        found = dict(body)
        platforms, names = found.pop("platforms", None), found.pop("account_names", None)
        if platforms or names:
            ids = found.get("account_ids") or []
            if ids and not names:
                raise invalid("account_ids", "Give either ids of accounts or platforms.")
            found["account_ids"] = self._accounts(_listed(platforms), _listed(names), ids)
        campaign = found.pop("campaign", None)
        if campaign is not None:
            if "campaign_id" in found:
                raise invalid("campaign", "Give either campaign or campaign_id.")
            found["campaign_id"] = self._campaign(campaign)
        return found

    def _accounts(
        self, platforms: Sequence[Any], names: Sequence[Any], ids: Sequence[Any]
    ) -> list[int]:
        """Return ids of the accounts that are named; `ids` decides between those of one name."""
        for field, given in (("platforms", platforms), ("account_names", names)):
            if len(given) > MOST_NAMES:
                raise invalid(field, f"A row names at most {MOST_NAMES} accounts.")
        wanted = [_platform(each) for each in platforms]
        if not names:
            return [_only(f"on {each}", self._by_platform.get(each, [])) for each in wanted]
        taken: list[int] = []
        for name in names:
            found = self._called(str(name).strip(), wanted)
            left = [each for each in found if each.pk in ids and each.pk not in taken]
            taken.append(_only(f"named {name}", left[:1] if len(found) > 1 and left else found))
        return taken

    def _called(self, name: str, platforms: Sequence[str]) -> list[Account]:
        """Return the accounts with this name, on any of the platforms if some are given.

        An export writes `network:name`.
        """
        found = self._by_name.get(_folded(name), [])
        network, _, rest = name.partition(":")
        if not found and (key := ALIASES.get(network, network)) in ADAPTERS:
            found = [each for each in self._by_name.get(_folded(rest), []) if each.platform == key]
        return [each for each in found if not platforms or each.platform in platforms]

    def _campaign(self, name: Any) -> int:
        if isinstance(name, int) and not isinstance(name, bool):
            return name
        found = self._campaigns.get(str(name).casefold(), [])
        if not found and str(name).isascii() and str(name).isdecimal() and len(str(name)) <= 18:
            return int(name)
        if len(found) != 1:
            many = "several active campaigns" if found else "no active campaign"
            raise RequestRefused(
                "invalid_campaign", f"This workspace has {many} named {str(name)[:100]!r}."
            )
        return found[0]

    @cached_property
    def _known(self) -> list[Account]:
        fields = ("id", "platform", "name", "username", "display_name")
        return list(access.accounts(self._reach).only(*fields)[:MOST])

    @cached_property
    def _by_platform(self) -> Mapping[str, list[Account]]:
        found = defaultdict(list)
        for each in self._known:
            found[each.platform].append(each)
        return found

    @cached_property
    def _by_name(self) -> Mapping[str, list[Account]]:
        found = defaultdict(list)
        for each in self._known:
            called = (each.name, each.username, each.display_name)
            for name in {_folded(name) for name in called if name}:
                found[name].append(each)
        return found

    @cached_property
    def _campaigns(self) -> Mapping[str, list[int]]:
        """Return the ids of active campaigns by name."""
        rows = Campaign.objects.filter(
            workspace=self._reach.workspace_id,
            deleted_at__isnull=True,
            status=Campaign.Status.ACTIVE,
        )
        found = defaultdict(list)
        for pk, name in rows.order_by("-id").values_list("id", "name")[:MOST]:
            found[name.casefold()].append(pk)
        return found


def _listed(value: Any) -> list[Any]:
    """JSON may give one name in place of a list."""
    return [] if value is None else value if isinstance(value, list) else [value]


def _platform(word: Any) -> str:
    key = ALIASES.get(str(word).lower(), str(word).lower())
    if key not in ADAPTERS:
        known = ", ".join(ADAPTERS)
        raise invalid("platforms", f"{str(word)[:100]!r} is none of the platforms: {known}.")
    return key


def _folded(name: str) -> str:
    """Return a name as it is compared: a cell separates names by |."""
    return " ".join(name.replace("|", " ").split()).removeprefix("@").casefold()


def _only(what: str, found: Collection[Account]) -> int:
    """Return the one account. Raises RequestRefused if there is none, or several."""
    if len(found) == 1:
        return next(iter(found)).pk
    shown = what[:100]
    if not found:
        raise RequestRefused("invalid_accounts", f"This workspace has no account {shown}.")
    ids = " ".join(str(each.pk) for each in list(found)[:10])
    raise RequestRefused(
        "invalid_accounts", f"Several accounts are {shown}; give account_ids, one of {ids}."
    )
