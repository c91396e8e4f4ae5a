"""What the public would see, as a page and as JSON."""

from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from platforms.simulator.store import Store


def routes(store: Store) -> list[Route]:
    async def as_json(request: Request) -> Response:
        """`?limit=&offset=`: {"total": int, "posts": [...]}, newest first."""
        limit = int(request.query_params.get("limit", "100"))
        offset = int(request.query_params.get("offset", "0"))
        posts = [asdict(post) for post in store.wall(limit, offset)]
        return JSONResponse({"total": store.count(), "posts": posts})

    async def file(request: Request) -> Response:
        file_id = request.path_params["id"]
        facts = store.get("", "file", file_id)
        if facts is None:
            return Response(status_code=404)
        return FileResponse(store.files / file_id, media_type=facts["content_type"])

    return [
        Route("/wall.json", as_json),
        Route("/files/{id}", file),
    ]
