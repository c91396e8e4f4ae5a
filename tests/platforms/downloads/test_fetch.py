"""Fetching files from customers' URLs, over real HTTP and real sockets."""

import socket
import time

import pytest

from platforms.downloads import fetch
from platforms.downloads.fetch import FetchFailed, ForbiddenURL, TryLater
from tests import strangers
from tests.tls import Authority

HERE = frozenset({"127.0.0.1"})


@pytest.fixture
def stranger():
    with strangers.stranger() as found:
        yield found


def get(url: str, *, seconds: float = 10, trusted=HERE) -> bytes:
    with fetch.fetch(url, seconds=seconds, trusted=trusted) as download:
        parts = []
        while chunk := download.read(1000):
            parts.append(chunk)
    return b"".join(parts)


def leading_to(monkeypatch, *answers: str) -> list[str]:
    """Names resolve to these addresses, one after the other; returns the names asked for."""
    asked, left = [], list(answers)

    def lookup(host, port, *_, **__):
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (left.pop(0), port))]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    return asked


def test_a_file_is_read_to_its_end(stranger):
    content = bytes(range(256)) * 1000

    url = stranger.gives("/video.mp4?x=1", content)
    assert get(url) == content
    assert stranger.asked[-1] == (f"127.0.0.1:{stranger.port}", "/video.mp4?x=1")


def test_a_url_may_contain_letters_of_any_language(stranger):
    stranger.gives("/%C3%BC%20.png?a=%C3%BC", b"here")
    stranger.sends_on("/a", "/\u00fc%20.png?a=\u00fc".encode().decode("latin-1"))

    assert get(stranger.url("/\u00fc%20.png?a=\u00fc")) == b"here"
    assert get(stranger.url("/a")) == b"here"


def test_a_chunked_file_and_one_without_a_length_are_read_whole(stranger):
    def chunked(to):
        to.protocol_version = "HTTP/1.1"
        to.send_response(200)
        to.send_header("Transfer-Encoding", "chunked")
        to.end_headers()
        to.wfile.write(b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")

    stranger.answers["/chunked"] = chunked

    assert get(stranger.url("/chunked")) == b"abcde"
    assert get(stranger.gives("/open", b"fgh", Content_Length="")) == b"fgh"


def test_a_file_that_is_cut_off_is_an_error(stranger):
    def cut(to):
        to.send_response(200)
        to.send_header("Transfer-Encoding", "chunked")
        to.end_headers()
        to.wfile.write(b"9\r\nabc")

    stranger.answers["/cut"] = cut
    short = stranger.gives("/short", b"abc", Content_Length="9")

    for url in (short, stranger.url("/cut")):
        with pytest.raises(TryLater):
            get(url)


@pytest.mark.parametrize("place", ["https://[x/", "http://[::1].evil.example/", "//["])
def test_a_redirect_to_what_is_no_address_is_refused(stranger, place):
    stranger.sends_on("/a", place)
    with pytest.raises(ForbiddenURL):
        get(stranger.url("/a"))


@pytest.mark.parametrize(
    ("status", "passes"), [(404, False), (403, False), (429, True), (500, True), (503, True)]
)
def test_an_error_status_is_reported_with_the_host(stranger, status, passes):
    stranger.answers["/a"] = strangers.whole(b"no", status)

    with pytest.raises(FetchFailed, match=f"127.0.0.1 answered {status}") as caught:
        get(stranger.url("/a"))
    assert caught.value.is_temporary is passes


def test_three_redirects_are_followed_and_no_more(stranger):
    stranger.gives("/0", b"here")
    for number in range(1, 5):
        stranger.sends_on(f"/{number}", f"/{number - 1}", 301 + number % 2)

    assert get(stranger.url("/3")) == b"here"
    with pytest.raises(FetchFailed, match="redirects more than 3 times"):
        get(stranger.url("/4"))


@pytest.mark.parametrize(
    "place",
    [
        "http://127.0.0.2:{port}/secret",
        "http://localhost/secret",
        "http://[::1]/secret",
        "http://[::ffff:127.0.0.1]/secret",
        "http://169.254.169.254/latest/meta-data/",
        "//10.0.0.1/secret",
        "http://2130706433/secret",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "http://user:word@127.0.0.1:{port}/secret",
    ],
)
def test_a_redirect_to_a_private_address_is_not_followed(stranger, place):
    stranger.gives("/secret", b"secret")
    stranger.sends_on("/a", place.format(port=stranger.port))

    with pytest.raises(ForbiddenURL):
        get(stranger.url("/a"))
    assert [path for _, path in stranger.asked] == ["/a"]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/a",
        "http://localhost/a",
        "http://[::1]/a",
        "https://10.0.0.1/a",
        "http://169.254.169.254/latest",
        "http://0/a",
        "http://[2606:4700:4700::1111].evil.example/a",
        "ftp://files.example/a",
        "file:///etc/passwd",
        "//files.example/a",
        "files.example/a",
        "http:///a",
        "http://user@files.example/a",
        "http://:word@files.example/a",
        "http://files.example:22/a",
        "http://files.example:0/a",
        "http://files.example:99999/a",
        "http://files.example/a b",
        "http://files.example/a\r\nX: y",
        "http://files.example\\@127.0.0.1/",
        "http://[::1/a",
        "http://" + "a" * 64 + ".example/a",
        "http://files.example/" + "a" * 5000,
    ],
)
def test_a_forbidden_url_is_refused_before_any_connection(monkeypatch, url):
    called = []
    monkeypatch.setattr(socket.socket, "connect", lambda _, place: called.append(place))

    with pytest.raises(ForbiddenURL):
        get(url, trusted=())
    assert called == []


def test_the_connection_goes_to_the_checked_address_even_if_the_name_changes(monkeypatch):
    asked = leading_to(monkeypatch, "93.184.216.34", "127.0.0.1")
    called = []

    def connect(_, place):
        called.append(place)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket.socket, "connect", connect)

    with pytest.raises(TryLater, match=r"^files\.example could not be reached"):
        get("http://files.example/a", trusted=())
    assert (asked, called) == (["files.example"], [("93.184.216.34", 80)])


def test_the_usual_port_is_not_named_to_the_host(monkeypatch, stranger):
    stranger.gives("/a", b"here")
    leading_to(monkeypatch, "93.184.216.34")
    connect = socket.socket.connect
    here = ("127.0.0.1", stranger.port)
    monkeypatch.setattr(socket.socket, "connect", lambda own, _: connect(own, here))

    assert get("http://files.example/a", trusted=()) == b"here"
    assert stranger.asked[-1] == ("files.example", "/a")


def test_a_name_is_checked_again_after_each_redirect(monkeypatch, stranger):
    url = stranger.sends_on("/a", f"http://files.example:{stranger.port}/secret")
    stranger.gives("/secret", b"secret")
    leading_to(monkeypatch, "127.0.0.1", "127.0.0.1")
    monkeypatch.setattr(fetch, "PORTS", {stranger.port})

    with pytest.raises(ForbiddenURL, match="private network"):
        get(url)
    assert len(stranger.asked) == 1


def test_host_and_tls_use_the_name_of_the_url(monkeypatch, tmp_path):
    authority = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    with strangers.stranger(authority.server("files.example")) as stranger:
        stranger.gives("/a", b"here")
        leading_to(monkeypatch, "127.0.0.1", "127.0.0.1")

        url = stranger.url("/a", "files.example", "https")
        assert get(url, trusted={"files.example"}) == b"here"
        assert stranger.asked == [(f"files.example:{stranger.port}", "/a")]
        other = stranger.url("/a", "other.example", "https")
        with pytest.raises(FetchFailed, match="no valid certificate"):
            get(other, trusted={"other.example"})


def dripping(stranger, before: bytes):
    """Sends one byte at a time, so that no single wait is long; three seconds in all."""

    def answer(to):
        to.wfile.write(before)
        for _ in range(150):
            if stranger.over.wait(0.02):
                return
            to.wfile.write(b"x")

    return answer


@pytest.mark.parametrize(
    "before",
    [b"", b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\n\r\n"],
    ids=["status", "head", "body"],
)
def test_a_server_that_is_slow_on_purpose_is_left_at_the_deadline(stranger, before):
    stranger.answers["/slow"] = dripping(stranger, before)
    began = time.monotonic()

    with pytest.raises(TryLater, match="took too long"):
        get(stranger.url("/slow"), seconds=0.5)
    assert time.monotonic() - began < 5


def test_an_error_of_the_code_that_reads_the_file_is_passed_on(stranger):
    url = stranger.gives("/a", b"here")

    with pytest.raises(OSError, match="no room"), fetch.fetch(url, seconds=5, trusted=HERE):
        raise OSError("no room")


def test_a_file_that_is_sent_compressed_is_refused(stranger):
    url = stranger.gives("/a", b"zip", Content_Encoding="gzip")

    with pytest.raises(FetchFailed, match="compressed"):
        get(url)


def test_a_host_that_does_not_exist_is_named(monkeypatch):
    def lookup(*_, **__):
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", lookup)

    with pytest.raises(TryLater, match=r"host files\.example does not exist"):
        get("http://files.example/a")
