"""What is public has the hashtags."""

from destinations.dispatch import claims
from destinations.publishing import worker
from tests.factories import make_account
from tests.posts.features.hashtags.hashtag_factories import create, make_set

PAGE = "102938475610293"


def connected(caller, simulator, platform, number):
    token = simulator.connect(platform, number, username="acme")
    fields = {"token": token, "platform_account_id": number, "username": "acme"}
    return make_account(caller.workspace, platform, **fields)


def test_the_wall_shows_them_below_the_text_and_as_first_comment(ada, simulator):
    x = connected(ada, simulator, "x", "77")
    facebook = connected(ada, simulator, "facebook", PAGE)
    only_facebook = make_set(ada, "Page", ["page"], platforms=["facebook"])

    create(
        ada,
        *(x, facebook),
        content="#Spring is here",
        hashtag_set_ids=[make_set(ada), only_facebook],
        hashtags_in="first_comment",
    )
    worker.publish(claims.claim(10))

    (on_x,) = simulator.posts("x")
    (on_facebook,) = simulator.posts("facebook")
    assert on_x["text"] == "#Spring is here\n\n#garden"
    assert on_facebook["text"] == "#Spring is here"
    assert on_facebook["extra"]["comments"] == ["#garden #page"]
