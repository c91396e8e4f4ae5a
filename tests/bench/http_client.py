"""CPU time of one publish between an adapter's `publish` and its outcome, without a database.

Text posts of four networks, 100 in flight on one loop, through the product's transport and client
to a stub in another process. In turn with it, as many bare `aiohttp` posts to the same stub.
`python -m tests.bench.http_client [publishes] [rounds]`
"""

import asyncio
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp

from platforms.adapter import Call
from platforms.checkpoint import Checkpoint, forget
from platforms.drafts import Credentials, Draft
from platforms.http.client import Client
from platforms.http.transport import Transport
from platforms.outcomes import Published
from platforms.registry import ADAPTERS
from tests.bench import fixed_answer
from tests.bench.result import Result

IN_FLIGHT = 100
DELAY_MS = 20
#: The networks, and how many requests one text post takes.
REQUESTS = {"x": 1, "linkedin": 1, "threads": 5, "facebook": 3}
DRAFT = Draft(
    text="Every one of us has a text of about a hundred characters to say to the world #1."
)

Once = Callable[[int], Awaitable[Any]]


def publisher(platform: str, transport: Transport) -> Once:
    """Publishes one draft as one of a hundred accounts, as a worker does."""
    adapter = ADAPTERS[platform]
    accounts = [
        Credentials(
            platform_account_id=str(10**9 + number),
            username=f"account{number}",
            token=f"{number:04}" + "t0K-" * 12,
            refresh_token=f"{number:04}" + "r3F-" * 12,
        )
        for number in range(100)
    ]

    async def publish(number: int) -> None:
        account = accounts[number % len(accounts)]
        checkpoint = Checkpoint({}, forget)
        http = Client(
            transport, explain=adapter.explain, checkpoint=checkpoint, secrets=account.secrets()
        )
        outcome = await adapter.publish(Call(DRAFT, account, http, checkpoint))
        if not isinstance(outcome, Published):
            raise SystemExit(f"{platform}: {outcome}")

    return publish


def bare(session: aiohttp.ClientSession, url: str) -> Once:
    body = b'{"text":"' + DRAFT.text.encode() + b'"}'
    headers = {"Authorization": "Bearer " + "t0K-" * 13, "Content-Type": "application/json"}

    async def post(_: int) -> None:
        async with session.post(url, data=body, headers=headers) as answer:
            await answer.read()

    return post


async def cpu_microseconds(once: Once, count: int) -> float:
    """CPU time of one call, with IN_FLIGHT of them at any time."""
    numbers = iter(range(count))

    async def one_after_the_other() -> None:
        for number in numbers:
            await once(number)

    began = time.process_time()
    await asyncio.gather(*(one_after_the_other() for _ in range(IN_FLIGHT)))
    return (time.process_time() - began) / count * 1e6


async def measure(url: str, count: int, rounds: int) -> dict[str, list[float]]:
    """CPU microseconds of each publish in each round, by network."""
    transports = {platform: Transport(gateway=url) for platform in REQUESTS}
    async with aiohttp.ClientSession() as session:
        reference = bare(session, f"{url}/2/tweets")
        todo = {name: publisher(name, transport) for name, transport in transports.items()}
        todo = {"bare aiohttp": reference, **todo}
        used: dict[str, list[float]] = {name: [] for name in todo}
        for once in todo.values():
            await cpu_microseconds(once, IN_FLIGHT * 2)
        for _ in range(rounds):
            for name, once in todo.items():
                used[name].append(await cpu_microseconds(once, count))
    for transport in transports.values():
        await transport.close()
    return used


def results(*, short: bool = False) -> list[Result]:
    with fixed_answer.running(DELAY_MS) as url:
        used = asyncio.run(measure(url, 1000 if short else 5000, 1 if short else 3))
    spent = {name: statistics.median(found) for name, found in used.items()}
    bare = spent.pop("bare aiohttp")
    return [
        Result(f"{name}: each request", spent[name] / REQUESTS[name], "µs", bare, "bare aiohttp")
        for name in spent
    ]


def _print(used: dict[str, list[float]], rounds: int) -> None:
    print(f"{'CPU, microseconds':20} per publish  per request  (lowest .. highest of {rounds})")
    for name, found in used.items():
        median = statistics.median(found)
        each = median / REQUESTS.get(name, 1)
        print(f"{name:20} {median:11.0f} {each:12.0f}  ({min(found):.0f} .. {max(found):.0f})")


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    with fixed_answer.running(DELAY_MS) as url:
        _print(asyncio.run(measure(url, count, rounds)), rounds)


if __name__ == "__main__":
    main()
