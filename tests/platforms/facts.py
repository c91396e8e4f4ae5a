"""The facts of a network that only tests need: `FACTS` in tests/platforms/KEY/facts.py.

What an adapter states itself (limits, options, logins) is read there, and is no fact here.
"""

import importlib
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from platforms.drafts import Credentials, Draft
from platforms.errors import PlatformError
from platforms.registry import ADAPTERS
from tests.platforms.driver import HELLO, Drive

if TYPE_CHECKING:
    from tests.conftest import Simulator
    from tests.deploy.simulator.still_right import Right


@dataclass(frozen=True)
class Account:
    """How accounts look at the simulator."""

    #: Makes an id of a number of up to 17 digits.
    id_of: Callable[[str], str] = str
    #: What credentials have beside the token; `{}` stands for the id.
    extra: Mapping[str, str] = field(default_factory=dict)
    #: The token of an account, where its id follows from it: then it never ends. None: any text.
    token_of: Callable[[str], str] | None = None

    def extra_of(self, account_id: str) -> dict[str, str]:
        return {name: value.format(account_id) for name, value in self.extra.items()}


@dataclass(frozen=True)
class Kind:
    """A kind of post, and the irreversible call that publishes it, as the simulator names it."""

    call: str
    draft: Draft = HELLO
    #: Who publishes it, if not any account of the network.
    account: Account | None = None


@dataclass(frozen=True)
class LostAnswer:
    """A kind whose answer is lost, and how many requests the lookups cost (test_reads.py)."""

    kind: Kind
    #: Settings of the simulator that hide the post; empty: it is always shown.
    hidden: Mapping[str, Any]
    at_once: int
    late: int
    never: int
    #: The move that ends `never`: `retry_soon` after a proof, `fail` with a person's word.
    end: str = "retry_soon"
    #: A call that goes wrong for ever, and its status.
    broken: tuple[str, int] | None = None


@dataclass(frozen=True)
class Deletion:
    """The call that deletes, and how an account may not: by its scopes, or by a 403 as told."""

    call: str
    scopes: tuple[str, ...] = ()
    refusal: str | None = None
    #: Whether an answer must say that the post is gone; else any 2xx does.
    is_said: bool = False


@dataclass(frozen=True, kw_only=True)
class NetworkFacts:
    """Fields without a default are facts of every network."""

    account: Account = Account()
    #: Kinds of post by name, for tests/contract.py; first the usual one, whose name may be empty.
    kinds: Mapping[str, Kind]
    #: What is read otherwise than usual: status of an irreversible call → error.
    statuses: Mapping[int, type[PlatformError]] = field(default_factory=dict)
    #: False if it answers in messages that have no status.
    has_statuses: bool = True
    #: What is understood when the network's own limit lasts two more minutes.
    reset_seconds: float = 120
    #: What lost answers cost, by name.
    lost: Mapping[str, LostAnswer]
    #: The calls that tell what became of a post, beyond those before publishing; none: it cannot
    #: be asked.
    lookups: tuple[str, ...]
    #: The simulator's settings that delay what lookups see.
    lags: tuple[str, ...] = ()
    #: The irreversible calls of a text, a picture and a video, if they are not the usual kind's.
    publishing: tuple[str, ...] = ()
    #: A post of three public parts.
    thread: Draft | None = None
    #: Only where the adapter deletes.
    deletion: Deletion | None = None
    #: The call that reads a post's numbers, and their names; none: there is no such call.
    numbers: tuple[str, Collection[str]] | None
    #: A post's id, its public link, and what an operator may have copied instead.
    links: tuple[str, ...]
    #: Bytes; least width and height, most width and height (0: no such limit). None: no images.
    image: tuple[int, int, int, int, int] | None
    #: Bytes; least and most seconds.
    video: tuple[int, float, float]
    #: Whether it makes a card of a link in a text.
    has_link_cards: bool = False
    #: Bodies of its refusals, by the words that they quote.
    refusals: Sequence[Callable[[str], Any]] = ()
    #: Patterns that read customers' texts: below platforms.KEY, how, and `word` or `body`.
    patterns: Sequence[tuple[str, str, str]] = ()
    #: Functions that do: module below platforms.KEY, name, and `word` or `body`.
    scans: Sequence[tuple[str, str, str]] = ()
    #: Every kind of post with every option, whose requests are also sent broken.
    trials: Sequence[Kind]
    #: What is broken in them and yet right.
    still_right: Sequence["Right"] = ()
    #: Makes what the drafts of `trials` refer to.
    prepare: Callable[["Simulator"], object] | None = None
    #: Connects an account by the form, if there is one that needs no consent page.
    sign_in: Callable[["Simulator"], None] | None = None
    #: Who logs in at a consent page, by twelve digits of a person and the login's name: the
    #: account's id, and its fields at the simulator.
    person: Callable[[str, str], tuple[str, Mapping[str, Any]]] | None = None
    #: What comes back with a person's no, by login, where it is not `error=access_denied`.
    denied: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def usual(self) -> Kind:
        return next(iter(self.kinds.values()))


@cache
def facts_of(key: str) -> NetworkFacts:
    """The facts of one network. Fails with what is missing."""
    name = f"tests.platforms.{key}.facts"
    try:
        found = importlib.import_module(name).FACTS
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        raise AssertionError(f"{name} is missing: see tests/platforms/facts.py.") from None
    assert isinstance(found, NetworkFacts), f"{name}.FACTS is not a NetworkFacts."
    deletes = ADAPTERS[key].deletes
    assert deletes is bool(found.deletion), f"{name}: `deletion` is for adapters that delete."
    return found


def token_of(key: str, account_id: str) -> str:
    """A token for an account at a network."""
    if key in ADAPTERS and (token_of := facts_of(key).account.token_of):
        return token_of(account_id)
    return f"token-{uuid.uuid4().hex}"


def all_facts() -> dict[str, NetworkFacts]:
    """The facts of each network, in the registry's order."""
    return {key: facts_of(key) for key in ADAPTERS}


def connect(simulator: "Simulator", key: str, number: str, account: Account | None = None) -> Drive:
    """An account, by a number of digits, ready to publish."""
    account = account or facts_of(key).account
    account_id = account.id_of(number)
    extra = account.extra_of(account_id)
    token = simulator.connect(key, account_id, username="acme", extra=extra)
    login = extra.get("login", "")
    known = Credentials(account_id, "acme", token, extra=extra, login=login)
    return Drive(ADAPTERS[key], known, simulator)
