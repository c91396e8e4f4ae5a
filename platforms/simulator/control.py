"""JSON control: make accounts, switch faults, start afresh.

- `GET /control/accounts`, `POST /control/accounts` {network, id, name, username, token, extra}
- `GET /control/faults`, `POST /control/faults` (fields of `Fault`), `DELETE /control/faults[/{id}]`
- `POST /control/clear` forgets posts and uploads
"""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from platforms.simulator.faults import Fault, Faults
from platforms.simulator.store import Account, Store


def routes(store: Store, faults: Faults) -> list[Route]:
    async def accounts(request: Request) -> Response:
        if request.method == "POST":
            body = await request.json()
            store.add_account(Account(**{"extra": {}, **body}))
            return JSONResponse({"ok": True}, 201)
        listed = [
            {"network": a.network, "id": a.id, "name": a.name, "username": a.username}
            for a in store.accounts()
        ]
        return JSONResponse({"accounts": listed})

    async def all_faults(request: Request) -> Response:
        if request.method == "POST":
            try:
                fault = faults.add(Fault(**await request.json()))
            except TypeError as wrong:
                return JSONResponse({"error": str(wrong)}, 400)
            return JSONResponse(fault.as_json(), 201)
        if request.method == "DELETE":
            faults.remove()
        return JSONResponse({"faults": [fault.as_json() for fault in faults.listed()]})

    async def one_fault(request: Request) -> Response:
        faults.remove(request.path_params["id"])
        return JSONResponse({"faults": [fault.as_json() for fault in faults.listed()]})

    async def clear(request: Request) -> Response:
        faults.remove()
        store.clear()
        return JSONResponse({"ok": True})

    return [
        Route("/control/accounts", accounts, methods=["GET", "POST"]),
        Route("/control/faults", all_faults, methods=["GET", "POST", "DELETE"]),
        Route("/control/faults/{id:int}", one_fault, methods=["DELETE"]),
        Route("/control/clear", clear, methods=["POST"]),
    ]
