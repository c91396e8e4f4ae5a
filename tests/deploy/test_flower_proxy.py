"""Flower behind the shipped proxy: web is asked first, and Flower never sees who asks."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.config.web.server.echoing import Echo
from tests.config.web.server.serving import END, serving
from tests.deploy.proxying import ask, proxying

pytestmark = pytest.mark.needs("caddy")
FLOWER = "/admin/flower/tasks?name=x"


class Web:
    """Answers the proxy's question as it is told to, and everything else with `web`."""

    def __init__(self) -> None:
        self.status = "204 No Content"
        self.headers: list[tuple[str, str]] = []
        self.asked: list[dict] = []

    def __call__(self, environ, start_response):
        if environ["PATH_INFO"] != "/admin/flower-access/":
            start_response("200 OK", [("Content-Length", "3")])
            return [b"web"]
        self.asked.append(environ)
        start_response(self.status, [*self.headers, ("Content-Length", "0")])
        return [b""]


@pytest.fixture
def access() -> Web:
    return Web()


@pytest.fixture
def echo(tmp_path: Path) -> Echo:
    return Echo(tmp_path / "file")


@pytest.fixture
def proxy(access: Web, echo: Echo, settings, tmp_path: Path, monkeypatch) -> Iterator[int]:
    settings.WEB_THREADS = 2
    with serving(access, settings) as web, serving(echo, settings) as flower:
        monkeypatch.setenv("FLOWER_UPSTREAM", f"127.0.0.1:{flower.port}")
        with proxying(tmp_path, web.port) as port:
            yield port


def get(port: int, path: str, head: str = ""):
    return ask(port, f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1{head}{END}")


def test_who_may_is_passed_on_without_their_session(proxy: int, access: Web, echo: Echo):
    answer = get(proxy, FLOWER, "\r\nCookie: dovecote_session=secret\r\nAuthorization: Basic eA==")

    assert answer.status == 200
    assert (echo.environ["PATH_INFO"], echo.environ["QUERY_STRING"]) == (
        "/admin/flower/tasks",
        "name=x",
    )
    assert "HTTP_COOKIE" not in echo.environ
    assert "HTTP_AUTHORIZATION" not in echo.environ
    [asked] = access.asked
    assert asked["HTTP_COOKIE"] == "dovecote_session=secret"
    assert asked["HTTP_X_FORWARDED_URI"] == FLOWER
    assert "script-src" not in answer.headers["content-security-policy"]
    assert "default-src 'self'" in answer.headers["content-security-policy"]


def test_the_method_that_is_asked_about_is_the_real_one(proxy: int, access: Web):
    head = "POST /admin/flower/tasks/datatable HTTP/1.1\r\nHost: 127.0.0.1"
    claim = "X-Forwarded-Method: GET\r\nX-Forwarded-Uri: /admin/other"
    answer = ask(proxy, f"{head}\r\n{claim}\r\nContent-Length: 2{END}hi", "POST")

    assert answer.body == b"hi"
    [asked] = access.asked
    assert asked["HTTP_X_FORWARDED_METHOD"] == "POST"
    assert asked["HTTP_X_FORWARDED_URI"] == "/admin/flower/tasks/datatable"


@pytest.mark.parametrize("status", ["302 Found", "403 Forbidden", "503 Service Unavailable"])
def test_others_get_webs_answer_and_flower_hears_nothing(
    proxy: int, access: Web, echo: Echo, status: str
):
    access.status = status
    access.headers = [("Location", "/admin/login/?next=x")] if status[0] == "3" else []

    answer = get(proxy, FLOWER)

    assert answer.status == int(status[:3])
    assert status[0] != "3" or answer.headers["location"] == "/admin/login/?next=x"
    assert echo.environ == {}


@pytest.mark.parametrize(
    "path",
    ["/admin/flower/%2e%2e/flower/", "//admin/flower/", "/admin/Flower/", "/admin/flower;x/"],
)
def test_no_spelling_of_the_path_goes_past_the_question(
    proxy: int, access: Web, echo: Echo, path: str
):
    access.status = "403 Forbidden"

    get(proxy, path)

    assert echo.environ == {}


def test_without_the_slash_it_leads_on(proxy: int, access: Web):
    answer = get(proxy, "/admin/flower")

    assert answer.status == 302
    assert answer.headers["location"] == "/admin/flower/"


@pytest.mark.parametrize("path", ["/admin/", "/admin/flowers", "/"])
def test_other_pages_are_webs(proxy: int, access: Web, echo: Echo, path: str):
    assert get(proxy, path).body == b"web"
    assert access.asked == []
    assert echo.environ == {}


def test_while_web_is_away_no_one_sees_flower(echo: Echo, settings, tmp_path: Path, monkeypatch):
    with socket.socket() as unheard, serving(echo, settings) as flower:
        unheard.bind(("127.0.0.1", 0))
        monkeypatch.setenv("FLOWER_UPSTREAM", f"127.0.0.1:{flower.port}")
        with proxying(tmp_path, unheard.getsockname()[1]) as port:
            assert get(port, FLOWER).status in (502, 503)
    assert echo.environ == {}
