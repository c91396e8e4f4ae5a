"""What the site does with calls that our adapter does not make, and that its design relies on."""

from collections.abc import Callable

from platforms.wordpress.site import POSTS
from tests.real.wordpress.cases import HELLO
from tests.real.wordpress.stage import Seen, Stage


def a_draft_that_is_published_twice_is_one_post(stage: Stage) -> Seen:
    """Publish by the same id twice: `platforms/wordpress/post.py` may send its call again."""
    stage.publish(HELLO)
    number = stage.drive.checkpoint["post"]
    path = f"{POSTS.removeprefix('wp/v2/')}/{number}"
    again = [
        stage.call("POST", path, json={"status": "publish", "slug": ""})["status"] for _ in range(2)
    ]
    return {"again": again, "public": len(stage.public())}


def a_second_draft_of_a_slug_gets_another(stage: Stage) -> Seen:
    """Make two drafts of one slug: it is looked for before another draft is made."""
    body = {"status": "draft", "title": "Coo", "slug": "draft-of-doves"}
    return {"slugs": [stage.sent("posts", json=body)["slug"] for _ in range(2)]}


#: Fact → how it is asked, and what is true.
FACTS: dict[str, tuple[Callable[[Stage], Seen], Seen]] = {
    "a draft that is published twice is one post": (
        a_draft_that_is_published_twice_is_one_post,
        {"again": [200, 200], "public": 1},
    ),
    "a second draft of a slug gets another": (
        a_second_draft_of_a_slug_gets_another,
        {"slugs": ["draft-of-doves", "draft-of-doves-2"]},
    ),
}
