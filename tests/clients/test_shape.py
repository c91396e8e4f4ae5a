"""What the tests of the published clients take for wrong."""

import pytest

from tests.clients.published.shape import problems

POST = {"id": "uuid", "post_id": "=id", "status": ("draft", "failed"), "files": [{"size": "int"}]}
RIGHT = {
    "id": "7f0c5a52-3b1e-4a0e-9d53-0b8a2f4d7c11",
    "post_id": "7f0c5a52-3b1e-4a0e-9d53-0b8a2f4d7c11",
    "status": "draft",
    "files": [{"size": 1, "more": "is allowed"}],
}


def test_a_right_answer_has_no_problems():
    assert list(problems(POST, RIGHT)) == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"id": "post_1"}, ".id is no uuid: 'post_1'"),
        ({"post_id": "1"}, f".post_id is '1', and id '{RIGHT['id']}'"),
        ({"status": "done"}, ".status is none of ('draft', 'failed'): 'done'"),
        ({"files": None}, ".files is no array: None"),
        ({"files": [{"size": 1}, {"size": True}]}, ".files[1].size is no int: True"),
        ({"files": [{}]}, ".files[0].size is missing"),
        ({"files": ["1"]}, ".files[0] is no object: '1'"),
    ],
)
def test_a_wrong_answer_is_told_by_its_field(change, problem):
    assert problem in list(problems(POST, RIGHT | change))


@pytest.mark.parametrize(
    ("shape", "right", "wrong"),
    [
        ("time", "2026-03-15T14:00:00Z", "2026-03-15T14:00:00+00:00"),
        ("url?", None, ""),
        ("text", "a\nb", " "),
        ("number", 1.5, "1:1"),
        ("color", "#3b82f6", "#3B82F6"),
        ("secret", f"whsec_{'a' * 43}=", "whsec_"),
        ("code", "BCDF-GHJK", "BCDF-GHJA"),
        ({"post?": "int"}, {}, {"post": None}),
    ],
)
def test_each_kind_of_value_has_a_form(shape, right, wrong):
    assert list(problems(shape, right)) == []
    assert len(list(problems(shape, wrong))) == 1
