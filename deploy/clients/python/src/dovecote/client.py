"""The clients: one for threads, one for an event loop."""

import os
from functools import cached_property
from typing import Any, Self, TypeVar

import httpx

from dovecote._calls import Call
from dovecote._exchange import Connection
from dovecote._generated import resources
from dovecote._resources import AsyncMethod, Method
from dovecote._steps import Steps, run, run_async
from dovecote._workflows import importing, login, publishing, uploading, waiting
from dovecote.posts import AsyncPosts, Posts

Answer = TypeVar("Answer")
Result = TypeVar("Result")

URL_VARIABLE, KEY_VARIABLE = "DOVECOTE_URL", "DOVECOTE_API_KEY"
TIMEOUT_SECONDS = 30.0
PATIENCE_SECONDS = 60.0


class Accounts(resources.Accounts):
    """Calls of `client.accounts`."""

    choose = Method(publishing.choose_accounts)


class Media(resources.Media):
    """Calls of `client.media`."""

    upload = Method(uploading.upload)
    upload_from_url = Method(uploading.upload_from_url)
    wait = Method(waiting.ready)


class Imports(resources.Imports):
    """Calls of `client.imports`."""

    wait = Method(importing.wait_for)


class Auth(resources.Auth):
    """Calls of `client.auth`."""

    log_in = Method(login.log_in)


class AsyncAccounts(resources.AsyncAccounts):
    """Calls of `client.accounts`, to await."""

    choose = AsyncMethod(publishing.choose_accounts)


class AsyncMedia(resources.AsyncMedia):
    """Calls of `client.media`, to await."""

    upload = AsyncMethod(uploading.upload)
    upload_from_url = AsyncMethod(uploading.upload_from_url)
    wait = AsyncMethod(waiting.ready)


class AsyncImports(resources.AsyncImports):
    """Calls of `client.imports`, to await."""

    wait = AsyncMethod(importing.wait_for)


class AsyncAuth(resources.AsyncAuth):
    """Calls of `client.auth`, to await."""

    log_in = AsyncMethod(login.log_in)


class Client(resources.Resources):
    """A server, and a key to it; threads may share it.

    `base_url` and `api_key` default to DOVECOTE_URL and DOVECOTE_API_KEY. A key of "" is for
    logging in. One request may take `timeout` seconds, a call `patience` seconds with every time
    it is sent again. Raises ValueError if there is no address or no key.
    """

    def __init__(
        self,
        base_url: str | None = None,
        api_key: str | None = None,
        *,
        timeout: float = TIMEOUT_SECONDS,
        patience: float = PATIENCE_SECONDS,
        http: httpx.Client | None = None,
    ) -> None:
        super().__init__(self)
        self.connection = connection(base_url, api_key, timeout, patience)
        self._http = http or httpx.Client()
        self._ours = http is None

    @cached_property
    def posts(self) -> Posts:
        return Posts(self)

    @cached_property
    def accounts(self) -> Accounts:
        return Accounts(self)

    @cached_property
    def media(self) -> Media:
        return Media(self)

    @cached_property
    def auth(self) -> Auth:
        return Auth(self)

    @cached_property
    def imports(self) -> Imports:
        return Imports(self)

    def send(self, call: Call[Answer, Any]) -> Answer:
        """The whole answer of a call of `dovecote.calls`: `data` and `meta`."""
        return self.run(self.connection.exchange(call))

    def run(self, steps: Steps[Result]) -> Result:
        return run(steps, self._http)

    def close(self) -> None:
        """Close its connections, if it opened them."""
        if self._ours:
            self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


class AsyncClient(resources.AsyncResources):
    """The same for an event loop (asyncio): every method is awaited, lists by `async for`."""

    def __init__(
        self,
        base_url: str | None = None,
        api_key: str | None = None,
        *,
        timeout: float = TIMEOUT_SECONDS,
        patience: float = PATIENCE_SECONDS,
        http: httpx.AsyncClient | None = None,
    ) -> None:
        super().__init__(self)
        self.connection = connection(base_url, api_key, timeout, patience)
        self._http = http or httpx.AsyncClient()
        self._ours = http is None

    @cached_property
    def posts(self) -> AsyncPosts:
        return AsyncPosts(self)

    @cached_property
    def accounts(self) -> AsyncAccounts:
        return AsyncAccounts(self)

    @cached_property
    def media(self) -> AsyncMedia:
        return AsyncMedia(self)

    @cached_property
    def auth(self) -> AsyncAuth:
        return AsyncAuth(self)

    @cached_property
    def imports(self) -> AsyncImports:
        return AsyncImports(self)

    async def send(self, call: Call[Answer, Any]) -> Answer:
        """The whole answer of a call of `dovecote.calls`: `data` and `meta`."""
        return await self.run(self.connection.exchange(call))

    async def run(self, steps: Steps[Result]) -> Result:
        return await run_async(steps, self._http)

    async def close(self) -> None:
        """Close its connections, if it opened them."""
        if self._ours:
            await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.close()


def connection(
    base_url: str | None, api_key: str | None, timeout: float, patience: float
) -> Connection:
    url = (base_url or os.environ.get(URL_VARIABLE, "")).strip().rstrip("/")
    key = os.environ.get(KEY_VARIABLE) if api_key is None else api_key
    if not url.startswith(("https://", "http://")):
        raise ValueError(f"Pass base_url, or set {URL_VARIABLE}, such as https://posts.example.")
    if key is None:
        raise ValueError(f"Pass api_key, or set {KEY_VARIABLE}.")
    return Connection(url.removesuffix("/api/v1"), key.strip(), timeout, patience)
