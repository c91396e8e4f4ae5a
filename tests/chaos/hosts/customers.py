"""Customers who keep posting and reading through the proxy, no matter what happens behind it.

As a careful client does, each names its request by an Idempotency-Key and sends it again, under the
same key, until it is answered. Every request that is not answered, or with 5xx, counts as failed.
"""

import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx

CUSTOMERS = 4
#: Between two posts of a customer.
PAUSE_SECONDS = 1.0
#: Between two tries, and until he gives up.
AGAIN_SECONDS, PATIENCE_SECONDS = 0.5, 120
#: A client gives up waiting for an answer after this long, and asks again.
ANSWER_SECONDS = 15
CONFLICT = 409


class Orders(Protocol):
    """What the next customer posts."""

    def place(self, customer: "Customer") -> str:
        """Have it posted; its id, empty if the customer gave up."""


@dataclass
class Tally:
    """How customers fared; written to by all of them."""

    requests: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    #: The longest from a first try to an answer.
    waited_seconds: float = 0.0
    #: Answers that no customer deserved.
    refusals: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, failure: str = "") -> None:
        with self._lock:
            self.requests += 1
            self.failed.update([failure] * bool(failure))

    def answered(self, seconds: float) -> None:
        with self._lock:
            self.waited_seconds = max(self.waited_seconds, seconds)


class Customer:
    """One client program with connections of its own."""

    def __init__(self, like: httpx.Client, tally: Tally) -> None:
        self._http = httpx.Client(
            base_url=like.base_url, headers=like.headers, timeout=ANSWER_SECONDS, trust_env=False
        )
        self._tally = tally

    def post(self, body: Mapping[str, Any]) -> str:
        """The post's id; empty if he gave up."""
        key = {"Idempotency-Key": uuid.uuid4().hex}
        answer = self._until_answered("POST", "posts", json=body, headers=key)
        return str(answer.json()["data"]["post_id"]) if answer else ""

    def read(self, post_id: str) -> None:
        self._until_answered("GET", f"posts/{post_id}")

    def _until_answered(self, method: str, path: str, **request: Any) -> httpx.Response | None:
        begun = time.monotonic()
        while time.monotonic() - begun < PATIENCE_SECONDS:
            answer = self._send(method, path, request)
            if answer is not None:
                self._tally.answered(time.monotonic() - begun)
                if answer.is_success:
                    return answer
                self._tally.refusals.append(f"{answer.status_code} {answer.text[:300]}")
                return None
            time.sleep(AGAIN_SECONDS)
        return None

    def _send(self, method: str, path: str, request: Mapping[str, Any]) -> httpx.Response | None:
        """The answer; None if there is a reason to send it again."""
        try:
            answer = self._http.request(method, path, **request)
        except httpx.TransportError as error:
            self._tally.note(type(error).__name__)
            return None
        self._tally.note(str(answer.status_code) if answer.is_server_error else "")
        is_running = answer.status_code == CONFLICT
        return None if answer.is_server_error or is_running else answer


@contextmanager
def customers(like: httpx.Client, tally: Tally, orders: Orders) -> Iterator[None]:
    """They post and read for as long as the block lasts, and finish what they have begun."""
    over = threading.Event()

    def one() -> None:
        customer = Customer(like, tally)
        while not over.wait(PAUSE_SECONDS):
            if post_id := orders.place(customer):
                customer.read(post_id)

    with ThreadPoolExecutor(CUSTOMERS) as every:
        working = [every.submit(one) for _ in range(CUSTOMERS)]
        try:
            yield
        finally:
            over.set()
    for each in working:
        each.result()
