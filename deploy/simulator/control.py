"""JSON control: make accounts, switch faults on, start afresh.

- `GET /control/accounts`, `POST /control/accounts` {network, id, name, username, token, extra}
- `GET /control/faults`, `POST /control/faults` (fields of `Fault`), `DELETE /control/faults[/{id}]`
- `GET /control` shows the same as a page
- `POST /control/apps` {network, client_id, client_secret, redirect_uris}
- `POST /control/settings` {network, account, name, value}: how a network or one account behaves
- `POST /control/clock` {advance_seconds}: tokens and uploads grow older
- `DELETE /control/posts/{network}/{id}`: the owner or the network removes a public post
- `POST /control/clear` deletes posts, uploads and settings
"""

import time
from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from deploy.simulator.state.faults import Fault, Faults
from deploy.simulator.state.records import Account
from deploy.simulator.state.store import Store
from deploy.simulator.wall import PAGES

Endpoint = Callable[[Request], Awaitable[Response]]


class Control:
    def __init__(self, store: Store, faults: Faults, names: Mapping[str, str]) -> None:
        self._store = store
        self._names = names
        self._faults = faults

    def routes(self) -> list[Route]:
        return [
            Route("/control", self.page),
            Route("/control/accounts", self.list_accounts),
            Route("/control/accounts", documented(self.add_account), methods=["POST"]),
            Route("/control/faults", self.list_faults),
            Route("/control/faults", documented(self.add_fault), methods=["POST"]),
            Route("/control/faults", self.remove_faults, methods=["DELETE"]),
            Route("/control/faults/{id:int}", self.remove_fault, methods=["DELETE"]),
            Route("/control/apps", documented(self.add_app), methods=["POST"]),
            Route("/control/settings", documented(self.set), methods=["POST"]),
            Route("/control/clock", documented(self.advance_clock), methods=["POST"]),
            Route("/control/posts/{network}/{id:path}", self.delete_post, methods=["DELETE"]),
            Route("/control/clear", self.clear, methods=["POST"]),
        ]

    async def list_accounts(self, request: Request) -> Response:
        listed = [
            {"network": a.network, "id": a.id, "name": a.name, "username": a.username}
            for a in self._store.accounts()
        ]
        return JSONResponse({"accounts": listed})

    async def add_account(self, request: Request) -> Response:
        account = Account(**{"extra": {}, **await request.json()})
        texts = (account.network, account.id, account.name, account.username, account.token)
        if not all(isinstance(text, str) and text for text in texts):
            raise ValueError("Every field is a text and not empty.")
        if not isinstance(account.extra, dict):
            raise ValueError("extra is an object.")
        self._store.add_account(account)
        return JSONResponse({"ok": True}, 201)

    async def list_faults(self, request: Request) -> Response:
        return JSONResponse({"faults": [fault.as_json() for fault in self._faults.listed()]})

    async def add_fault(self, request: Request) -> Response:
        fault = Fault(**await request.json())
        check(fault)
        return JSONResponse(self._faults.add(fault).as_json(), 201)

    async def remove_faults(self, request: Request) -> Response:
        self._faults.remove()
        return await self.list_faults(request)

    async def remove_fault(self, request: Request) -> Response:
        self._faults.remove(request.path_params["id"])
        return await self.list_faults(request)

    async def add_app(self, request: Request) -> Response:
        body = await request.json()
        app = {"secret": body["client_secret"], "redirect_uris": list(body["redirect_uris"])}
        self._store.put(body["network"], "app", body["client_id"], "", app)
        return JSONResponse({"ok": True}, 201)

    async def set(self, request: Request) -> Response:
        body = await request.json()
        self._store.set(body["network"], body.get("account", ""), body["name"], body["value"])
        return JSONResponse({"ok": True}, 201)

    async def advance_clock(self, request: Request) -> Response:
        self._store.advance(float((await request.json())["advance_seconds"]))
        return JSONResponse({"now": self._store.now()}, 201)

    async def delete_post(self, request: Request) -> Response:
        self._store.delete_post(request.path_params["network"], request.path_params["id"])
        return JSONResponse({"ok": True})

    async def clear(self, request: Request) -> Response:
        self._faults.remove()
        self._store.clear()
        return JSONResponse({"ok": True})

    async def page(self, request: Request) -> Response:
        shown = PAGES.get_template("control.html").render(
            accounts=self._store.accounts(),
            faults=self._faults.listed(),
            settings_of=lambda account: self._store.settings_of(account.network, account.id),
            ahead=self._store.now() - time.time(),
            names=self._names,
        )
        return HTMLResponse(shown)


def documented(endpoint: Endpoint) -> Endpoint:
    """The endpoint; what it finds wrong with the body becomes a 400."""

    async def run(request: Request) -> Response:
        try:
            return await endpoint(request)
        except (KeyError, TypeError, ValueError) as wrong:
            message = str(wrong) if type(wrong) is ValueError else repr(wrong)
            return JSONResponse({"error": f"The body is not as documented: {message}"}, 400)

    return run


def check(fault: Fault) -> None:
    """Raises ValueError, with a message for the tester, unless every field can be used."""
    texts = {"network": fault.network, "account": fault.account, "call": fault.call}
    for name, value in {**texts, "body": fault.body}.items():
        if not isinstance(value, str):
            raise ValueError(f"{name} is a text.")
    numbers = {"status": fault.status, "times": fault.times, "delay_seconds": fault.delay_seconds}
    for name, number in {**numbers, "rate_limit": fault.rate_limit_reset_seconds}.items():
        if not isinstance(number, int | float) or number < 0:
            raise ValueError(f"{name} is a number and not below zero.")
    if fault.status and not 200 <= fault.status <= 599:
        raise ValueError("status is 200 to 599.")
    if fault.drop not in ("", "before", "after", "middle"):
        raise ValueError("drop is before, after, middle or empty.")
