"""What may be sent to upload URLs, on the web process as it really runs."""

import socket

import httpx
import pytest

from tests.acceptance.stack import Stack
from tests.acceptance.team import Team
from tests.config.web.server.serving import END, Wire
from tests.posts.factories import png

CONTENT = png(300, 300)


@pytest.fixture
def team(stack: Stack) -> Team:
    return stack.team()


def announced(team: Team) -> httpx.URL:
    facts = {"filename": "a", "content_type": "image/png", "size": len(CONTENT)}
    answer = team.http.post("media/upload", json=facts).json()
    return httpx.URL(answer["data"]["upload_url"])


def head(url: httpx.URL, length: int = len(CONTENT), more: str = "") -> str:
    path = url.raw_path.decode()
    return (
        f"PUT {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: image/png\r\n"
        f"Content-Length: {length}\r\n{more}\r\n"
    )


def connected(url: httpx.URL) -> Wire:
    assert url.port
    return Wire(url.port)


def test_one_url_takes_one_upload_at_a_time(team: Team):
    url = announced(team)
    first = connected(url)
    first.send(head(url) + "")
    first.send(CONTENT[:100])
    team.stack.wait("the server has it", lambda: refused_as_busy(url))

    first.send(CONTENT[100:])

    assert first.answer().status == 200
    assert team.http.put(str(url), content=CONTENT, headers=PNG).status_code == 200
    first.close()


PNG = {"Content-Type": "image/png"}


def refused_as_busy(url: httpx.URL) -> bool:
    second = connected(url)
    second.send(head(url))
    second.socket.settimeout(2)
    try:
        answer = second.answer()
    except TimeoutError:
        return False
    finally:
        second.close()
    assert (answer.status, answer.error["code"]) == (409, "conflict")
    assert answer.error["retryable"] is True
    assert int(answer.headers["retry-after"]) > 0
    return True


def test_an_upload_that_broke_off_may_be_sent_again_at_once(team: Team):
    url = announced(team)
    first = connected(url)
    first.send(head(url))
    first.send(CONTENT[:100])
    first.socket.shutdown(socket.SHUT_RDWR)
    first.close()

    team.stack.wait(
        "it is taken",
        lambda: team.http.put(str(url), content=CONTENT, headers=PNG).status_code == 200,
    )


@pytest.mark.parametrize(
    ("forged", "length", "status"), [(True, len(CONTENT), 404), (False, len(CONTENT) + 1, 413)]
)
def test_what_an_upload_url_does_not_allow_is_refused_before_it_is_sent(
    team: Team, forged, length, status
):
    url = announced(team)
    shown = httpx.URL(f"{url}x") if forged else url
    wire = connected(url)

    wire.send(head(shown, length, "Expect: 100-continue\r\n"))

    answer = wire.answer()
    assert answer.status == status
    assert answer.error["retryable"] is False
    wire.close()


def test_a_file_that_is_shorter_than_announced_is_refused_at_once(team: Team):
    url = announced(team)

    answer = team.http.put(str(url), content=CONTENT[:-1], headers=PNG)

    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "upload_incomplete")


def test_an_upload_in_a_form_is_refused_by_its_type(team: Team):
    url = announced(team)
    wire = connected(url)
    wire.send(
        f"PUT {url.raw_path.decode()} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 3{END}a=b"
    )

    assert wire.answer().error["code"] == "unsupported_media_type"
    wire.close()
