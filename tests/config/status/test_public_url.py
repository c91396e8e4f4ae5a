"""Storage and proxy, over real HTTP."""

from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler

import pytest
from django.core.files.storage import default_storage
from django.core.wsgi import get_wsgi_application

from config.status import reach
from tests import http_server
from tests.config.closed import closed_port
from tests.config.web.server.serving import serving


@contextmanager
def proxy(status):
    """Answers an upload with this status, or collects its body first if that is None."""

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self):
            if status is None:
                self.rfile.read(int(self.headers["Content-Length"]))
            # Who asked has seen the status, and may be gone.
            with suppress(BrokenPipeError):
                self.send_error(status or 404)

    with http_server.serving(Handler) as url:
        yield url


def test_a_file_is_stored_fetched_and_deleted_again(live_server, settings):
    settings.PUBLIC_URL = live_server.url

    found = list(reach.check_storage())

    assert [finding.level for finding in found] == ["ok", "ok"]
    assert default_storage.listdir(reach.FOLDER) == ([], [])


def test_a_public_address_that_serves_something_else_is_a_problem(settings, db):
    settings.PUBLIC_URL = f"http://127.0.0.1:{closed_port()}"

    found = list(reach.check_storage())

    assert [finding.level for finding in found] == ["ok", "problem"]
    assert default_storage.listdir(reach.FOLDER) == ([], [])


def test_web_itself_refuses_an_upload_to_an_unknown_url_by_its_header(settings, db):
    with serving(get_wsgi_application(), settings) as web:
        settings.PUBLIC_URL = f"http://127.0.0.1:{web.port}"

        assert [finding.level for finding in reach.check_proxy()] == ["ok"]


@pytest.mark.parametrize(
    ("status", "level", "said"),
    [
        (None, "warning", "collects"),
        (413, "problem", "413"),
        (404, "problem", "404"),
        (301, "problem", "does not see that callers use https"),
    ],
)
def test_a_proxy_that_keeps_uploads_from_web_is_told(settings, monkeypatch, status, level, said):
    monkeypatch.setattr(reach, "TIMEOUT_SECONDS", 0.5)
    with proxy(status) as url:
        settings.PUBLIC_URL = url

        [finding] = reach.check_proxy()

    assert finding.level == level
    assert said in finding.said
