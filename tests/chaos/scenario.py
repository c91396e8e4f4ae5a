"""What a scenario is: something breaks while posts go out, and what may come of it."""

import os
import shutil
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from typing import TYPE_CHECKING

from platforms.registry import ADAPTERS

if TYPE_CHECKING:
    from tests.chaos.ground import Ground

#: A network that answers takes every post of a usable account so soon (destinations/README.md).
LIVE_SECONDS = 60.0
#: What a worker's death costs: posts whose call was not announced, and those whose call was
#: announced, left, and can be asked for.
DEATH_SECONDS, ANNOUNCED_SECONDS = 15.0, 20.0
#: What a message costs that Redis has lost: its claim's lease, and another worker's work.
LEASE_SECONDS = 75.0


@dataclass(frozen=True)
class Scenario:
    """`play(ground)` asks for posts, breaks something, and leaves it whole again.

    When it returns, the ground waits until every destination has come to its end, and the books
    are compared.
    """

    name: str
    #: What this proves, in one sentence.
    promise: str
    play: Callable[["Ground"], None]
    networks: tuple[str, ...] = tuple(ADAPTERS)
    #: Where the network cannot be asked what became of the call: `failed`, "may be live".
    may_stay_unknown: tuple[str, ...] = ()
    #: Where the post may end as failed and not public, because the network itself says no.
    may_be_refused: tuple[str, ...] = ()
    #: Whether some posts are of a kind that one network alone has (`kinds.py`): not where they are
    #: changed, repeated or deleted.
    has_kinds: bool = True
    #: Whether an account's posts must begin in the order of their times: they are asked for one
    #: after the other, and nothing else holds one back. Never are two of an account in flight.
    keeps_order: bool = False
    #: Seconds until a post is public once it could be (`times.py`); None: no time is promised. Here
    #: is what every scenario keeps: one minute, no matter what others do.
    public_within: float | None = LIVE_SECONDS
    #: The same beside an announced call that its network took; None: no other time.
    announced_within: float | None = None
    #: Environment of every process of the stack.
    env: Mapping[str, str] = field(default_factory=dict)
    #: Some networks are sure only minutes later that nothing is public.
    settle_seconds: float = 1200
    #: Only the system's administrator can do this to a machine.
    needs_root: bool = False
    #: Programs that it runs beside those of our packages.
    tools: tuple[str, ...] = ()
    #: Installs what else it runs, and says what cannot be had. Such a scenario is played only if it
    #: is asked for by its name, or by its beginning up to a dash.
    install: Callable[[], str] | None = None
    #: Where it is played, as `ground.ground`; None: there.
    ground: Callable[..., AbstractContextManager["Ground"]] | None = None

    @cached_property
    def needs(self) -> str:
        """What is missing to play it here; empty if nothing is."""
        missing = ["root"] if self.needs_root and os.geteuid() != 0 else []
        missing += [tool for tool in self.tools if not shutil.which(tool)]
        return ", ".join([*missing, *filter(None, [self.install() if self.install else ""])])

    def is_meant(self, beginning: str) -> bool:
        """Whether it is one of those whose names begin so; `*` stands for anything."""
        family = f"{self.name.partition('-')[0]}-"
        is_offered = self.install is None or beginning.startswith(family)
        return is_offered and fnmatchcase(self.name, f"{beginning}*")
