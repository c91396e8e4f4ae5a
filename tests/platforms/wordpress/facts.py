"""The facts of WordPress that tests need."""

from platforms.drafts import Draft
from tests.deploy.simulator.still_right import Right
from tests.platforms.facts import Account, Deletion, Kind, LostAnswer, NetworkFacts
from tests.platforms.samples import CLIP, PHOTO, PICTURE, SHAPED, VIDEO
from tests.platforms.wordpress import steps
from tests.platforms.wordpress.account import id_of

MB = 1024**2
REST = "developer.wordpress.org/rest-api"

FACTS = NetworkFacts(
    account=Account(id_of),
    kinds={
        "": Kind("update_post"),
        "picture": Kind("update_post", PICTURE),
        "video": Kind("update_post", CLIP),
    },
    # One read of the draft by its id.
    lost={"": LostAnswer(Kind("update_post"), {}, 1, 1, 1)},
    lookups=("get_post",),
    # An app password has no scopes.
    deletion=Deletion("delete_post", refusal='{"code": "ACCESS_DENIED"}'),
    numbers=("list_comments", {"comments"}),
    links=(
        "4711001",
        "https://blog.example.com/2026/11/of-doves-and-lofts/",
        "https://blog.example.com/of-doves-and-lofts/?preview=true#more",
        "https://blog.example.com/?p=4711001",
        "https://blog.example.com/wp-admin/post.php?post=4711001&action=edit",
    ),
    image=(16 * MB, 0, 0, 0, 0),
    video=(64 * MB, 0, 0),
    refusals=(lambda words: {"code": words, "message": words, "data": {"status": 400}},),
    patterns=(
        ("comments.BLOCK", "fullmatch", "body"),
        ("comments.HANDLER", "search", "body"),
        ("login.AFTER_SITE", "sub", "word"),
        ("login.HOST", "fullmatch", "word"),
        ("login.PATH", "fullmatch", "word"),
        ("login.ROOT", "search", "header"),
        ("text.NAMED", "finditer", "body"),
    ),
    scans=(("comments", "written", "body"), ("login", "place_named", "word")),
    sign_in=steps.sign_in,
    trials=(
        Kind("update_post", Draft("One https://example.com/dovecote", settings=steps.TOLD)),
        Kind("update_post", Draft("Look", (PHOTO, SHAPED, VIDEO), {"featuredImage": True})),
        Kind(
            "update_post",
            Draft(
                '<p><img src="media:1"></p>', (PHOTO,), {"textFormat": "html", "status": "private"}
            ),
        ),
    ),
    still_right=(
        Right(
            "GET blog.pigeons.example/wp-json/wp/v2/comments",
            "enlarge query",
            "post",
            f"{REST}/reference/comments/#list-comments: any numbers of posts",
        ),
        Right(
            "POST blog.pigeons.example/wp-json/wp/v2/posts(/.*)?",
            "empty|enlarge body",
            "categories content excerpt slug tags",
            f"{REST}/reference/posts/#create-a-post: lists and texts of any length",
        ),
        Right(
            ".* blog.pigeons.example/wp-json.*",
            "drop query",
            "_fields context per_page post search",
            f"{REST}/using-the-rest-api/global-parameters/ and /reference/: optional",
        ),
        Right(
            "GET blog.pigeons.example/wp-json/wp/v2/(categories|tags)",
            "alter query",
            "search",
            f"{REST}/reference/tags/#list-tags: any text",
        ),
        Right(
            "GET blog.pigeons.example/wp-json/wp/v2/(categories|tags|comments|posts/.*)",
            "drop|misspell|alter header",
            "Authorization",
            "Anyone reads what is public; a wrong application password is ignored (6.8.12)",
        ),
        Right(
            "POST blog.pigeons.example/wp-json/wp/v2/(categories|tags)",
            "alter body",
            "name",
            f"{REST}/reference/tags/#create-a-tag: a free text",
        ),
        Right(
            "POST blog.pigeons.example/wp-json/wp/v2/posts(/.*)?",
            "alter body",
            "content excerpt slug title",
            f"{REST}/reference/posts/#create-a-post: free texts",
        ),
        Right(
            "POST blog.pigeons.example/wp-json/wp/v2/posts(/.*)?",
            "drop body",
            "categories content excerpt featured_media format slug status tags title",
            f"{REST}/reference/posts/#create-a-post: a title, a text or an excerpt is enough",
        ),
        Right(
            "POST blog.pigeons.example/wp-json/wp/v2/media",
            "drop body",
            "alt_text",
            f"{REST}/reference/media/#create-a-media-item: optional",
        ),
    ),
)
