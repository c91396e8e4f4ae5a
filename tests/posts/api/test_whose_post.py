"""A workspace cannot take another one's post by naming it, nor learn whose it is."""

import uuid

import pytest
from django.utils import timezone

from destinations import resolve
from destinations.models import Destination
from destinations.state import consistency
from tests.destinations.run_command import work
from tests.factories import make_account, make_post
from tests.posts.conftest import refused

S = Destination.Status


def page(caller, simulator, number: str):
    """An account of the caller's: a LinkedIn page, which can be asked what it has posted."""
    author = {"author": f"urn:li:organization:{number}"}
    token = simulator.connect("linkedin", number, extra=author)
    known = {"platform_account_id": number, "username": "acme"}
    return make_account(caller.workspace, "linkedin", token=token, extra=author, **known)


def member(caller, simulator):
    """An account of which LinkedIn tells nothing."""
    number = str(uuid.uuid4().int)[:10]
    token = simulator.connect("linkedin", number, extra={"author": f"urn:li:person:{number}"})
    return make_account(
        caller.workspace,
        "linkedin",
        token=token,
        platform_account_id=number,
        extra={"author": f"urn:li:person:{number}"},
    )


def send(caller, account, content="Hello") -> str:
    """The id of a new post, after its first try."""
    body = {"content": content, "account_ids": [account.pk]}
    post_id: str = caller.post("/posts", body).json()["data"]["post_id"]
    work()
    return post_id


def lose_answer(caller, simulator, account) -> str:
    """The id of a post that is public, and whose answer was lost."""
    simulator.fault("linkedin", call="create_post", drop="after", times=1)
    return send(caller, account)


def result(caller, post_id: str) -> dict:
    [row] = caller.get(f"/posts/{post_id}/results").json()["data"]
    return row


def doubtful(caller, account) -> Destination:
    """A destination of the caller's that may be live."""
    fields = {"status": S.FAILED, "error_code": "outcome_unknown", "attempts": 1, "due_at": None}
    return make_post(caller.workspace, [account], **fields).destinations.get()


def claim(caller, row, url: str):
    path = f"/posts/{row.post.public_id}/destinations/{row.public_id}/resolve"
    return caller.post(path, {"outcome": "published", "platform_post_url": url})


def is_shared() -> bool:
    """Whether operators are told of one post that several destinations claim."""
    return "platform_id_shared" in [f.check.name for f in consistency.find(consistency.CHECKS)]


def test_a_strangers_word_does_not_make_a_lost_post_go_out_twice(ada, cy, simulator):
    post_id = lose_answer(ada, simulator, page(ada, simulator, "501"))
    [public] = simulator.posts("linkedin")

    claim(cy, doubtful(cy, member(cy, simulator)), public["url"])
    for _ in range(4):
        work()

    assert [post["id"] for post in simulator.posts("linkedin")] == [public["id"]]
    row = result(ada, post_id)
    assert (row["status"], row["platform_post_id"]) == ("published", public["id"])
    assert not is_shared()


def test_a_resolve_does_not_reveal_whether_another_workspace_has_the_post(ada, cy, simulator):
    account = page(ada, simulator, "501")
    known = result(ada, send(ada, account))["platform_post_url"]
    unknown = known.replace("urn:li:share:7", "urn:li:share:6")
    assert unknown != known
    answers = [claim(cy, doubtful(cy, member(cy, simulator)), url) for url in (known, unknown)]

    said = [answer.json()["data"] for answer in answers]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert [each["status"] for each in said] == ["published", "published"]


def test_a_strangers_word_about_the_same_page_is_not_ours(ada, cy, simulator):
    """Both have connected it; what the other one's people say does not hide what we lost."""
    post_id = lose_answer(ada, simulator, page(ada, simulator, "501"))
    [public] = simulator.posts("linkedin")
    theirs = doubtful(cy, page_again(cy, ada))

    assert claim(cy, theirs, public["url"]).status_code == 200
    work()

    row = result(ada, post_id)
    assert (row["status"], row["platform_post_id"]) == ("published", public["id"])
    assert not is_shared()


def page_again(caller, owner):
    """The page that the owner has connected, connected by the caller too."""
    first = owner.workspace.accounts.get()
    return caller.workspace.accounts.create(
        platform=first.platform,
        platform_account_id=first.platform_account_id,
        name=first.name,
        credentials=first.credentials,
    )


def test_what_another_workspace_has_published_to_the_same_page_is_not_taken_for_ours(
    ada, cy, simulator
):
    account = page(ada, simulator, "501")
    send(ada, account)
    again = page_again(cy, ada)
    simulator.set("linkedin", "duplicate_seconds", 0)
    simulator.fault("linkedin", call="create_post", drop="after", times=1)
    post_id = send(cy, again)

    work()

    own, first = (post["id"] for post in simulator.posts("linkedin"))
    assert result(cy, post_id)["platform_post_id"] == own != first
    assert not is_shared()


def test_an_account_that_was_connected_again_remembers_what_it_has(ada, simulator):
    account = page(ada, simulator, "501")
    known = result(ada, send(ada, account))["platform_post_url"]
    account.delete()
    row = doubtful(ada, page(ada, simulator, "501"))

    refused(claim(ada, row, known), 409, "conflict")


@pytest.mark.parametrize("is_word", [True, False])
def test_two_owners_in_two_workspaces_are_reported_unless_one_is_a_persons_word(
    ada, cy, simulator, is_word
):
    found = result(ada, send(ada, page(ada, simulator, "501")))
    theirs = doubtful(cy, page_again(cy, ada))
    if is_word:
        assert claim(cy, theirs, found["platform_post_url"]).status_code == 200
    else:
        # As if a lookup had found it, which it cannot.
        has = {"status": S.PUBLISHED, "platform_post_id": found["platform_post_id"]}
        Destination.objects.filter(pk=theirs.pk).update(published_at=timezone.now(), **has)

    assert is_shared() is not is_word


def test_a_word_that_names_another_account_of_ours_hides_nothing_either(ada, simulator):
    mixed_up = doubtful(ada, member(ada, simulator))
    post_id = lose_answer(ada, simulator, page(ada, simulator, "501"))
    [public] = simulator.posts("linkedin")

    assert claim(ada, mixed_up, public["url"]).status_code == 200
    work()

    assert result(ada, post_id)["platform_post_id"] == public["id"]
    assert is_shared(), "an operator has to look"


def test_a_person_does_not_mix_up_two_accounts_of_theirs(ada, simulator):
    known = result(ada, send(ada, page(ada, simulator, "501")))["platform_post_url"]

    refused(claim(ada, doubtful(ada, member(ada, simulator)), known), 409, "conflict")


def on_x(caller, simulator, number: str):
    known = {"platform_account_id": number, "username": f"acme{number}"}
    token = simulator.connect("x", number, username=f"acme{number}")
    return make_account(caller.workspace, "x", token=token, name=f"@acme{number}", **known)


def test_a_word_is_refused_where_the_network_says_no(ada, cy, simulator):
    theirs = result(ada, send(ada, on_x(ada, simulator, "77")))["platform_post_url"]
    mine = on_x(cy, simulator, "78")
    row = doubtful(cy, mine)
    never = "https://x.com/acme78/status/1234567890"

    said = [refused(claim(cy, row, url), 400, "validation_error") for url in (theirs, never)]

    # It makes no difference whether another workspace here has it.
    messages = {error["details"]["validation_errors"][0]["message"] for error in said}
    assert messages == {"X does not show this as a post of @acme78."}
    row.refresh_from_db()
    assert (row.status, row.error_code, row.events.count()) == (S.FAILED, "outcome_unknown", 0)


def test_a_word_that_the_network_confirms_says_so(ada, simulator):
    account = on_x(ada, simulator, "77")
    url = result(ada, send(ada, account))["platform_post_url"]
    Destination.objects.all().delete()
    row = doubtful(ada, account)

    assert claim(ada, row, url).status_code == 200

    assert row.events.get().reason == f"found by a person, and by the network: {url}"
    row.refresh_from_db()
    assert row.notes == []


@pytest.mark.parametrize("away", ["down", "refuses the token", "cannot be read"])
def test_a_word_stands_where_the_network_cannot_be_asked_and_says_that_too(
    ada, simulator, settings, away
):
    row = doubtful(ada, on_x(ada, simulator, "77"))
    if away == "down":
        settings.SIMULATOR_URL = "http://127.0.0.1:9"
    else:
        status = 401 if away == "refuses the token" else 200
        simulator.fault("x", call="get_post", status=status, body="{}", times=1)
    url = "https://x.com/acme77/status/1234567890"

    assert claim(ada, row, url).json()["data"]["status"] == "published"

    assert row.events.get().reason == f"found by a person: {url}"
    told = ada.get(f"/posts/{row.post.public_id}/results").json()["meta"]["notes"]
    assert [note["note"] for note in told] == [resolve.UNVERIFIED]
    # A refused token is found out by publishing, where it can be refreshed.
    row.account.refresh_from_db()
    assert row.account.needs_reconnection_since is None


def test_a_word_about_what_waits_for_none_costs_no_question(ada, simulator):
    account = on_x(ada, simulator, "77")
    post_id = send(ada, account)
    row = Destination.objects.get()
    simulator.fault("x", call="get_post", status=404, body="{}")

    refused(claim(ada, row, "https://x.com/acme77/status/1"), 409, "conflict")

    assert result(ada, post_id)["status"] == "published"
