"""What no endpoint that takes a body may choke on, each with its own answer."""

import itertools
import json
import re

import pytest
from django.db import transaction

from posts.api.parsers import BODY_BYTES, DEPTH
from posts.features.importing.formats import files
from posts.models import Post
from tests.posts.api.endpoints import MOUNTS, OPEN, WITH_BODY, about
from tests.posts.api.walk import stored
from tests.posts.api.walk.judged import differing, every, judged
from tests.posts.conftest import refused

pytestmark = pytest.mark.usefixtures("unlogged")
both_mounts = pytest.mark.parametrize("mount", MOUNTS)
JSON = "application/json"
UNREAD = (400, "invalid_json")
WRONG = (400, "validation_error")
TEN_MB = b'{"content": "' + b"a" * 10_000_000 + b'"}'
BODIES: dict[str, tuple[bytes, int, str]] = {
    "not JSON": (b"{", *UNREAD),
    "a form": (b"content=Hi", *UNREAD),
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
#: Each operation is sent one of so many parts of a table, or all of it.
of_each = pytest.mark.parametrize("parts", [4, pytest.param(1, marks=pytest.mark.thorough)])
SENT_ALL = ("/posts", "/posts/import")  # the second has a parser of its own


def dealt(table, parts):
    """Deal the table out: what an operation is sent."""
    rows, turns = list(table), itertools.cycle(range(parts))
    return lambda endpoint: rows if endpoint.path in SENT_ALL else rows[next(turns) :: parts]


@of_each
def test_a_body_that_cannot_be_meant_is_refused(ada, ids, unlimited, parts):
    caller, deal = judged(ada), dealt(BODIES, parts)

    def ask(endpoint):
        def send(what):
            raw, status, code = BODIES[what]
            if endpoint.path == "/posts/import" and what == "one byte too many":
                raw = b'"' + b"a" * (files.MOST_BYTES - 1) + b'"'
            answer = caller.call(endpoint.method, endpoint.url(ids), data=raw, content_type=JSON)
            codes = (code,) if code else ("invalid_field_name", "validation_error")
            error = (answer.json().get("error") or {}).get("code")
            assert (what, answer.status_code, error in codes) == (what, status, True)
            refused(answer, status, error)

        assert stored.kept_by(deal(endpoint), send) == []

    every([*WITH_BODY, *OPEN], ask)


#: With one of these the documented example is not read.
OTHER_TYPES = (
    *("text/plain", "application/xml", "application/x-www-form-urlencoded"),
    *("multipart/form-data", "nonsense", "a/\xff", ""),
)


def test_a_body_of_another_content_type_is_a_415(ada, ids):
    caller = judged(ada)

    def ask(endpoint):
        raw = json.dumps(about(endpoint.body(), ids)).encode()

        def send(kind):
            answer = caller.call(endpoint.method, endpoint.url(ids), data=raw, content_type=kind)
            if (endpoint.path, kind) == ("/posts/import", "multipart/form-data"):  # it takes forms
                refused(answer, 400, "invalid_json")
            else:
                refused(answer, 415, "unsupported_media_type")

        assert stored.kept_by(OTHER_TYPES, send) == []

    every(WITH_BODY, ask)


def test_a_charset_that_json_does_not_have_changes_nothing_of_how_it_is_read(ada, ids):
    caller, kind = judged(ada), "application/json; charset=latin-1"

    def ask(endpoint):
        raw = b'{"content": "\xe9"}'
        answer = caller.call(endpoint.method, endpoint.url(ids), data=raw, content_type=kind)
        refused(answer, *UNREAD)

    every(WITH_BODY, ask)


#: Texts that JSON can hold and the database cannot.
NO_TEXT = ("\x00", "\ud800")
#: For a text, a number, a flag, a list and an object alike.
WRONG_VALUES = (*NO_TEXT, 10**30, -(10**30), 1.5, True, 1, "", [], {}, [[]], [None], "\u202e")


@both_mounts
@of_each
def test_a_field_with_any_other_value_breaks_nothing(ada, ids, unlimited, mount, parts):
    """What is refused is kept nowhere. A value that a field's own check refuses among others that
    are wrong is not sent again in a body that is right but for it."""
    caller, deal = judged(ada, mount), dealt(WRONG_VALUES, parts)

    def ask(endpoint):
        example = about(endpoint.body(), ids)

        def send(body):
            before = transaction.savepoint()
            raw = json.dumps({**example, **body})
            answer = caller.call(endpoint.method, endpoint.url(ids), data=raw, content_type=JSON)
            if answer.status_code < 400:
                transaction.savepoint_rollback(before)
            return answer

        def send_each(value):
            answer = send(dict.fromkeys(example, value))
            if value in NO_TEXT:  # no matter in which field
                refused(answer, 400, "validation_error")
                return
            named = refused_fields(answer)
            for name in example:
                if name not in named:
                    send({name: value})

        assert stored.kept_by(deal(endpoint), send_each) == []

    every(differing([*WITH_BODY, *(OPEN if mount == MOUNTS[0] else [])], mount), ask)


def refused_fields(answer) -> set[str]:
    """The fields whose own checks the answer names."""
    details = (answer.json().get("error") or {}).get("details", {})
    named = [each["field"] for each in details.get("validation_errors", ()) if "field" in each]
    return {re.split(r"[.\[]", name)[0] for name in named}


#: A file that is elsewhere, and an account at a network, are not there for a test.
HERE = [endpoint for endpoint in WITH_BODY if not {"url", "app_password"} & set(endpoint.body())]


@both_mounts
def test_the_documented_example_of_a_body_is_taken(ada, ids, mount):
    caller = judged(ada, mount)

    def ask(endpoint):
        if endpoint.method == "PATCH":
            Post.objects.update(status="scheduled", scheduled_for="2099-01-01T00:00:00Z")
        answer = caller.call(endpoint.method, endpoint.url(ids), about(endpoint.body(), ids))
        # 409: this example asks for a state that this post is not in.
        assert answer.status_code < 300 or answer.status_code == 409, answer.json()

    every(HERE, ask)
