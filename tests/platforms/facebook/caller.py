"""Calls to the simulated Facebook with the token of a Page."""

from dataclasses import dataclass
from typing import Any

import httpx

from tests.conftest import Simulator
from tests.platforms.driver import image

PAGE, OTHER = "102938475610293", "102938475610999"
API = "/graph.facebook.com/v26.0"


@dataclass
class Caller:
    """A client with a Page's token."""

    simulator: Simulator
    token: str

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}", **options.pop("headers", {})}
        url = path if path.startswith(("/graph", "/rupload", "http")) else f"{API}/{path}"
        return self.simulator.http.request(method, url, headers=headers, **options)

    def post(self, path: str, **options: Any) -> Any:
        return self.ask("POST", path, **options).json()

    def get(self, path: str, **params: str) -> Any:
        return self.ask("GET", path, params=params).json()

    def photo(self) -> str:
        files = {"source": ("a.png", image(), "image/png")}
        made = self.post(f"{PAGE}/photos", data={"published": "false"}, files=files)
        return str(made["id"])

    def public(self) -> list[dict[str, Any]]:
        return self.simulator.posts("facebook", PAGE)


def page_caller(simulator: Simulator) -> Caller:
    """Of a Page whose network processes videos at once."""
    simulator.set("facebook", "processing_seconds", 0)
    return Caller(simulator, simulator.connect("facebook", PAGE))


def code(body: Any) -> tuple[int, int | None]:
    return body["error"]["code"], body["error"].get("error_subcode")
