"""Numbers and queries that cannot be meant; walk/test_bodies.py asks every endpoint."""

import json

from tests.posts.api.walk import stored
from tests.posts.conftest import refused


def test_a_number_beyond_a_float_is_refused_wherever_content_is_taken(ada):
    post_id = ada.post("/posts", {"content": "a", "draft": True}).json()["data"]["post_id"]
    option = {"platform_content": {"youtube": {"settings": {"tags": ["NUMBER"]}}}}
    draft, before = {"content": "a", "draft": True, **option}, stored.digest()
    for number in ("1e999", "-1e999", "1" + "0" * 400 + ".0"):
        for method, path, body in [
            ("POST", "/posts", draft),
            ("POST", "/posts/validate", draft),
            ("POST", "/posts/bulk", {"posts": [draft]}),
            ("PATCH", f"/posts/{post_id}", option),
        ]:
            raw = json.dumps(body).replace('"NUMBER"', number)
            answer = ada.call(method, path, data=raw, content_type="application/json")
            assert (number, path, answer.status_code) == (number, path, 400)
            refused(answer, 400, "invalid_json")

    assert stored.digest() == before


def test_an_account_that_cannot_be_is_refused(ada):
    for number in (10**30, -(10**30), 2**63, 0, -1, "1" * 19, 1.0, True):
        answer = ada.post("/posts", {"content": "a", "account_ids": [number]})

        assert (number, answer.status_code) == (number, 400)
        code = answer.json()["error"]["code"]
        assert code in ("invalid_accounts", "validation_error"), number


def test_a_file_of_a_size_that_cannot_be_is_refused(ada):
    for size in (10**30, 2**63):
        body = {"filename": "a.png", "content_type": "image/png", "size": size}

        refused(ada.post("/media/upload", body), 413, "file_too_large")


#: And which list does not know this part of a query.
QUERIES = {
    "limit=\x00": "",
    "limit=1%00": "",
    "offset=" + "9" * 99: "",
    "status=%00": "",
    "platform=%ff": "/media",
    "limit=٣": "",
    "type=%00": "/posts",
}


def test_a_query_that_cannot_be_is_refused(ada):
    for path in ("/posts", "/media"):
        for query, unknown_to in QUERIES.items():
            code = "invalid_field_name" if path == unknown_to else "validation_error"
            answer = ada.get(f"{path}?{query}")

            found = (path, query, answer.status_code, answer.json()["error"]["code"])
            assert found == (path, query, 400, code)
            refused(answer, 400, code)
