import io
import json
import logging
import uuid
from datetime import UTC, datetime

import pytest
import structlog
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from config.observability import logs, redaction
from platforms.drafts import Credentials

KEY = "pe_live_4f3c" + "0" * 28


class Url(str):
    """A text of another class."""


@pytest.fixture
def lines():
    """What the process wrote, one dict per line, in the production format."""
    logs.configure({"format": "json", "level": "INFO"})
    handler = logging.getLogger().handlers[0]
    written = io.StringIO()
    handler.setStream(written)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    logs.configure({"format": "console", "level": "INFO"})


def test_our_lines_and_those_of_libraries_have_one_shape(lines):
    structlog.get_logger("ours").info("published", destination="dest_1")
    logging.getLogger("a.library").warning("slow %s", "answer")

    ours, theirs = lines()
    assert (ours["event"], ours["level"], ours["logger"]) == ("published", "info", "ours")
    assert ours["destination"] == "dest_1"
    assert (theirs["event"], theirs["level"], theirs["logger"]) == (
        "slow answer",
        "warning",
        "a.library",
    )
    assert ours["at"].endswith("Z")


def test_bound_ids_are_on_the_lines_of_libraries_too(lines):
    with structlog.contextvars.bound_contextvars(request_id="req_1", destination="dest_1"):
        logging.getLogger("a.library").warning("slow")

    assert (lines()[0]["request_id"], lines()[0]["destination"]) == ("req_1", "dest_1")


def test_a_traceback_carries_no_local_variables(lines):
    hidden = "the-token-in-a-local"
    try:
        raise ValueError(len(hidden))
    except ValueError:
        structlog.get_logger().exception("broken")

    line = lines()[0]
    assert "ValueError: 20" in line["exception"]
    assert "test_a_traceback_carries_no_local_variables" in line["exception"]
    assert "the-token-in-a-local\n" not in line["exception"].replace('hidden = "', "")
    assert "hidden" not in line["exception"].replace("len(hidden)", "")


def test_a_secret_in_an_exception_is_masked(lines):
    try:
        raise ValueError(f"refused Bearer {KEY}")
    except ValueError:
        structlog.get_logger().exception("broken")

    assert KEY not in json.dumps(lines())


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (f"key {KEY} used", "key pe_live_4f3c… used"),
        ("Authorization: Bearer abc.def", "Authorization: Bearer [redacted]"),
        ("OAuth abc", "OAuth [redacted]"),
        ("redis://user:pw@host:6379/0", "redis://[redacted]@host:6379/0"),
        ("GET /me?access_token=abc&fields=id", "GET /me?access_token=[redacted]&fields=id"),
        ("/return?code=abc&state=def", "/return?code=[redacted]&state=[redacted]"),
        ('{"refresh_token": "abc", "id": 1}', '{"refresh_token": "[redacted]", "id": 1}'),
        ("client_secret=abc", "client_secret=[redacted]"),
        ("gAAAAABm" + "x" * 40, "[redacted]"),
        ("eyJhbGciOiJI.eyJzdWIi.sig", "[redacted]"),
        # Cut by the service that quoted them.
        ("gAAAAABmX7aZ9", "[redacted]"),
        ("eyJhbGciOiJIUzI1", "[redacted]"),
        ("ya29.a0AfH6SMBx7", "[redacted]"),
        ("EAAB" + "x" * 30, "[redacted]"),
        ("whsec_abc", "[redacted]"),
        ("/connect/s3cret", "/connect/[redacted]"),
        ("/connect/s3cret/", "/connect/[redacted]"),
        ("//connect//s3cret/return", "//connect//[redacted]"),
        ("/CONNECT/s3cret/choice", "/CONNECT/[redacted]"),
        ("/connect%2Fs3cret", "/connect%2F[redacted]"),
        ("/x/connect/s3cret/1/done/2", "/x/connect/[redacted]"),
        ("Not Found: /uploads/s3c:r:et/ and on", "Not Found: /uploads/[redacted] and on"),
        ("/connect/x/return", "/connect/x/return"),
        ("/connect/linkedin_member/return?a=1", "/connect/linkedin_member/return?a=1"),
        ("/connect/12/choice", "/connect/12/choice"),
        ("POST /api/v1/accounts/connect-link", "POST /api/v1/accounts/connect-link"),
        ("a post about tokens and a secret garden", "a post about tokens and a secret garden"),
        ("status code 200, 3 keys", "status code 200, 3 keys"),
    ],
)
def test_text_loses_its_secrets_and_nothing_else(written, kept):
    assert redaction.text(written) == kept


def test_redacting_twice_changes_nothing_more():
    once = redaction.text(f"Bearer {KEY} access_token=abc redis://a:b@host")

    assert redaction.text(once) == once


@given(
    st.lists(
        st.one_of(
            st.sampled_from(redaction.MARKS),
            st.sampled_from(redaction.MARKS).map(str.upper),
            st.sampled_from(
                ["\u017fecret=", "to\u212aen=", "=", ": ", "://", "/", '"', "%2F", "Xy9_" * 6]
            ),
            st.text(max_size=12),
        ),
        max_size=8,
    ).map("".join)
)
def test_a_secret_never_goes_unseen_for_want_of_a_mark(written):
    searched = written
    for secret in redaction.SECRETS:
        searched = secret.pattern.sub(secret.replacement, searched)

    assert redaction.text(written) == searched


@pytest.mark.parametrize(
    "values",
    [
        {"reason": "client_secret=abc"},
        {"reason": 'said "client_secret": "abc"'},
        {"password": "abc"},
        {"Set-Cookie": "abc"},
        {"x-api-key": "abc"},
        {"passwd": "abc"},
        {"found": {"token": "abc"}},
        {"found": ["Bearer abc"]},
        {"found": Url("https://ada:abc@host/")},
        {"found": Credentials("1", "ada", token="abc")},
        {"reason": "é client_secret=abc"},
    ],
)
def test_a_line_with_a_secret_loses_it_wherever_it_stands(lines, values):
    structlog.get_logger().info("published", **values)

    assert "abc" not in json.dumps(lines())


@given(
    st.lists(
        st.one_of(
            st.sampled_from([*redaction.MARKS, *redaction.NAME_MARKS]),
            st.sampled_from(["abcd-efgh-ijkl-mnop", KEY, "/share/abc", "=", " ", "\n", '"', "\\"]),
            st.text(max_size=8),
        ),
        max_size=6,
    ).map("".join),
    st.sampled_from(["path", "token", "x-api-key", "Set-Cookie"]),
)
def test_a_line_that_is_found_clean_would_be_the_same_when_taken_apart(written, name):
    line = {"at": "2026-01-02T00:00:00Z", name: written, "workspace": str(uuid.UUID(int=7))}

    shown = json.loads(logs.as_json(None, "info", line))

    assert shown == redaction.value(line)


def test_the_line_of_a_request_is_not_taken_apart(monkeypatch):
    line = {"path": "/api/v1/posts", "key": "pe_live_4f3c", "workspace": str(uuid.uuid4())}
    monkeypatch.setattr(redaction, "value", None)

    assert json.loads(logs.as_json(None, "info", line)) == line


def test_a_line_shows_what_json_cannot_as_text(lines):
    moment = datetime(2026, 1, 2, tzinfo=UTC)
    structlog.get_logger().info("published", at_=moment, ids={1}, large=2**70)

    assert (lines()[0]["at_"], lines()[0]["ids"]) == ("2026-01-02 00:00:00+00:00", [1])
    assert lines()[0]["large"] == 2**70


def test_a_line_below_the_level_is_not_even_made(lines):
    class Unasked:
        def __str__(self) -> str:
            raise AssertionError

    structlog.get_logger("ours").debug("published", value=Unasked())
    assert lines() == []

    logging.getLogger("ours").setLevel(logging.DEBUG)
    structlog.get_logger("ours").debug("published")
    logging.getLogger("ours").setLevel(logging.NOTSET)
    assert [line["level"] for line in lines()] == ["debug"]


def test_values_are_redacted_by_name_at_any_depth():
    found = {
        "headers": [{"Authorization": "x", "Accept": "json"}],
        "credentials": {"a": 1},
        "tokens_left": 7,
        "cookie": "",
        "none": None,
    }

    assert redaction.value(found) == {
        "headers": [{"Authorization": "[redacted]", "Accept": "json"}],
        "credentials": "[redacted]",
        "tokens_left": 7,
        "cookie": "",
        "none": None,
    }


def test_every_request_leaves_one_line_without_its_query(lines, client, db):
    client.get("/admin/nowhere?code=abc", headers={"X-Request-Id": "req_abc123"})

    line = next(line for line in lines() if line["logger"] == "access")
    assert (line["event"], line["method"], line["path"]) == ("request", "GET", "/admin/nowhere")
    assert (line["status"], line["request_id"]) == (302, "req_abc123")
    assert line["duration_ms"] >= 0
    assert "abc&" not in json.dumps(line)
    assert "code=" not in json.dumps(line)


def test_the_key_of_a_request_is_known_by_its_prefix(lines, rf):
    from django.http import HttpResponse

    from config.observability.requests import AccessLogMiddleware
    from posts.models import ApiKey

    request = rf.get("/api/v1/posts")
    request.auth = ApiKey(prefix="pe_live_4f3c", workspace_id=uuid.UUID(int=7))
    AccessLogMiddleware(lambda _: HttpResponse())(request)

    assert lines()[0]["key"] == "pe_live_4f3c"
    assert lines()[0]["workspace"] == str(uuid.UUID(int=7))


def test_probes_that_succeed_leave_no_line(lines, client):
    client.get("/healthz")
    client.get("/metrics")

    assert [line["path"] for line in lines() if line["logger"] == "access"] == ["/metrics"]


def test_people_get_words_instead_of_json(capsys):
    logs.configure({"format": "console", "level": "INFO"})
    written = io.StringIO()
    logging.getLogger().handlers[0].setStream(written)

    structlog.get_logger("ours").info("published", token="abc")

    assert "published" in written.getvalue()
    assert "abc" not in written.getvalue()
    assert not written.getvalue().startswith("{")


@pytest.mark.parametrize(
    "path",
    [
        "/uploads/s3cret",
        "/uploads/s3cret/",
        "/connect/s3cret",
        "/connect/s3cret/",
        "/connect/s3cret/return/",
        "/Connect/s3cret",
    ],
)
def test_an_address_that_opens_a_door_is_in_no_line_of_the_log(lines, client, db, path):
    client.put(path, b"", content_type="image/png")
    client.get(path)

    said = lines()
    assert [line["method"] for line in said if line["event"] == "request"] == ["PUT", "GET"]
    assert "s3cret" not in json.dumps(said)


def test_files_of_pages_leave_a_line_only_if_they_are_missing(lines, settings, tmp_path):
    (tmp_path / "a.css").write_text("a {}")
    settings.STATIC_ROOT = tmp_path
    client = Client()

    assert client.get("/static/a.css").getvalue() == b"a {}"
    assert client.get("/static/b.css").status_code == 404

    paths = [line["path"] for line in lines() if line["event"] == "request"]
    assert paths == ["/static/b.css"]
