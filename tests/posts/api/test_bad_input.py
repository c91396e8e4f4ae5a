"""What no endpoint that takes a body may choke on, each with its own answer."""

import json
import re
from dataclasses import replace

import pytest
from django.db import connection

from destinations.models import Connection
from posts.api.parsers import BODY_BYTES, DEPTH
from posts.importing.formats import files
from posts.models import (
    AiUse,
    Campaign,
    DeviceLogin,
    Feed,
    HashtagSet,
    Media,
    Post,
    PostingQueue,
    Recurrence,
    Webhook,
    WebhookDelivery,
)
from tests.posts.api.endpoints import ENDPOINTS, MOUNTS, OPEN, WITH_BODY, about
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


KEPT = (
    Post,
    Media,
    Webhook,
    WebhookDelivery,
    Campaign,
    Feed,
    HashtagSet,
    PostingQueue,
    Recurrence,
    Connection,
    DeviceLogin,
    AiUse,
)


def stored() -> list[tuple[str]]:
    """A digest of every row, read by one statement because hundreds of bodies are compared."""
    digests = (
        f"SELECT md5(string_agg(row::text, '' ORDER BY row::text)) FROM {model._meta.db_table} row"
        for model in KEPT
    )
    with connection.cursor() as cursor:
        return cursor.execute(" UNION ALL ".join(digests)).fetchall()


@pytest.mark.parametrize("endpoint", [*WITH_BODY, *OPEN], ids=lambda each: each.name)
def test_a_body_that_cannot_be_meant_is_refused(ada, ids, unlimited, endpoint):
    before = stored()
    for what, (raw, status, code) in BODIES.items():
        if endpoint.path == "/posts/import" and what == "one byte too many":
            raw = b'"' + b"a" * (files.MOST_BYTES - 1) + b'"'

        response = ada.call(
            endpoint.method, endpoint.url(ids), data=raw, content_type="application/json"
        )

        codes = (code,) if code else ("invalid_field_name", "validation_error")
        error = response.json()["error"]["code"]
        assert (what, response.status_code, error in codes) == (what, status, True)
        refused(response, status, error)
        assert stored() == before, what


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


#: For a text, a number, a flag, a list and an object alike.
WRONG_VALUES = (
    "\x00",
    "\ud800",
    10**30,
    -(10**30),
    1.5,
    True,
    1,
    "",
    [],
    {},
    [[]],
    [None],
    "\u202e",
)


#: Where the mounts differ; the rest is one view.
TWICE = [each for each in WITH_BODY if each.path.startswith(("/posts", "/media", "/accounts"))]


@pytest.mark.parametrize(
    ("mount", "endpoint"),
    [(MOUNTS[0], each) for each in (*WITH_BODY, *OPEN)] + [(MOUNTS[1], each) for each in TWICE],
    ids=lambda each: getattr(each, "name", each),
)
def test_a_field_with_any_other_value_breaks_nothing(ada, ids, unlimited, endpoint, mount):
    """Each field of each body in turn; what is refused is kept nowhere."""
    caller = replace(ada, mount=mount)
    example = about(endpoint.body(), ids)
    before = stored()
    for name in example:
        for value in WRONG_VALUES:
            raw = json.dumps({**example, name: value})
            answer = caller.call(
                endpoint.method, endpoint.url(ids), data=raw, content_type="application/json"
            )
            assert answer.status_code < 500, (name, value)
            if answer.status_code < 400:
                before = stored()
            assert stored() == before, (name, value)
            if value in ("\x00", "\ud800"):
                refused(answer, 400, "validation_error")


@pytest.mark.parametrize("mount", MOUNTS)
def test_no_endpoint_finds_an_id_that_cannot_be(ada, ids, mount):
    caller = replace(ada, mount=mount)
    impossible = ("%00", "%ff", "x%20y", "..%2f..", "9" * 400, "%F0%9F%98%80", "%D9%A3", "-1")
    for endpoint in ENDPOINTS:
        for name in re.findall(r"<(\w+)>", endpoint.path):
            for value in impossible:
                answer = caller.call(endpoint.method, endpoint.url({**ids, name: value}))
                refused(answer, 404, "not_found")


#: What has a query, and its parts. In a search, which is any text, a wrong byte finds nothing.
QUERIES = {
    endpoint.path: names
    for endpoint in ENDPOINTS
    if (names := endpoint.query_names()) and endpoint.method == "GET"
}


@pytest.mark.parametrize("mount", MOUNTS)
@pytest.mark.parametrize("path", QUERIES)
def test_a_query_of_any_other_value_breaks_nothing(ada, ids, path, mount):
    caller = replace(ada, mount=mount)
    [endpoint] = [each for each in ENDPOINTS if each.name == f"GET {path}"]
    for name in QUERIES[path]:
        for value in (
            "%00",
            "%ff",
            "%ED%A0%80",
            "9" * 99,
            "1e9",
            "-1",
            "true",
            "%D9%A3",
            "a" * 999,
        ):
            answer = caller.get(f"{endpoint.url(ids)}?{name}={value}")
            assert answer.status_code < 500, (name, value)
            if value in ("%00", "%ff", "%ED%A0%80") and name != "search":
                refused(answer, 400, "validation_error")


#: A file that is elsewhere is not there for a test.
HERE = [endpoint for endpoint in WITH_BODY if "url" not in endpoint.body()]


@pytest.mark.parametrize("endpoint", HERE, ids=lambda each: each.name)
def test_the_documented_example_of_a_body_is_taken(ada, ids, endpoint):
    if endpoint.method == "PATCH":
        Post.objects.update(status="scheduled", scheduled_for="2099-01-01T00:00:00Z")

    response = ada.call(endpoint.method, endpoint.url(ids), about(endpoint.body(), ids))

    # 409: this example asks for a state that this post is not in.
    assert response.status_code < 300 or response.status_code == 409, response.json()
