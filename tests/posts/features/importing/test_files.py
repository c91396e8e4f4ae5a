"""Files as spreadsheet programs, people and enemies write them."""

import json
import re
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from posts.features.importing.formats import rows
from posts.features.importing.models import ImportedRow
from posts.models import Post
from tests.posts.cases import apart
from tests.posts.conftest import refused
from tests.posts.features.importing.upload_steps import ahead, data, send_csv, send_form, table

TRICKY = st.text(st.sampled_from("=+-@'\t\r\n\",;|a \N{ROCKET}\uff1d"), max_size=8)


@pytest.fixture
def line(account):
    return {"content": "Grüße, 🌍", "account_ids": account.pk, "scheduled_at": ahead()}


@given(st.text() | TRICKY)
def test_a_guarded_cell_is_no_formula_and_reads_back_as_it_was(text):
    cell = rows.guarded(text)
    assert rows.unguarded(cell) == text
    assert not cell.startswith(("\t", "\r"))
    # A program that splits at another separator takes no quotation mark within a cell for one.
    for part in re.split(r"[;|\t\r\n]", cell):
        assert not part.lstrip("'").startswith(("=", "+", "-", "@", "\uff1d")) or part[0] == "'"


@given(st.text() | TRICKY)
def test_a_cell_that_an_export_did_not_write_is_read_as_it_is(cell):
    text = rows.unguarded(cell)
    assert text == cell or rows.guarded(text) == cell


def test_every_way_that_spreadsheet_programs_write_csv_is_read(ada, line):
    for delimiter, end, bom in (
        (",", "\n", b""),
        (",", "\r\n", b"\xef\xbb\xbf"),
        (";", "\r\n", b"\xef\xbb\xbf"),
        ("\t", "\r", b""),
    ):
        with apart(delimiter, end, bom):
            text = table({**line, "content": "One;\r\ntwo, 🌍"}, delimiter=delimiter, end=end)
            assert data(send_csv(ada, bom + text.encode()))["valid"] == 1
            assert Post.objects.get().content == "One;\r\ntwo, 🌍"


def test_a_cell_that_looks_like_a_formula_is_text(ada, line):
    rows = [{**line, "content": text} for text in ("=1+1", "'=1+1", "'hello", "@acme hi")]
    assert data(send_csv(ada, table(*rows)))["valid"] == 4
    found = Post.objects.order_by("created_at").values_list("content", flat=True)
    assert list(found) == ["=1+1", "=1+1", "'hello", "@acme hi"]


def test_a_file_that_cannot_be_understood_is_refused_as_a_whole(ada):
    for raw, word in (
        ("content\r\nGrüße\r\n".encode("latin-1"), "UTF-8"),
        ("content\r\nHi\r\n".encode("utf-16"), "UTF-8"),
        (b"content,draft\r\nHi\0,yes\r\n", "null characters"),
        (b'content,draft\r\n"Hi,yes\r\n', "Is a quote missing?"),
        (b'content,draft\r\n"Hi"there,yes\r\n', "Line 2"),
        (b"content,draft\r\n" + b"x" * 200_000 + b",yes\r\n", "field larger"),
        (b"", "Send a file"),
        (b"content,draft\r\n", "no rows"),
        (b"content,draft\r\n,\r\n,\r\n", "no rows"),
        (b"name,date\r\na,b\r\n", "no column that is known"),
        (b"content,content,draft\r\na,b,yes\r\n", "Two columns"),
        (b"content,schedule_at\r\na,b\r\n", "Do you mean scheduled_at"),
        (b"content,account_ids,date\r\na,1,b\r\n", "No column says when"),
        (b"content" + b"," * 200 + b"\r\na\r\n", "100 columns"),
    ):
        with apart(raw, word):
            answer = send_csv(ada, raw)
            assert answer.status_code == 400, answer.content
            assert word in answer.json()["error"]["message"]
            assert ImportedRow.objects.count() == 0


def test_json_that_holds_no_posts_is_refused_as_a_whole(ada):
    for body in (
        '{"posts": 5}',
        "7",
        "null",
        '{"posts": []}',
        "[",
        '[{"content": "\\u0000", "draft": true}]',
    ):
        with apart(body):
            answer = ada.call("POST", "/posts/import", data=body, content_type="application/json")
            assert answer.status_code == 400


def test_unknown_columns_are_warnings_and_those_of_an_export_are_not(ada, line):
    found = data(send_csv(ada, table({**line, "Colour": "red", "status": "scheduled"})))
    assert found["valid"] == 1
    assert found["warnings"] == ["The column 'colour' is unknown and was not read."]


def test_a_row_with_more_cells_than_columns_is_refused(ada, line):
    text = table(line, line)
    lines = text.split("\r\n")
    lines[1] += ",,stray"
    first, second = data(send_csv(ada, "\r\n".join(lines)))["results"]
    assert "cells" in first["errors"][0]["message"]
    assert second["ok"]


def test_empty_lines_are_no_rows_and_the_others_keep_their_numbers(ada, line):
    head, first, *_ = table(line).split("\r\n")
    found = data(send_csv(ada, f"{head}\r\n,,\r\n{first}\r\n\r\n,,\r\n"))
    assert [each["row"] for each in found["results"]] == [2]


def test_a_cell_that_is_wrong_is_an_error_of_its_column(ada, line):
    for name, cell, field in (
        ("metadata", "{not json", "metadata"),
        ("metadata", "[" * 5000, "metadata"),
        ("metadata", '{"a": NaN}', "metadata"),
        ("metadata", '{"a": "\\u0000"}', "metadata"),
        ("metadata", '{"a": "\\ud800"}', "metadata"),
        ("platform_content", '{"x": 5}', "platform_content.x"),
        ("draft", "maybe", "draft"),
        ("account_ids", "1 two", "account_ids.1"),
        ("media_ids", "7", "media_ids.0"),
        ("campaign", "nowhere", "campaign"),
        ("queue_id", "x", "queue_id"),
    ):
        with apart(name, cell, field):
            found = data(send_csv(ada, table({**line, name: cell})))
            first = found["results"][0]["errors"][0]
            assert first["field"].replace("[", ".").replace("]", "") == field


def test_more_rows_than_a_file_may_have_are_refused(ada):
    assert send_csv(ada, "content,draft\r\n" + "a,yes\r\n" * 5001).status_code == 400
    posts = [{"content": "a", "draft": True}] * 5001
    assert ada.post("/posts/import", posts).status_code == 400


@pytest.mark.parametrize("is_csv", [True, False])
def test_a_file_with_too_many_names_of_fields_is_refused_before_they_are_read(ada, is_csv):
    names = ["content", "draft", *(f"n{number}" for number in range(180_000))]
    raw = ",".join(names).encode() if is_csv else json.dumps([dict.fromkeys(names, "")]).encode()
    kind = "text/csv" if is_csv else "application/json"
    began = time.process_time()

    answer = ada.call("POST", "/posts/import?dry_run=true", data=raw, content_type=kind)

    assert time.process_time() - began < 5
    assert len(answer.content) < 1_000
    assert "at most 100" in refused(answer, 400, "validation_error")["message"]


def test_warnings_name_twenty_unknown_columns_and_count_the_others(ada, line):
    line |= {f"note {number}": "a" for number in range(30)}

    found = data(send_csv(ada, table(line), "?dry_run=true"))["warnings"]

    assert len(found) == 21
    assert found[0] == "The column 'note_0' is unknown and was not read."
    assert found[-1] == "10 more columns are unknown and were not read."


def test_a_row_names_at_most_so_many_accounts(ada, line):
    for field, each in (("platforms", "x"), ("account_names", "acme")):
        with apart(field):
            row = {"content": "Hi", "draft": True, field: [each] * 501}
            raw = json.dumps([row]).encode()
            answer = ada.call("POST", "/posts/import", data=raw, content_type="application/json")
            (found,) = data(answer)["results"]
            assert (found["errors"][0]["field"], found["ok"]) == (field, False)


def test_a_file_that_is_too_long_is_a_413(ada):
    assert send_csv(ada, b"content,draft\r\n" + b"x" * 5_000_000).status_code == 413


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    raw=st.binary(max_size=300)
    | st.text(st.sampled_from('content,draft;"\r\nyes\0é=1'), max_size=200).map(str.encode)
    | st.recursive(
        st.none() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner) | st.dictionaries(st.sampled_from(["posts", "content", "draft"]), inner)
        ),
        max_leaves=10,
    ).map(lambda value: json.dumps(value).encode()),
    kind=st.sampled_from(
        ["text/csv", "application/json", "multipart/form-data; boundary=x", "form"]
    ),
)
def test_no_bytes_break_it(ada, raw, kind):
    if kind == "form":
        answer = send_form(ada, raw, "posts.csv")
    else:
        answer = ada.call("POST", "/posts/import", data=raw, content_type=kind)
    assert answer.status_code in (201, 207, 400, 415, 422), answer.content
    if answer.status_code in (400, 415, 422):
        assert Post.objects.exclude(status="draft").count() == 0
