"""What no endpoint that takes a body may choke on, each with its own answer."""

import json

import pytest

from posts.api.parsers import BODY_BYTES, DEPTH
from posts.models import Media, Post
from tests.posts.api.endpoints import WITH_BODY, about
from tests.posts.conftest import refused

UNREAD = (400, "invalid_json")
WRONG = (400, "validation_error")
TEN_MB = b'{"content": "' + b"a" * 10_000_000 + b'"}'
BODIES: dict[str, tuple[bytes, int, str]] = {
    "not JSON": (b"{", *UNREAD),
    "two values": (b"{}{}", *UNREAD),
    "NaN": (b'{"content": NaN}', *UNREAD),
    "Infinity": (b'{"size": -Infinity}', *UNREAD),
    "a number beyond a float": (b'{"size": 1e999}', *UNREAD),
    "a negative number beyond a float": (b'{"a": [{"b": -1.5E+400}]}', *UNREAD),
    "an integer of 5,000 digits": (b'{"account_ids": [' + b"9" * 5000 + b"]}", *UNREAD),
    "a byte that is not UTF-8": (b'{"content": "\xff"}', *UNREAD),
    "a surrogate in UTF-8": (b'{"content": "\xed\xa0\x80"}', *UNREAD),
    "UTF-16": ('{"content": "a"}'.encode("utf-16"), *UNREAD),
    "a byte order mark": (b"\xef\xbb\xbf{}", *UNREAD),
    "nesting that is never closed": (b"[" * 100_000, *UNREAD),
    "nesting of 100,000": (b"[" * 100_000 + b"]" * 100_000, *UNREAD),
    "nesting one too deep": (b"[" * (DEPTH + 1) + b"]" * (DEPTH + 1), *WRONG),
    "objects nested too deeply": (b'{"a":' * 40 + b"1" + b"}" * 40, *WRONG),
    "a null character": (b'{"content": "a\\u0000b"}', *WRONG),
    "a null character in a name": (b'{"a\\u0000": 1}', *WRONG),
    "a lone surrogate": (b'{"content": "\\ud800"}', *WRONG),
    "a lone surrogate in a name": (b'{"\\udfff": 1}', *WRONG),
    "a field given twice": (b'{"content": "a", "content": "b"}', *WRONG),
    "a field given twice, deep down": (b'{"a": {"b": 1, "b": 1}}', *WRONG),
    "10 MB": (TEN_MB, 413, "file_too_large"),
    "one byte too many": (b'"' + b"a" * (BODY_BYTES - 1) + b'"', 413, "file_too_large"),
    "a list": (b"[]", *WRONG),
    "a text": (b'"a"', *WRONG),
    "null": (b"null", *WRONG),
    "an unknown field": (b'{"no_such_field": 1}', 400, ""),
}


def stored() -> tuple:
    return (list(Post.objects.values_list()), list(Media.objects.values_list()))


@pytest.mark.parametrize("endpoint", WITH_BODY, ids=lambda each: each.name)
@pytest.mark.parametrize("what", BODIES)
def test_a_body_that_cannot_be_meant_is_refused(ada, ids, endpoint, what):
    raw, status, code = BODIES[what]
    before = stored()

    response = ada.call(
        endpoint.method, endpoint.url(ids), data=raw, content_type="application/json"
    )

    refused(response, status, code or response.json()["error"]["code"])
    assert response.json()["error"]["code"] in (code or ("invalid_field_name", "validation_error"))
    assert stored() == before


@pytest.mark.parametrize("endpoint", WITH_BODY, ids=lambda each: each.name)
def test_a_charset_that_json_does_not_have_changes_nothing_of_how_it_is_read(ada, ids, endpoint):
    kind = "application/json; charset=latin-1"

    response = ada.call(
        endpoint.method, endpoint.url(ids), data=b'{"content": "\xe9"}', content_type=kind
    )

    refused(response, *UNREAD)


@pytest.mark.parametrize("number", ["1e999", "-1e999", "1" + "0" * 400 + ".0"])
def test_a_number_beyond_a_float_is_refused_wherever_content_is_taken(ada, number):
    post_id = ada.post("/posts", {"content": "a", "draft": True}).json()["data"]["post_id"]
    option = {"platform_content": {"youtube": {"settings": {"tags": ["NUMBER"]}}}}
    draft, before = {"content": "a", "draft": True, **option}, stored()
    for method, path, body in [
        ("POST", "/posts", draft),
        ("POST", "/posts/validate", draft),
        ("POST", "/posts/bulk", {"posts": [draft]}),
        ("PATCH", f"/posts/{post_id}", option),
    ]:
        raw = json.dumps(body).replace('"NUMBER"', number)
        refused(ada.call(method, path, data=raw, content_type="application/json"), *UNREAD)

    assert stored() == before


@pytest.mark.parametrize("number", [10**30, -(10**30), 2**63, 0, -1, "1" * 19, 1.0, True])
def test_an_account_that_cannot_be_is_refused(ada, ids, number):
    response = ada.post("/posts", {"content": "a", "account_ids": [number]})

    assert response.status_code == 400
    assert response.json()["error"]["code"] in ("invalid_accounts", "validation_error")


@pytest.mark.parametrize("size", [10**30, 2**63])
def test_a_file_of_a_size_that_cannot_be_is_refused(ada, size):
    body = {"filename": "a.png", "content_type": "image/png", "size": size}

    refused(ada.post("/media/upload", body), 413, "file_too_large")


@pytest.mark.parametrize("value", ["%00", "%ff", "x%20y", "..%2f..", "9" * 400, "%F0%9F%98%80"])
@pytest.mark.parametrize("path", ["/posts/{}", "/accounts/{}", "/media/{}", "/posts/{}/results"])
def test_an_id_that_cannot_be_is_not_found(ada, path, value):
    refused(ada.get(path.format(value)), 404, "not_found")


@pytest.mark.parametrize(
    "query",
    [
        "limit=\x00",
        "limit=1%00",
        "offset=9" * 99,
        "status=%00",
        "platform=%ff",
        "limit=٣",
        "type=%00",
    ],
)
@pytest.mark.parametrize("path", ["/posts", "/media"])
def test_a_query_that_cannot_be_is_refused(ada, path, query):
    is_known = (path, query.partition("=")[0]) not in (("/posts", "type"), ("/media", "platform"))

    refused(
        ada.get(f"{path}?{query}"), 400, "validation_error" if is_known else "invalid_field_name"
    )


#: A file that is elsewhere is not there for a test.
HERE = [endpoint for endpoint in WITH_BODY if "url" not in endpoint.body()]


@pytest.mark.parametrize("endpoint", HERE, ids=lambda each: each.name)
def test_the_documented_example_of_a_body_is_taken(ada, ids, endpoint):
    if endpoint.method == "PATCH":
        Post.objects.update(status="scheduled", scheduled_for="2099-01-01T00:00:00Z")

    response = ada.call(endpoint.method, endpoint.url(ids), about(endpoint.body(), ids))

    # 409: this example asks for a state that this post is not in.
    assert response.status_code < 300 or response.status_code == 409, response.json()
