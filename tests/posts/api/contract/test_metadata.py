"""`metadata` of posts: the customer's own notes come back as they were sent."""

from posts.models import Post
from tests.posts.api.cases import cases
from tests.posts.conftest import data_of, refused
from tests.posts.factories import FUTURE

NOTES = {"order": "A-1027", "lines": [1, 2.5, None, True], "deep": {"er": {"and": {"er": "ü"}}}}


def body(account, **more):
    return {"content": "Hi", "account_ids": [account.pk], "scheduled_at": FUTURE, **more}


def make(ada, x, **more) -> str:
    return str(data_of(ada.post("/posts", body(x, **more)), 201)["post_id"])


def test_it_comes_back_in_the_post_and_in_the_list(ada, x):
    post_id = make(ada, x, metadata=NOTES)

    assert ada.get(f"/posts/{post_id}").json()["data"]["metadata"] == NOTES
    assert [each["metadata"] for each in ada.get("/posts").json()["data"]] == [NOTES]


@cases("sent", [{}, {"metadata": {}}, {"metadata": None}])
def test_a_post_without_it_has_no_such_field(ada, x, sent):
    post_id = make(ada, x, **sent)

    assert "metadata" not in ada.get(f"/posts/{post_id}").json()["data"]
    assert "metadata" not in ada.get("/posts").json()["data"][0]


def test_an_edit_replaces_it_as_a_whole_and_an_empty_one_removes_it(ada, x):
    post_id = make(ada, x, metadata=NOTES)

    ada.patch(f"/posts/{post_id}", {"metadata": {"order": "B"}})
    assert ada.get(f"/posts/{post_id}").json()["data"]["metadata"] == {"order": "B"}
    ada.patch(f"/posts/{post_id}", {"content": "Other"})
    assert ada.get(f"/posts/{post_id}").json()["data"]["metadata"] == {"order": "B"}
    ada.patch(f"/posts/{post_id}", {"metadata": {}})
    assert "metadata" not in ada.get(f"/posts/{post_id}").json()["data"]


def test_a_draft_and_a_post_of_a_bulk_call_have_it_too(ada, x):
    make(ada, x, metadata=NOTES, draft=True)
    assert ada.post("/posts/bulk", {"posts": [body(x, metadata=NOTES)]}).status_code == 201
    assert [post.metadata for post in Post.objects.all()] == [NOTES, NOTES]


@cases(
    "wrong",
    [
        "text",
        ["a"],
        5,
        {"text": "ü" * 1_020},
        {f"k{number}": 1 for number in range(51)},
        {"k" * 101: 1},
        {"a": {"b": {"c": {"d": {"e": {}}}}}},
        {"a": [[[[[]]]]]},
        {"number": 10**18},
        {"numbers": [{"tiny": 1e-300}]},
    ],
)
def test_what_is_no_small_object_is_refused_and_nothing_is_stored(ada, x, wrong):
    refused(ada.post("/posts", body(x, metadata=wrong)), 400, "validation_error")

    assert not Post.objects.exists()


def test_two_kilobytes_are_taken(ada, x):
    text = {"t": "x" * (2_048 - len('{"t":""}'))}

    assert ada.get(f"/posts/{make(ada, x, metadata=text)}").json()["data"]["metadata"] == text


def test_the_operators_page_of_the_post_shows_it(admin_client, ada, x):
    make(ada, x, metadata=NOTES)

    page = admin_client.get(f"/admin/posts/post/{Post.objects.get().pk}/change/")

    assert "A-1027" in page.content.decode()
