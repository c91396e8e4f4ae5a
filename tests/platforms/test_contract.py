"""Every adapter passes the contract, with each kind of post that its facts name."""

import itertools

import pytest

from platforms.registry import ADAPTERS
from tests.contract import AdapterContract, Case, PingContract, TokenContract
from tests.platforms.facts import all_facts

KINDS = {
    f"{key} {name}".strip(): (key, kind)
    for key, facts in all_facts().items()
    for name, kind in facts.kinds.items()
}
_numbers = itertools.count(17841400000880000)


def new_case(name: str) -> Case:
    """A kind of post, for an account of its own."""
    key, kind = KINDS[name]
    facts = all_facts()[key]
    account = kind.account or facts.account
    account_id = account.id_of(str(next(_numbers)))
    return Case(
        ADAPTERS[key],
        kind.draft,
        account_id,
        kind.call,
        extra=account.extra_of(account_id),
        statuses=dict(facts.statuses),
        has_statuses=facts.has_statuses,
        reset_seconds=facts.reset_seconds,
    )


def _ends(key: str) -> bool:
    """Whether the tokens of a network's accounts end."""
    return all_facts()[key].account.token_of is None


CASES = {name: new_case(name) for name in KINDS}
#: A kind of post for each kind of account.
ACCOUNTS = list({(key, repr(kind.account)): name for name, (key, kind) in KINDS.items()}.values())


class TestContract(AdapterContract):
    @pytest.fixture(params=CASES)
    def case(self, request: pytest.FixtureRequest) -> Case:
        return CASES[request.param]


class TestPings(PingContract):
    @pytest.fixture(params=ACCOUNTS)
    def case(self, request: pytest.FixtureRequest) -> Case:
        return CASES[request.param]


class TestTokens(TokenContract):
    @pytest.fixture(params=[name for name, (key, _) in KINDS.items() if _ends(key)])
    def case(self, request: pytest.FixtureRequest) -> Case:
        return CASES[request.param]
