"""What people paste by mistake, and what would be too much."""

import pytest

from config.admin import search as searching
from destinations.admin.search import searches
from destinations.admin.search.term import Term
from posts.admin import post_search as post_search
from posts.models import Media
from tests.factories import make_account, make_post, make_workspace
from tests.psql import psql

pytestmark = pytest.mark.django_db
PASTED = (
    "",
    "   \t\n ",
    "x" * 4000,
    "word " * 800,
    "https://" + "a" * 4000,
    "https://x.com/" + "12345/" * 600,
    "%",
    "_",
    "\\",
    "%%%",
    "a%b_c\\d",
    "'; DROP TABLE posts_post; --",
    "https://x.com/%00abcdef/status/%00%00%00%00%00",
    "https://[::1/abcdef",
    "http://x.com:99999999/abcdef",
    "🎉🎉",
    "👩‍👩‍👧‍👦 family",
    "\u202eabc\u202c",
    "مرحبا",
    "9" * 18,
    "9" * 40,
    "post_" + "z" * 25,
    "dest_" + "z" * 40,
    "@",
    "@@@",
    "٣٤٥٦",
    "<script>alert(1)</script>",
)


def test_no_text_breaks_the_page(admin_client):
    for typed in PASTED:
        for query in ({"q": typed}, {"q": typed, "part": "1"}):
            page = admin_client.get("/admin/search/", query)
            assert page.status_code == 200, query
            assert b"<script>alert" not in page.content, query


def test_a_nul_is_refused_or_left_out(admin_client):
    assert admin_client.get("/admin/search/", {"q": "a\x00b"}).status_code == 400
    assert Term.read("a\x00b").text == "a b"


def test_wildcards_of_sql_are_ordinary_characters(found):
    workspace = make_workspace()
    Media.objects.create(workspace=workspace, filename="100%_off.png", size_bytes=1)
    Media.objects.create(workspace=workspace, filename="100 x off.png", size_bytes=1)

    assert found("100%_o") == {"Files": ["100%_off.png"]}
    assert found("%off") == {}
    assert found("1_0") == {}


def test_more_than_can_be_shown_is_said(found, monkeypatch):
    workspace = make_workspace()
    account = make_account(workspace, name="@zz", username="zz")
    for number in range(12):
        make_post(workspace, [account], content=f"Pretzels {number}")

    [group] = searching.search("pretzels", lambda model: True).groups
    assert (len(group.results), group.note) == (10, "10 of 12. Type more to narrow it down.")

    monkeypatch.setattr(post_search, "READ", 11)
    [group] = searching.search("pretzels", lambda model: True).groups
    assert (len(group.results), group.note) == (10, post_search.RECENT_NOTE)
    assert "Pretzels 11" in group.results[0].text


def test_a_word_that_takes_too_long_is_looked_for_in_recent_posts(found, monkeypatch):
    workspace = make_workspace()
    post = make_post(workspace, [make_account(workspace)], content="Pretzels")
    monkeypatch.setattr(post_search, "INDEX_MILLISECONDS", 50)
    monkeypatch.setattr(post_search.PostText, "objects", Slow(post_search.PostText.objects))

    [group] = searching.search("pretzels", lambda model: True).groups

    assert [each.name for each in group.results] == [post.public_id]
    assert group.note == post_search.RECENT_NOTE


class Slow:
    """A manager whose every row takes a second."""

    def __init__(self, manager):
        self._rows = manager.extra(where=["pg_sleep(1) IS NOT NULL"])

    def all(self):
        return self._rows


def test_a_finder_that_takes_too_long_says_so_and_the_others_answer(admin_client, monkeypatch):
    workspace = make_workspace("Pretzel works")
    make_post(workspace, [make_account(workspace)], content="Pretzels")

    def too_slow(words):
        with searches.reading(20):
            list(post_search.Post.objects.extra(where=["pg_sleep(1) IS NOT NULL"]))

    monkeypatch.setattr(post_search, "_in_all", too_slow)
    answer = admin_client.get("/admin/search/", {"q": "pretzel"}).context["answer"]

    notes = {group.title: group.note for group in answer.groups}
    assert notes == {"Workspaces": "", "Posts by their text": searches.TOO_SLOW}


def test_settings_of_a_bounded_reading_end_with_it(db):
    def setting(name: str) -> str:
        return psql(f"SHOW {name}")[0][0]

    names = ("statement_timeout", "enable_seqscan", "jit")
    before = [setting(name) for name in names]
    with searches.reading(500):
        assert setting("statement_timeout") == "500ms"
    with pytest.raises(searches.TooSlow), searches.reading(20):
        psql("SELECT pg_sleep(5)")

    assert [setting(name) for name in names] == before
