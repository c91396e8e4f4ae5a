"""How full the rooms are that anyone may fill, in the admin."""

import pytest

from tests.posts.keys.oauth.program import register


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("oauthclient", "1 were never connected, of 1,000 at most"),
        ("devicelogin", "0 wait for an operator, of 500 at most"),
    ],
)
def test_a_list_says_how_many_there_are_and_may_be(admin_client, path, said):
    register()

    page = admin_client.get(f"/admin/posts/{path}/").content.decode()

    assert said in page
