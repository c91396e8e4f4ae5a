"""What the server does with calls that our adapter does not make, and that its design relies on."""

from collections.abc import Callable

from tests.platforms.driver import image
from tests.real.mastodon.stage import Seen, Stage


def a_key_makes_no_post_one(stage: Stage) -> Seen:
    """Send twice with one key: `platforms/mastodon/lookup.py` looks for the first instead."""
    body, key = {"status": "Coo", "visibility": "public"}, {"Idempotency-Key": "coo"}
    for _ in range(2):
        stage.call("POST", "v1/statuses", json=body, headers=key)
    return {"public": len(stage.public())}


def a_file_of_the_same_name_is_the_same_file(stage: Stage) -> Seen:
    """Send two pictures of one name: `platforms/mastodon/media.py` gives each another."""
    ids = [
        stage.sent("v2/media", files={"file": ("file.png", image(width), "image/png")})["id"]
        for width in (320, 640)
    ]
    return {"ids": len(set(ids))}


#: Fact → how it is asked, and what is true.
FACTS: dict[str, tuple[Callable[[Stage], Seen], Seen]] = {
    "a key makes no post one": (a_key_makes_no_post_one, {"public": 2}),
    "a file of the same name is the same file": (
        a_file_of_the_same_name_is_the_same_file,
        {"ids": 1},
    ),
}
