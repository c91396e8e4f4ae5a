"""Work as steps: requests and pauses, done by a thread or by an event loop.

Everything that takes several requests is written once, as a generator. It yields what is to be
done next, and gets what came of it: the response, or the exception of a request that failed.
"""

import asyncio
import time
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx

Result = TypeVar("Result")


@dataclass(frozen=True)
class Send:
    request: httpx.Request


@dataclass(frozen=True)
class Sleep:
    seconds: float


Steps = Generator[Send | Sleep, Any, Result]


def run(steps: Steps[Result], http: httpx.Client) -> Result:
    """Do it all in this thread. Raises what the steps raise."""
    try:
        step = next(steps)
        while True:
            if isinstance(step, Sleep):
                time.sleep(step.seconds)
                step = steps.send(None)
                continue
            try:
                response = http.send(step.request)
            except httpx.TransportError as failed:
                step = steps.throw(failed)
            else:
                step = steps.send(response)
    except StopIteration as done:
        result: Result = done.value
        return result


async def run_async(steps: Steps[Result], http: httpx.AsyncClient) -> Result:
    """The same without blocking the event loop."""
    try:
        step = next(steps)
        while True:
            if isinstance(step, Sleep):
                await asyncio.sleep(step.seconds)
                step = steps.send(None)
                continue
            try:
                response = await http.send(step.request)
            except httpx.TransportError as failed:
                step = steps.throw(failed)
            else:
                step = steps.send(response)
    except StopIteration as done:
        result: Result = done.value
        return result
