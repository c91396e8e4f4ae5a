"""ARCHITECTURE.md names the files that a call of POST /posts goes through."""

import re
import sys
from pathlib import Path

import pytest

from tests.factories import make_account

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
#: Behind an interface, or read by everyone: a reader need not open them to follow the call.
ASIDE = re.compile(
    r"posts/(features|models|registry|api/renderers)"
    r"|platforms/|destinations/runtime/|config/|tests/|\.venv/"
)


def told() -> list[str]:
    text = (ROOT / "ARCHITECTURE.md").read_text()
    path = re.search(r"the path of POST /posts -->(.+?)<!-- end of the path", text, re.S)
    return re.findall(r"`([\w/]+\.py)`", path[1])


def test_the_path_of_a_new_post_is_that_of_the_code(ada):
    body = {"account_ids": [make_account(ada.workspace, "x").pk]}
    # The first call of a process imports and remembers.
    assert ada.post("/posts", {**body, "content": "Hello"}).status_code == 201
    visited = []

    def note(frame, event, _) -> None:
        name = frame.f_code.co_filename.removeprefix(f"{ROOT}/")
        if event == "call" and not name.startswith(("/", "<")) and not ASIDE.match(name):
            visited.append(name)

    sys.setprofile(note)
    try:
        answer = ada.post("/posts", {**body, "content": "Hello again"})
    finally:
        sys.setprofile(None)

    assert answer.status_code == 201
    begin = visited.index("posts/api/views/posts.py")
    end = len(visited) - visited[::-1].index("posts/composing/insertion.py")
    assert set(visited[begin:end]) == set(told())
