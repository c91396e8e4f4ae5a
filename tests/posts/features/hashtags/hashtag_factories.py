"""Sets, defaults and posts with hashtags, made through the API."""

from posts.composing.extensions import post_settings
from posts.models import Post
from tests.posts.conftest import data_of

LATER = "2099-01-01T00:00:00Z"


def make_set(caller, name="Garden", hashtags=("spring", "garden"), **fields):
    """The id of a new set."""
    return data_of(
        caller.post("/hashtag-sets", {"name": name, "hashtags": list(hashtags), **fields}), 201
    )["id"]


def set_defaults(caller, **fields):
    response = caller.patch("/post-defaults", fields)
    assert response.status_code == 200, response.json()
    post_settings.forget()
    return response.json()["data"]


def create(caller, *accounts, content="Hello", **fields):
    body = {"content": content, "account_ids": [each.pk for each in accounts], **fields}
    data_of(caller.post("/posts", body), 201)
    return Post.objects.latest("created_at")


def edit(caller, post, **fields):
    data_of(caller.patch(f"/posts/{post.public_id}", fields))
    return Post.objects.get(pk=post.pk)


def texts(post) -> list[str]:
    """What each account publishes, in their order."""
    return [row.draft["text"] for row in post.destinations.order_by("position")]


def comments(post) -> list[str | None]:
    rows = post.destinations.order_by("position")
    return [row.draft["settings"].get("firstComment") for row in rows]
