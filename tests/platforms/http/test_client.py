"""What each response becomes, and what of it may be shown."""

import asyncio
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from platforms.adapter import explain_by_status
from platforms.checkpoint import Checkpoint
from platforms.drafts import Media
from platforms.errors import (
    OutcomeUnknown,
    PlatformError,
    RateLimited,
    Rejected,
    Unauthorized,
    Unavailable,
)
from platforms.http.client import BODY_READ_BYTES, Answer, Client
from platforms.http.redaction import Redactor
from platforms.http.transport import Transport
from platforms.http.uploads import CHUNK_BYTES, stream
from platforms.registry import ADAPTERS
from tests.platforms.http.raw_server import OK, RawServer, response_of
from tests.until import CONNECT_SECONDS


@pytest.fixture
def server() -> Iterator[RawServer]:
    opened = RawServer()
    yield opened
    opened.close()


@dataclass
class Call:
    """One request, and the state of the checkpoint after it."""

    url: str
    irreversible: bool = True
    timeout_seconds: float = 5
    options: dict[str, Any] = field(default_factory=dict)
    hidden: str = ""
    state: str = ""

    def __call__(self) -> Answer:
        return asyncio.run(self._run())

    async def _run(self) -> Answer:
        async def store(values: dict[str, Any], sending: bool) -> None: ...

        checkpoint = Checkpoint({}, store)
        transport = Transport(timeout_seconds=self.timeout_seconds)
        client = Client(
            transport,
            explain=lambda answer: explain_by_status("The network", answer),
            checkpoint=checkpoint,
            secrets=("s3cret",),
        )
        client.hide(self.hidden)
        try:
            return await client.post(self.url, irreversible=self.irreversible, **self.options)
        finally:
            self.state = checkpoint.state
            await transport.close()

    def fails(self) -> PlatformError:
        with pytest.raises(PlatformError) as caught:
            self()
        return caught.value


# Where a request goes

X, GATEWAY = "https://api.x.com", "http://127.0.0.1:8002"


@pytest.mark.parametrize(
    ("options", "url", "reached"),
    [
        ({}, f"{X}/2/tweets?a=b%20c", f"{X}/2/tweets?a=b%20c"),
        ({"gateway": GATEWAY}, f"{X}/2/tweets?a=b", f"{GATEWAY}/api.x.com/2/tweets?a=b"),
        ({"gateway": f"{GATEWAY}/"}, f"{X}/2", f"{GATEWAY}/api.x.com/2"),
        ({"gateway": GATEWAY}, f"{GATEWAY}/host/up?x=1", f"{GATEWAY}/host/up?x=1"),
        ({"gateway": GATEWAY}, f"{GATEWAY}9/up", f"{GATEWAY}/127.0.0.1:80029/up"),
        ({"base_urls": {X: "http://proxy/x"}}, f"{X}/2/tweets", "http://proxy/x/2/tweets"),
        ({"base_urls": {X: "http://proxy"}}, f"{X}.evil/2", f"{X}.evil/2"),
        ({"base_urls": {X: "http://proxy"}, "gateway": GATEWAY}, X, f"{GATEWAY}/api.x.com"),
    ],
)
def test_a_url_is_reached_at_its_override_or_through_the_gateway(
    options: dict[str, Any], url: str, reached: str
):
    assert Transport(**options).resolve(url) == reached


def test_a_redirect_is_not_followed(server: RawServer):
    server.response = response_of("302 Found", "{}", f"Location: {server.url}/elsewhere")
    assert Call(f"{server.url}/here").fails().http_status == 302
    assert server.requests == ["POST /here HTTP/1.1"]


# Lost answers


@pytest.mark.parametrize(
    "response",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\njunk",
        b"SSH-2.0-OpenSSH_9.2\r\n",
    ],
)
@pytest.mark.parametrize(("irreversible", "word"), [(True, OutcomeUnknown), (False, Unavailable)])
def test_an_incomplete_answer_is_lost(
    server: RawServer, response: bytes, irreversible: bool, word: type[PlatformError]
):
    server.response = response
    call = Call(server.url, irreversible)
    assert type(call.fails()) is word
    assert call.state == ("sent" if irreversible else "unsent")
    assert len(server.requests) == 1


@pytest.mark.parametrize(("irreversible", "word"), [(True, OutcomeUnknown), (False, Unavailable)])
def test_a_silent_network_times_out(
    server: RawServer, irreversible: bool, word: type[PlatformError]
):
    server.is_silent = True
    error = Call(server.url, irreversible, timeout_seconds=CONNECT_SECONDS).fails()
    assert (type(error), error.platform_code) == (word, "ReadTimeout")


def test_a_call_may_have_its_own_timeout(server: RawServer):
    server.is_silent = True
    call = Call(server.url, timeout_seconds=600, options={"timeout_seconds": CONNECT_SECONDS})
    assert call.fails().platform_code == "ReadTimeout"


@pytest.mark.parametrize("irreversible", [True, False])
def test_a_request_that_could_not_connect_has_published_nothing(irreversible: bool):
    call = Call("http://127.0.0.1:9", irreversible)
    error = call.fails()
    assert (type(error), error.platform_code) == (Unavailable, "ConnectError")
    assert call.state == ("answered" if irreversible else "unsent")


@pytest.mark.parametrize("url", ["http://", "ftp://a.b/c", "http://a.b:99999/", "http://[a", "a"])
def test_an_invalid_url_is_not_sent(url: str):
    call = Call(url)
    error = call.fails()
    assert (type(error), error.platform_code, call.state) == (Unavailable, "InvalidURL", "answered")


@pytest.mark.parametrize(
    ("path", "params", "asked"),
    [
        ("/urn%3Ali%2F1/x:y", None, "/urn%3Ali%2F1/x:y"),
        ("/a b\r\nHost: evil?c=%20d", None, "/a%20b%0D%0AHost:%20evil?c=%20d"),
        ("/a", {"urn": "urn:li:1", "text": "50% é"}, "/a?urn=urn%3Ali%3A1&text=50%25+%C3%A9"),
        ("/a?b=1", {"c": "2"}, "/a?b=1&c=2"),
        ("/a?b=1", {}, "/a?b=1"),
    ],
)
def test_a_url_is_sent_as_the_adapter_quoted_it(
    server: RawServer, path: str, params: dict[str, str] | None, asked: str
):
    Call(f"{server.url}{path}", options={"params": params})()
    assert server.requests == [f"POST {asked} HTTP/1.1"]


# Answers


def test_header_names_are_in_lower_case_and_repeated_headers_are_joined(server: RawServer):
    server.response = response_of("200 OK", "{}", "Link: <a>", "X-Name: \u00e9", "link: <b>")
    answer = Call(server.url)()
    assert (answer.headers["link"], answer.headers["x-name"]) == ("<a>, <b>", "\u00e9")


@pytest.mark.parametrize(
    ("charset", "text"),
    [("", "\ufffd"), ("; charset=latin-1", "\u00e9"), ("; charset=x", "\ufffd")],
)
def test_a_refusal_is_read_in_its_charset(server: RawServer, charset: str, text: str):
    server.response = response_of("400 Bad Request", ".", f"Content-Type: text/plain{charset}")[:-1]
    server.response += b"\xe9"
    assert Call(server.url).fails().body == text


@pytest.mark.parametrize(
    ("status", "word", "state"),
    [
        ("400 Bad Request", Rejected, "answered"),
        ("401 Unauthorized", Unauthorized, "answered"),
        ("429 Too Many Requests", RateLimited, "answered"),
        ("408 Request Timeout", OutcomeUnknown, "sent"),
        ("503 Service Unavailable", OutcomeUnknown, "sent"),
    ],
)
def test_a_refusal_is_an_answer_and_an_ambiguous_status_is_not(
    server: RawServer, status: str, word: type[PlatformError], state: str
):
    server.response = response_of(status)
    call = Call(server.url)
    assert type(call.fails()) is word
    assert call.state == state


def test_an_ambiguous_status_of_a_call_that_publishes_nothing_is_harmless(server: RawServer):
    server.response = response_of("503 Service Unavailable", "later", "Retry-After: 7")
    error = Call(server.url, irreversible=False).fails()
    assert (type(error), error.http_status) == (Unavailable, 503)
    assert (error.retry_after_seconds, error.body) == (7, "later")


def test_a_status_may_be_accepted(server: RawServer):
    server.response = response_of("308 Resume Incomplete", "", "Range: bytes=0-9")
    call = Call(server.url, options={"accept": (308,)})
    answer = call()
    assert (answer.status, answer.headers["range"], call.state) == (308, "bytes=0-9", "answered")


@pytest.mark.parametrize(
    ("value", "seconds"), [("120", 120), ("", None), ("soon", None), ("-5", None)]
)
def test_retry_after_is_read_in_seconds(value: str, seconds: float | None):
    assert Answer(429, {"retry-after": value}, b"").retry_after_seconds() == seconds


BODY = b'{"id": 5, "on": true, "list": [{"id": "a"}], "none": null, "empty": "", "tree": {"a": 1}}'


@pytest.mark.parametrize(
    ("path", "value"), [(("id",), "5"), (("on",), "True"), (("list", 0, "id"), "a")]
)
def test_take_returns_a_value_as_text(path: tuple[str | int, ...], value: str):
    assert Answer(200, {}, BODY).take(*path) == value


@pytest.mark.parametrize(
    "path",
    [("gone",), ("none",), ("empty",), ("tree",), ("list",), ("list", 1), ("id", "deeper"), (0,)],
)
@pytest.mark.parametrize(("irreversible", "word"), [(True, OutcomeUnknown), (False, Unavailable)])
def test_a_missing_value_leaves_the_outcome_unknown(
    path: tuple[str | int, ...], irreversible: bool, word: type[PlatformError]
):
    with pytest.raises(PlatformError) as caught:
        Answer(200, {}, BODY, irreversible=irreversible).take(*path)
    assert (type(caught.value), caught.value.body) == (word, BODY.decode())


def test_an_error_body_that_is_not_an_object_is_empty():
    assert Answer(500, {}, b"[1]").error_body() == {}
    assert Answer(500, {}, b"<html>").error_body() == {}


# Secrets


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://a.b/?access_token=abc&x=1", "https://a.b/?access_token=[redacted]&x=1"),
        ('{"refresh_token": "abc"}', '{"refresh_token": "[redacted]"}'),
        ("code=abc&state=1", "code=[redacted]&state=1"),
        ('{"code":"DUPLICATE_POST"}', '{"code":"DUPLICATE_POST"}'),
        ("Authorization: Bearer abc.def", "Authorization: Bearer [redacted]"),
        ("it holds s3cret", "it holds [redacted]"),
    ],
)
def test_credentials_are_hidden_and_error_codes_are_not(text: str, shown: str):
    assert Redactor(["s3cret"])(text) == shown


def test_secrets_in_an_answer_are_redacted(server: RawServer):
    server.response = response_of("400 Bad Request", "s3cret and https://up.example/1")
    error = Call(server.url, hidden="https://up.example/1").fails()
    assert error.body == "[redacted] and [redacted]"


def test_of_a_large_refusal_only_the_beginning_is_redacted(server: RawServer):
    words = ", ".join(["access_token=s3cret Bearer s3cret"] * 40_000)
    server.response = response_of("400 Bad Request", json.dumps({"error": {"message": words}}))
    error = Call(server.url).fails()
    assert ("s3cret" in error.body, len(error.body)) == (False, 2000)
    redacted: list[int] = []

    class Counting(Redactor):
        def __call__(self, text: str) -> str:
            redacted.append(len(text))
            return super().__call__(text)

    content = server.response.partition(b"\r\n\r\n")[2]
    answer = Answer(400, {}, content, redact=Counting())
    assert (answer.error_body(), len(answer.text)) == ({}, 2000)
    # A million bytes would take a second.
    assert redacted == [BODY_READ_BYTES]


def test_a_long_answer_is_truncated(server: RawServer):
    server.response = response_of("400 Bad Request", "a" * 5000)
    assert Call(server.url).fails().body == "a" * 2000


# Files


def file_of(content: bytes, size: int | None = None) -> Media:
    size_bytes = len(content) if size is None else size
    return Media(
        key="k",
        kind="video",
        content_type="video/mp4",
        filename="video.mp4",
        size_bytes=size_bytes,
        open=lambda: io.BytesIO(content),
    )


def pieces(media: Media, *span: int) -> list[bytes]:
    async def collect() -> list[bytes]:
        return [piece async for piece in stream(media, *span)]

    return asyncio.run(collect())


def test_a_file_is_sent_in_pieces_of_at_most_a_megabyte():
    content = bytes(range(256)) * 10_000
    sent = pieces(file_of(content))
    assert b"".join(sent) == content
    assert [len(piece) for piece in sent] == [CHUNK_BYTES, CHUNK_BYTES, 462_848]


def test_a_range_of_a_file_can_be_sent():
    assert pieces(file_of(b"0123456789"), 3, 4) == [b"3456"]
    assert pieces(file_of(b"0123456789"), 8) == [b"89"]


def test_a_file_that_has_grown_is_sent_up_to_its_recorded_size():
    assert pieces(file_of(b"0123456789", size=4)) == [b"0123"]


@pytest.mark.parametrize("media", [file_of(b"0123", size=9), Media("k", "video", "", "f", 1)])
def test_a_file_that_is_short_or_missing_is_an_internal_error(media: Media):
    with pytest.raises(Unavailable) as caught:
        pieces(media)
    assert caught.value.code == "internal_error"


@pytest.mark.parametrize("method", ["GET", "PUT", "POST"])
def test_nothing_is_repeated_when_a_kept_alive_connection_breaks(method: str):
    """HTTP libraries repeat idempotent requests by themselves; ours must not."""
    requests: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.read(65536):
            requests.append(head.partition(b" ")[0])
            if len(requests) > 1:
                writer.transport.abort()
                return
            writer.write(OK)
            await writer.drain()

    async def run() -> PlatformError:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        transport = Transport()

        async def store(values: dict[str, Any], sending: bool) -> None:
            pass

        client = Client(transport, explain=ADAPTERS["x"].explain, checkpoint=Checkpoint({}, store))
        await client.request(method, url)
        try:
            with pytest.raises(OutcomeUnknown) as lost:
                await client.request(method, url, irreversible=True)
        finally:
            await transport.close()
            server.close()
        return lost.value

    assert asyncio.run(run()).platform_code == "ReadError"
    assert requests == [method.encode()] * 2
