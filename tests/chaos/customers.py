"""Customers who change their minds at the last moment, and who ask many times at once."""

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from tests.chaos import expiring
from tests.chaos.books import Asked
from tests.chaos.ground import Ground
from tests.chaos.scenario import Scenario

#: So many seconds around a post's time its customers change their minds, and how.
AROUND_SECONDS = 1.5
CHANGES = ("edit", "edit", "edit", "edit", "later", "later", "retry")
#: How far some of them move it.
LATER_SECONDS = 6
CLIENTS = 16
#: Ten ask the same at the same moment.
TOGETHER = 10
MEMBERS = 5


@dataclass
class Order:
    """A post as its customer knows it: its entries in the book, and every edit confirmed."""

    post_id: str
    asked: list[Asked]
    #: (when the API says it was made, the entries it left), of each edit that was confirmed.
    confirmed: list[tuple[str, list[Asked]]] = field(default_factory=list)
    refused: list[list[Asked]] = field(default_factory=list)
    is_deleted: bool = False

    def entries(self) -> list[Asked]:
        """What the public must see, and what it must never have seen."""
        versions = [self.asked, *(asked for _, asked in sorted(self.confirmed, key=_made_at))]
        # An edit of the text leaves the time that another edit gave.
        due_at = max(each.due_at for version in versions for each in version)
        last = [] if self.is_deleted else versions.pop()
        dead = [each for version in (*versions, *self.refused) for each in version]
        return [
            *(replace(each, due_at=due_at) for each in last),
            *(replace(each, wish="never") for each in dead),
        ]


def _made_at(edit: tuple[str, list[Asked]]) -> str:
    return edit[0]


def last_moment(ground: Ground) -> None:
    """Edits, delays, deletions and retries, many at once, from just before to just after."""
    at = datetime.now(UTC) + timedelta(seconds=8 + 2 * ground.n)
    orders = _order(ground, at=at)
    changes = [
        (ground.rng.uniform(-AROUND_SECONDS, AROUND_SECONDS), _change(ground, order, kind))
        for number, order in enumerate(orders)
        # Every other one is to be deleted.
        for kind in CHANGES + ("delete",) * (2 * (number % 2 == 0))
    ]
    changes.sort(key=lambda change: change[0])
    assert datetime.now(UTC) < at - timedelta(seconds=AROUND_SECONDS), "The posts took too long."

    def make(change: tuple[float, Callable[[], int]]) -> int:
        moment, send = change
        time.sleep(max(0.0, at.timestamp() + moment - time.time()))
        return send()

    with ThreadPoolExecutor(CLIENTS) as clients:
        answers = list(clients.map(make, changes))
    assert {200, 409} <= set(answers) <= {200, 404, 409}, f"Answers were {sorted(set(answers))}."
    assert any(order.confirmed for order in orders), "No edit came in time."
    assert any(order.is_deleted for order in orders), "No deletion came in time."
    ground.asked = [entry for order in orders for entry in order.entries()]
    ground.settle()
    early = ground.early()
    assert not early, f"Public before their time: {early}"


def _change(ground: Ground, order: Order, kind: str) -> Callable[[], int]:
    """One request about this post, ready to be sent; it answers with the status."""
    http, path = ground.team.http, f"posts/{order.post_id}"
    mark = f"mark{ground.rng.getrandbits(48):012x}"

    def edit() -> int:
        due_at = order.asked[0].due_at
        body = {"content": f"Changed {mark}"}
        if kind == "later":
            due_at += timedelta(seconds=LATER_SECONDS)
            body["scheduled_at"] = due_at.isoformat()
        changed = [replace(each, mark=mark, due_at=due_at) for each in order.asked]
        answer = http.patch(path, json=body)
        if answer.is_success:
            order.confirmed.append((answer.json()["data"]["updated_at"], changed))
        else:
            order.refused.append(changed)
        return answer.status_code

    def delete() -> int:
        answer = http.delete(path)
        if answer.is_success:
            order.is_deleted = True
        return answer.status_code

    def retry() -> int:
        return http.post(f"{path}/retry", json={}).status_code

    return {"edit": edit, "later": edit, "delete": delete, "retry": retry}[kind]


def retried_by_many(ground: Ground) -> None:
    for network in ground.networks:
        ground.fault(network, status=400, body="{}")
    orders = _order(ground)
    ground.until("all have failed", lambda: _all_final(ground))
    failed = ground.count("failed")
    assert failed == len(ground.own()), "Some did not fail."
    ground.mend()
    ground.broken()
    answers = _at_once([_retry(ground, order) for order in orders for _ in range(TOGETHER)])
    retried = sum(answer.json()["data"]["retried_count"] for answer in answers)
    assert retried == failed, f"{failed} had failed, and {retried} were tried again."


def resolved(ground: Ground) -> None:
    """Resolves and retries at the same moment; some destinations get neither."""
    members = [expiring.connect(ground.team, "linkedin") for _ in range(min(ground.n, MEMBERS))]
    ground.use("linkedin", members)
    public = _may_be_live(ground, "after")
    absent = _may_be_live(ground, "before")
    unsaid = _may_be_live(ground, "after")
    links = {post["text"].split()[-1]: post["url"] for post in ground.team.wall()}
    ground.broken()
    sends = [_retry(ground, order) for order in public + absent + unsaid for _ in range(3)]
    sends += [_retry(ground, order, confirm_not_published=True) for order in absent]
    sends += [_resolve(ground, order, "not_published") for order in absent]
    sends += [
        _resolve(ground, order, "published", platform_post_url=links[order.asked[0].mark])
        for order in public
        for _ in range(2)
    ]
    ground.rng.shuffle(sends)
    answers = _at_once(sends)
    # A retry that came before the resolve is made again.
    answers += _at_once([_retry(ground, order) for order in absent])
    assert {answer.status_code for answer in answers} <= {200, 409}, [a.text for a in answers]
    taken = [answer for answer in answers if "/resolve" in str(answer.url) and answer.is_success]
    assert len(taken) >= len(public), "A person's word was not taken."


def _may_be_live(ground: Ground, drop: str) -> list[Order]:
    """Posts whose answer was lost and whose network cannot be asked: public if lost `after`."""
    ground.fault("linkedin", call="create_post", drop=drop)
    orders = _order(ground)
    ground.until("they may be live", lambda: _all_final(ground))
    ground.mend()
    marks = {order.asked[0].mark for order in orders}
    codes = {row.error_code for key, row in ground.own().items() if key[0] in marks}
    assert codes == {"outcome_unknown"}, f"They were to be unknown: {codes}"
    return orders


def _order(ground: Ground, **fields: Any) -> list[Order]:
    """Posts, and which entries of the book are whose."""
    before = len(ground.asked)
    posts = ground.ask(**fields)
    by_mark: dict[str, list[Asked]] = {}
    for each in ground.asked[before:]:
        by_mark.setdefault(each.mark, []).append(each)
    return [Order(*pair) for pair in zip(posts, by_mark.values(), strict=True)]


def _all_final(ground: Ground) -> bool:
    return all(row.is_final for row in ground.own().values())


Send = Callable[[], httpx.Response]


def _retry(ground: Ground, order: Order, **body: Any) -> Send:
    return lambda: ground.team.http.post(f"posts/{order.post_id}/retry", json=body)


def _resolve(ground: Ground, order: Order, outcome: str, **fields: Any) -> Send:
    (result,) = ground.team.results(order.post_id)
    path = f"posts/{order.post_id}/destinations/{result['id']}/resolve"
    body = {"outcome": outcome, **fields}
    return lambda: ground.team.http.post(path, json=body)


def _at_once(sends: Sequence[Send]) -> list[httpx.Response]:
    with ThreadPoolExecutor(CLIENTS) as clients:
        answers: Iterable[httpx.Response] = clients.map(lambda send: send(), sends)
        return list(answers)


SCENARIOS = [
    Scenario(
        "last-moment",
        "Edits and deletions may race the due time: each is either made or refused, and the public "
        "sees exactly what was confirmed last.",
        last_moment,
        has_kinds=False,
    ),
    Scenario(
        "retried-by-many",
        "Ten clients may retry the same post at once.",
        retried_by_many,
        has_kinds=False,
    ),
    Scenario(
        "resolved",
        "A person's word about what may be live may race retries; without a word nothing is sent.",
        resolved,
        networks=("linkedin",),
        may_stay_unknown=("linkedin",),
    ),
]
