"""What HTTP asks of bodies, whichever server runs Django."""

import pytest
from django.test import Client

from tests.posts.conftest import refused


@pytest.mark.parametrize("method", ["post", "patch", "put", "get"])
def test_a_body_that_reaches_us_without_a_length_is_refused(client, method):
    response = getattr(client, method)("/api/v1/posts", headers={"Transfer-Encoding": "chunked"})

    error = refused(response, 411, "length_required")
    assert error["retryable"] is False


@pytest.mark.parametrize("path", ["/healthz", "/api/docs", "/nowhere", "/api/v1/nowhere"])
def test_head_is_answered_like_get_without_a_body(client, path):
    whole, head = client.get(path), client.head(path)

    assert head.content == b""
    assert head.status_code == whole.status_code
    assert head.headers["Content-Length"] == str(len(whole.content))


def test_a_file_is_only_described_to_head(client: Client, settings, tmp_path):
    from django.core.files.base import ContentFile
    from django.core.files.storage import default_storage

    settings.MEDIA_ROOT = tmp_path
    address = default_storage.url(default_storage.save("a.png", ContentFile(b"0123456789")))
    path = address.removeprefix(settings.PUBLIC_URL)

    head = client.head(path, headers={"Range": "bytes=2-5"})

    assert b"".join(head.streaming_content) == b""
    assert (head.status_code, head.headers["Content-Length"]) == (206, "4")
    assert client.get(path, headers={"Range": "bytes=2-5"}).getvalue() == b"2345"
