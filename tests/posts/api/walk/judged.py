"""Requests to all operations, and what holds of every answer to any of them.

A concern is a function that asks one operation something and asserts what it must answer; `every`
gives it all operations and tells of all that went wrong. Answers to a `Judged` caller are also
compared with the OpenAPI document.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.urls import resolve

from posts.api.errors import RETRYABLE, STATUS
from tests.posts.api.endpoints import MOUNTS, UNKNOWN, Endpoint
from tests.posts.api.walk import described
from tests.posts.conftest import Caller

REFERENCE = MOUNTS[0]


def every(asked: Iterable[Any], ask: Callable[[Any], None]) -> None:
    """Ask each operation, tool or case in turn; what it changes is undone. All failures are told
    together."""
    wrong = defaultdict(list)
    for each in asked:
        name = getattr(each, "name", each)
        try:
            with undone():
                ask(each)
        except AssertionError as error:
            wrong[str(error)].append(name)
        except Exception as error:
            error.add_note(f"of {name}")
            raise
    told = [f"{'; '.join(names)}\n{error}" for error, names in wrong.items()]
    assert not told, "\n\n".join(told)


@contextmanager
def undone() -> Iterator[None]:
    """What is written meanwhile is forgotten, in a test with a database."""
    if not connection.in_atomic_block:
        yield
        return
    before = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(before)


@dataclass
class Judged(Caller):
    """A caller that accepts no answer but one in the envelope, and as described."""

    _request_ids: set[str] = field(default_factory=set, repr=False)

    def call(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        answer = super().call(method, path, body, **options)
        said = f"{method} {self.mount}{path[:200]} answered {answer.status_code}"
        assert answer.status_code < 500, f"{said}: {answer.content[:500]!r}"
        if not answer.streaming:  # a file, whose answer has no envelope
            self._judge(answer, said)
        problems = described.of(self.mount).problems(method, _path(answer), answer)
        assert not problems, f"{said}, where {problems[:3]}"
        return answer

    def _judge(self, answer: Any, said: str) -> None:
        assert answer.headers["Content-Type"] == "application/json", said
        body = answer.json()
        assert not wrong_with_envelope(body, answer.status_code, self.mount), (said, body)
        request_id = body["meta"]["request_id"]
        assert re.fullmatch(r"req_[a-z0-9]+", request_id), (said, request_id)
        assert answer.headers["X-Request-Id"] == request_id, said
        assert request_id not in self._request_ids, f"{said} with the id of another answer"
        self._request_ids.add(request_id)
        assert self.secret not in answer.content.decode(), f"{said} with the key"


def judged(caller: Caller, mount: str = REFERENCE) -> Judged:
    return Judged(caller.workspace, caller.key, caller.secret, caller.client, mount)


def wrong_with_envelope(body: dict[str, Any], status: int, mount: str) -> str:
    """Empty if nothing is."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", body["meta"]["timestamp"]):
        return "the time is not in UTC and whole seconds"
    if status < 300:
        wanted = ["data", "meta"] if mount == REFERENCE else ["data", "error", "meta"]
        is_right = list(body) == wanted and body.get("error") is None
        return "" if is_right else f"an answer has {wanted}"
    if list(body) != ["data", "error", "meta"]:
        return "a refusal has data, error and meta"
    error = body["error"]
    if error is None:  # none of many was made; each has its own
        results = body["data"]["results"]
        return "" if status == 422 and not any(each["ok"] for each in results) else "no error"
    if body["data"] is not None or STATUS[error["code"]] != status or not error["message"]:
        return "a refusal has a message, the code of its status, and no data"
    if error["retryable"] and error["code"] not in RETRYABLE | {"conflict"}:
        return "repeating this changes nothing"
    return ""


def _path(answer: Any) -> str:
    """The path of the operation that answered, as the document has it; empty of no operation."""
    match = answer.wsgi_request.resolver_match
    return "/" + re.sub(r"<\w+:(\w+)>", r"{\1}", str(match.route)) if match else ""


def differing(endpoints: Iterable[Endpoint], mount: str) -> list[Endpoint]:
    """All for the reference mount; for the other one, what it answers with views of its own."""
    return [each for each in endpoints if mount == REFERENCE or _has_own_view(each)]


def _has_own_view(endpoint: Endpoint) -> bool:
    reference, compat = (resolve(mount + endpoint.url(UNKNOWN)).func.cls for mount in MOUNTS)
    return reference is not compat
