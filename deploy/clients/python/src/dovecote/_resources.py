"""Calls as methods: `posts.retry(id)` sends `calls.retry_post(id)`.

A method is written once, as steps; here it becomes one to call, and one to await.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, TypeVar

from dovecote._calls import Call, Paged
from dovecote._exchange import Connection
from dovecote._steps import Steps

P = ParamSpec("P")
Data = TypeVar("Data")
Item = TypeVar("Item")
Result = TypeVar("Result")
Source = TypeVar("Source")

Stepwise = Callable[Concatenate[Connection, P], Steps[Result]]


class Runner(Protocol):
    """What resources need of a client."""

    @property
    def connection(self) -> Connection: ...

    def run(self, steps: Steps[Result]) -> Result: ...


class AsyncRunner(Protocol):
    @property
    def connection(self) -> Connection: ...

    async def run(self, steps: Steps[Result]) -> Result: ...


class Resource:
    def __init__(self, client: Runner) -> None:
        self._client = client


class AsyncResource:
    def __init__(self, client: AsyncRunner) -> None:
        self._client = client


def sending(build: Callable[P, Call[Any, Data]]) -> Stepwise[P, Data]:
    """The steps that answer a call's data."""

    def steps(connection: Connection, /, *args: P.args, **kwargs: P.kwargs) -> Steps[Data]:
        call = build(*args, **kwargs)
        return call.takes((yield from connection.exchange(call)))

    steps.__doc__ = build.__doc__
    return steps


class FromSource(Generic[Source]):
    """A method that is made of a function, and says of itself what that says."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.__doc__ = source.__doc__


class Method(FromSource[Stepwise[P, Result]], Generic[P, Result]):
    def __get__(self, resource: Resource, owner: type) -> Callable[P, Result]:
        def method(*args: P.args, **kwargs: P.kwargs) -> Result:
            return client.run(self._source(client.connection, *args, **kwargs))

        client = resource._client
        method.__doc__ = self.__doc__
        return method


class AsyncMethod(FromSource[Stepwise[P, Result]], Generic[P, Result]):
    def __get__(self, resource: AsyncResource, owner: type) -> Callable[P, Awaitable[Result]]:
        async def method(*args: P.args, **kwargs: P.kwargs) -> Result:
            return await client.run(self._source(client.connection, *args, **kwargs))

        client = resource._client
        method.__doc__ = self.__doc__
        return method


class Operation(Method[P, Data]):
    """A method that answers the data of a call."""

    def __init__(self, build: Callable[P, Call[Any, Data]]) -> None:
        super().__init__(sending(build))


class AsyncOperation(AsyncMethod[P, Data]):
    def __init__(self, build: Callable[P, Call[Any, Data]]) -> None:
        super().__init__(sending(build))


class Listing(FromSource[Callable[P, Paged[Any, Item]]], Generic[P, Item]):
    """A method that answers every item of a list; pages are fetched as they are reached."""

    def __get__(self, resource: Resource, owner: type) -> Callable[P, Iterator[Item]]:
        def method(*args: P.args, **kwargs: P.kwargs) -> Iterator[Item]:
            return items(self._source(*args, **kwargs))

        def items(paged: Paged[Any, Item]) -> Iterator[Item]:
            offset: int | None = 0
            while offset is not None:
                answer = client.run(client.connection.exchange(paged.page(offset)))
                yield from paged.items(answer)
                offset = paged.following(offset, answer)

        client = resource._client
        method.__doc__ = self.__doc__
        return method


class AsyncListing(FromSource[Callable[P, Paged[Any, Item]]], Generic[P, Item]):
    """The same, for `async for`."""

    def __get__(self, resource: AsyncResource, owner: type) -> Callable[P, AsyncIterator[Item]]:
        def method(*args: P.args, **kwargs: P.kwargs) -> AsyncIterator[Item]:
            return items(self._source(*args, **kwargs))

        async def items(paged: Paged[Any, Item]) -> AsyncIterator[Item]:
            offset: int | None = 0
            while offset is not None:
                answer = await client.run(client.connection.exchange(paged.page(offset)))
                for item in paged.items(answer):
                    yield item
                offset = paged.following(offset, answer)

        client = resource._client
        method.__doc__ = self.__doc__
        return method
