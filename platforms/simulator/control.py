"""JSON control: make accounts, switch faults, start afresh.

- `GET /control/accounts`, `POST /control/accounts` {network, id, name, username, token, extra}
- `GET /control/faults`, `POST /control/faults` (fields of `Fault`), `DELETE /control/faults[/{id}]`
- `GET /control` is the same as a page
- `POST /control/apps` {network, client_id, client_secret, redirect_uris}
- `POST /control/settings` {network, account, name, value}: how a network or one account behaves
- `POST /control/clock` {advance_seconds}: tokens and uploads grow older
- `POST /control/clear` forgets posts, uploads and settings
"""

import time
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from platforms.simulator.faults import Fault, Faults
from platforms.simulator.records import Account
from platforms.simulator.store import Store
from platforms.simulator.wall import NAMES, PAGES


def routes(store: Store, faults: Faults) -> list[Route]:
    async def accounts(request: Request) -> Response:
        if request.method == "POST":
            try:
                body = await request.json()
                account = Account(**{"extra": {}, **body})
            except (TypeError, ValueError) as wrong:
                return JSONResponse({"error": str(wrong)}, 400)
            words = (account.network, account.id, account.name, account.username, account.token)
            if not all(isinstance(word, str) and word for word in words):
                return JSONResponse({"error": "Every field is a text and not empty."}, 400)
            if not isinstance(account.extra, dict):
                return JSONResponse({"error": "extra is an object."}, 400)
            store.add_account(account)
            return JSONResponse({"ok": True}, 201)
        listed = [
            {"network": a.network, "id": a.id, "name": a.name, "username": a.username}
            for a in store.accounts()
        ]
        return JSONResponse({"accounts": listed})

    async def all_faults(request: Request) -> Response:
        if request.method == "POST":
            try:
                fault = Fault(**await request.json())
                check(fault)
            except (TypeError, ValueError) as wrong:
                return JSONResponse({"error": str(wrong)}, 400)
            return JSONResponse(faults.add(fault).as_json(), 201)
        if request.method == "DELETE":
            faults.remove()
        return JSONResponse({"faults": [fault.as_json() for fault in faults.listed()]})

    async def one_fault(request: Request) -> Response:
        faults.remove(request.path_params["id"])
        return JSONResponse({"faults": [fault.as_json() for fault in faults.listed()]})

    async def apps(request: Request) -> Response:
        body = await request.json()
        app = {"secret": body["client_secret"], "redirect_uris": list(body["redirect_uris"])}
        store.put(body["network"], "app", body["client_id"], "", app)
        return JSONResponse({"ok": True}, 201)

    async def settings(request: Request) -> Response:
        body = await request.json()
        store.set(body["network"], body.get("account", ""), body["name"], body["value"])
        return JSONResponse({"ok": True}, 201)

    async def clock(request: Request) -> Response:
        store.advance(float((await request.json())["advance_seconds"]))
        return JSONResponse({"now": store.now()}, 201)

    async def clear(request: Request) -> Response:
        faults.remove()
        store.clear()
        return JSONResponse({"ok": True})

    async def page(request: Request) -> Response:
        shown = PAGES.get_template("control.html").render(
            accounts=store.accounts(),
            faults=faults.listed(),
            settings_of=lambda account: store.settings_of(account.network, account.id),
            ahead=store.now() - time.time(),
            names=NAMES,
        )
        return HTMLResponse(shown)

    return [
        Route("/control", page),
        Route("/control/accounts", accounts, methods=["GET", "POST"]),
        Route("/control/faults", all_faults, methods=["GET", "POST", "DELETE"]),
        Route("/control/faults/{id:int}", one_fault, methods=["DELETE"]),
        Route("/control/apps", understood(apps), methods=["POST"]),
        Route("/control/settings", understood(settings), methods=["POST"]),
        Route("/control/clock", understood(clock), methods=["POST"]),
        Route("/control/clear", clear, methods=["POST"]),
    ]


Handler = Callable[[Request], Awaitable[Response]]


def understood(handler: Handler) -> Handler:
    """The handler, whose complaints about the body become a 400."""

    async def run(request: Request) -> Response:
        try:
            return await handler(request)
        except (KeyError, TypeError, ValueError) as wrong:
            return JSONResponse({"error": f"The body is not as documented: {wrong!r}"}, 400)

    return run


def check(fault: Fault) -> None:
    """Raises ValueError, in words for the tester, unless every field can be used."""
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
