"""Posts are held to what each account's own server takes, where servers differ."""

import pytest

from destinations import servers
from destinations.accounts import oauth_apps
from destinations.models import Destination, Server
from destinations.runtime import clock
from posts.models import Post
from tests.factories import make_account
from tests.platforms.mastodon.account import LONG, USUAL, new_id
from tests.posts.conftest import data_of, refused
from tests.posts.factories import FUTURE


def account(caller, host: str):
    made = make_account(caller.workspace, "mastodon", platform_account_id=new_id(host))
    login = oauth_apps.find("mastodon")
    assert login is not None
    oauth_apps.keep_server(login, made.platform_account_id, None)
    return made


@pytest.fixture
def both(ada, simulator):
    """An account on a server with longer texts, and one on a usual one; both servers are known."""
    found = account(ada, LONG), account(ada, USUAL)
    assert servers.read_due() == 2
    return found


def body(*accounts, text: str, **more):
    ids = [each.pk for each in accounts]
    return {"content": text, "account_ids": ids, "scheduled_at": FUTURE, **more}


def test_a_text_is_as_long_as_the_accounts_server_takes(ada, both):
    long, usual = both
    ada.post("/posts", body(long, text="a" * 5000))
    draft = Destination.objects.get().draft
    assert draft["server"]["text_chars"] == 5000

    error = refused(ada.post("/posts", body(long, text="a" * 5001)), 400, "content_too_long")
    assert "5000" in error["message"]
    error = refused(ada.post("/posts", body(usual, text="a" * 501)), 400, "content_too_long")
    assert "500" in error["message"]


def test_of_two_accounts_only_the_one_whose_server_refuses_is_named(ada, both):
    long, usual = both
    answer = data_of(ada.post("/posts/validate", body(long, usual, text="a" * 1000)))
    assert [(each["account_id"], each["valid"]) for each in answer["accounts"]] == [
        (long.pk, True),
        (usual.pk, False),
    ]


def test_what_is_common_counts_until_a_server_has_been_read(ada, simulator):
    unread = account(ada, LONG)
    refused(ada.post("/posts", body(unread, text="a" * 501)), 400, "content_too_long")
    assert Server.objects.get().limits == {}
    Server.objects.update(read_due_at=clock.now())
    servers.read_due()
    assert ada.post("/posts", body(unread, text="a" * 501)).status_code == 201


def test_an_edit_keeps_what_the_server_takes(ada, both):
    long, _ = both
    made = data_of(ada.post("/posts", body(long, text="Short")), 201)
    answer = ada.patch(f"/posts/{made['post_id']}", {"content": "a" * 4000})
    assert answer.status_code == 200, answer.content
    assert len(Post.objects.get().content) == 4000
    assert Destination.objects.get().draft["server"]["text_chars"] == 5000
