"""Faults that a tester switches on for an account: what goes wrong, at which call, how often."""

import threading
from dataclasses import asdict, dataclass
from typing import Any, Literal

Drop = Literal["", "before", "after", "middle"]


@dataclass(slots=True)
class Fault:
    """A fault of a network's calls. An empty `account` or `call` means any.

    `delay_seconds` delays the answer, after the call's work if it does any. `effect` says whether
    the call still does its work before its answer is replaced. `drop` resets the connection instead
    of answering, before or after the work, or in the middle of the answer.
    """

    network: str
    account: str = ""
    #: The name of the call, such as `create_post`; see each network's `api.py`.
    call: str = ""
    status: int = 0
    body: str = ""
    delay_seconds: float = 0
    drop: Drop = ""
    effect: bool = False
    #: Answer with the network's own rate limit, which ends after this many seconds.
    rate_limit_reset_seconds: int = 0
    #: How many matching calls succeed first.
    skip: int = 0
    #: How many calls it strikes; 0 means until it is removed.
    times: int = 0
    id: int = 0

    def matches(self, network: str, account: str, call: str) -> bool:
        return self.network == network and self.account in ("", account) and self.call in ("", call)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class Faults:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._last_id = 0

    def add(self, fault: Fault) -> Fault:
        with self._lock:
            self._last_id += 1
            fault.id = self._last_id
            self._faults.append(fault)
        return fault

    def remove(self, fault_id: int | None = None) -> None:
        """Remove one fault, or all of them."""
        with self._lock:
            self._faults = [f for f in self._faults if fault_id is not None and f.id != fault_id]

    def listed(self) -> list[Fault]:
        with self._lock:
            return list(self._faults)

    def strike(self, network: str, account: str, call: str) -> Fault | None:
        """The fault of this call, counted; None if there is none."""
        with self._lock:
            for fault in self._faults:
                if fault.matches(network, account, call):
                    if fault.skip:
                        fault.skip -= 1
                        continue
                    if fault.times:
                        fault.times -= 1
                        if fault.times == 0:
                            self._faults.remove(fault)
                    return fault
        return None
