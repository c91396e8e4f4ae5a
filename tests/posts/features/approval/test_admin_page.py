"""A post's page in the admin shows its approval and its share links, and operators act there."""

import re

import pytest
from django.contrib.admin.models import LogEntry

from posts.features.approval.models import Approval, ApprovalEvent, ShareLink
from posts.models import Post, Workspace
from tests.destinations.admin.action_steps import staff
from tests.posts.cases import apart
from tests.posts.factories import FUTURE
from tests.posts.features.approval.conftest import due, require, state, write
from tests.posts.features.operations.test_admin import confirm, operate, text

BUTTONS = ("approve", "request_changes", "reject")


def page_of(post: Post) -> str:
    return f"/admin/posts/post/{post.pk}/change/"


def link_of(post: Post) -> str:
    return f"/admin/posts/post/{post.pk}/share-link/"


def buttons(client, post: Post) -> list[str]:
    page = text(client.get(page_of(post)))
    return [name for name in BUTTONS if f'name="action" value="{name}"' in page]


def comment(caller, post: Post, said: str, visibility: str) -> None:
    body = {"text": said, "visibility": visibility}
    assert caller.post(f"/posts/{post.public_id}/comments", body).status_code == 201


# What it shows


def test_it_says_who_asked_whom_and_what_was_said_to_whom(admin_client, ada, boss, post):
    ada.post(
        f"/posts/{post.public_id}/request-approval", {"reviewers": ["Legal"], "message": "Please."}
    )
    comment(ada, post, "Only for us", "internal")
    comment(ada, post, "For the client", "client")

    answer = admin_client.get(page_of(post))

    review, page = answer.context["review"], text(answer)
    assert review.asked.who == f"key:{ada.key.prefix}"
    said = {line.text: line.seen for line in review.lines}
    assert said["Only for us"] == "Internal"
    assert said["For the client"] == "The client sees it"
    for shown in ("Waits for approval", "Legal", "Please.", "asked for approval"):
        assert shown in page


def test_what_was_edited_after_an_approval_is_shown(admin_client, ada, boss, post):
    boss.post(f"/posts/{post.public_id}/approve", {"comment": "Fine."})
    ada.patch(f"/posts/{post.public_id}", {"content": "Another text"})

    answer = admin_client.get(page_of(post))

    (change,) = answer.context["review"].changes
    assert (change.label, change.before, change.after) == ("Text", "Hi", "Another text")
    assert "<del" in text(answer)
    decided = next(line for line in answer.context["review"].lines if line.what == "approved")
    assert decided.seen == "The client sees the decision, not the comment"


def test_a_long_history_shows_its_newest_part(admin_client, ada, post, monkeypatch):
    monkeypatch.setattr("posts.features.approval.presentation.MOST", 2)
    for said in ("Oldest", "Older", "Newer"):
        comment(ada, post, said, "internal")

    answer = admin_client.get(page_of(post))

    assert [line.text for line in answer.context["review"].lines] == ["Older", "Newer"]
    assert "The newest 2" in text(answer)
    assert answer.context["review"].asked is None


def test_a_second_stage_is_named(admin_client, ada, boss, account):
    require(ada, Workspace.ApprovalMode.REQUIRED_INTERNAL_AND_CLIENT)
    post = write(ada, account, scheduled_at=FUTURE)
    boss.post(f"/posts/{post.public_id}/approve", {})

    assert "Waits for the client&#x27;s approval" in text(admin_client.get(page_of(post)))


def test_what_a_person_behind_a_link_says_has_their_name(admin_client, ada, post):
    ApprovalEvent.objects.create(
        post=post, at=post.created_at, action="commented", by="link:1", name="Cleo", text="Nice"
    )

    assert "“Cleo”, by a share link" in text(admin_client.get(page_of(post)))


# Deciding


@pytest.mark.parametrize(
    ("action", "status"), [("request_changes", "changes_requested"), ("reject", "rejected")]
)
def test_a_refusal_needs_a_comment_and_is_recorded(admin_client, post, action, status):
    asked = text(operate(admin_client, action, post))
    silent = text(confirm(admin_client, action, post, comment=" "))
    assert state(post)[1] == "pending"

    confirm(admin_client, action, post, comment="Too loud.", back="yes")

    assert 'name="comment"' in asked
    assert "This field is required" in silent
    approval = Approval.objects.get()
    assert (approval.status, approval.comment, approval.by) == (
        status,
        "Too loud.",
        "operator:admin",
    )
    assert due(post) is None
    assert LogEntry.objects.get().get_change_message().endswith("by operator:admin")
    assert action not in buttons(admin_client, post)


def test_an_approved_post_can_still_be_held_back(admin_client, post):
    confirm(admin_client, "approve", post)
    assert due(post) is not None
    assert buttons(admin_client, post) == ["request_changes", "reject"]

    confirm(admin_client, "request_changes", Post.objects.get(), comment="Wait.")

    assert due(post) is None


def test_a_refusal_of_what_was_changed_since_is_not_recorded(admin_client, ada, post):
    ada.patch(f"/posts/{post.public_id}", {"content": "Ho"})

    page = text(confirm(admin_client, "reject", post, comment="No."))

    assert "was not rejected" in page
    assert state(post)[1] == "pending"


def test_who_may_not_approve_sees_the_history_and_no_button(client, post):
    for action in BUTTONS:
        with apart(action):
            operator = staff(client, "change_post")

            assert "Waits for approval" in text(operator.get(page_of(post)))
            assert buttons(operator, post) == []
            confirm(operator, action, post, comment="No.")

            assert state(post)[1] == "pending"


def test_a_post_of_which_no_approval_was_asked_is_not_decided(admin_client, ada, account):
    for action in BUTTONS:
        with apart(action):
            post = write(ada, account, scheduled_at=FUTURE)

            assert buttons(admin_client, post) == []
            page = text(operate(admin_client, action, post, back="yes"))

            assert "no person was asked" in page or "None of these posts waits" in page


def test_a_post_that_has_begun_has_no_buttons(admin_client, post):
    confirm(admin_client, "approve", post)
    Post.objects.update(status="publishing")

    assert buttons(admin_client, post) == []


# Share links


def make(client, post: Post, **fields):
    return client.post(link_of(post), {"hours": "24", "reviewer": "Cleo", **fields})


def test_a_new_links_secret_is_shown_once(admin_client, client, post):
    assert "They may decide" in text(admin_client.get(link_of(post)))
    answer = text(make(admin_client, post, can_decide="on"))
    (secret,) = re.findall(r"/share/([\w-]+)<", answer)
    link = ShareLink.objects.get()

    page = text(admin_client.get(page_of(post)))

    assert client.get(f"/share/{secret}").status_code == 200
    assert (link.reviewer, link.can_decide, link.created_by) == ("Cleo", True, "operator:admin")
    assert 86_000 < (link.expires_at - link.created_at).total_seconds() < 87_000
    assert "Cleo" in page
    for hidden in (secret, link.digest):
        assert hidden not in page


def test_a_link_is_revoked_after_a_question(admin_client, post):
    make(admin_client, post)
    link = ShareLink.objects.get()
    address = f"{link_of(post)}?revoke={link.pk}"
    assert address in text(admin_client.get(page_of(post)))

    assert "Revoke this share link?" in text(admin_client.get(address))
    assert ShareLink.objects.get().state == "active"
    page = text(admin_client.post(link_of(post), {"revoke": str(link.pk)}, follow=True))

    assert "The share link was revoked." in page
    assert address not in page
    assert ShareLink.objects.get().state == "revoked"


@pytest.mark.parametrize("wrong", ["x", "00000000-0000-0000-0000-000000000000"])
def test_a_link_that_is_not_the_posts_is_not_found(admin_client, post, wrong):
    assert admin_client.get(f"{link_of(post)}?revoke={wrong}").status_code == 404
    assert admin_client.post(link_of(post), {"revoke": wrong}).status_code == 404
    assert admin_client.get("/admin/posts/post/none/share-link/").status_code == 404


def test_a_form_that_is_wrong_makes_no_link(admin_client, post):
    assert "Select a valid choice" in text(make(admin_client, post, hours="999"))
    assert "at most 100 characters" in text(make(admin_client, post, reviewer="a" * 101))
    assert not ShareLink.objects.exists()


def test_who_wrote_the_post_makes_no_link_that_decides(admin_client, post):
    Approval.objects.update(edited_by="operator:admin")

    refused = text(make(admin_client, post, can_decide="on"))
    make(admin_client, post)

    assert "You wrote this post or changed it last" in refused
    assert ShareLink.objects.get().can_decide is False


def test_a_post_has_a_last_link(admin_client, post, monkeypatch):
    monkeypatch.setattr("posts.features.approval.share.links.MOST", 1)
    make(admin_client, post)

    assert "which is the most" in text(make(admin_client, post))
    assert "Make a share link" not in text(admin_client.get(page_of(post)))


def test_who_may_not_approve_makes_links_that_only_show(client, post):
    operator = staff(client, "change_post")

    assert "They may decide" not in text(operator.get(link_of(post)))
    make(operator, post, can_decide="on")

    assert ShareLink.objects.get().can_decide is False


def test_who_may_only_look_makes_and_revokes_no_link(admin_client, client, post):
    make(admin_client, post)
    link = ShareLink.objects.get()
    looking = staff(client)

    assert "Make a share link" not in text(looking.get(page_of(post)))
    assert "Cleo" in text(looking.get(page_of(post)))
    assert make(looking, post).status_code == 403
    assert looking.post(link_of(post), {"revoke": str(link.pk)}).status_code == 403
    assert ShareLink.objects.get().state == "active"


# The list


def test_the_list_is_filtered_by_where_posts_stand(admin_client, ada, boss, account, required):
    for content in ("Waits", "Is fine", "Is not"):
        write(ada, account, content=content, scheduled_at=FUTURE)
    ids = {post.content: post.public_id for post in Post.objects.all()}
    boss.post(f"/posts/{ids['Is fine']}/approve", {})
    boss.post(f"/posts/{ids['Is not']}/reject", {"comment": "No."})

    def listed(approval: str) -> list[str]:
        found = admin_client.get(f"/admin/posts/post/?approval={approval}")
        return [post.content for post in found.context["cl"].result_list]

    assert listed("pending") == ["Waits"]
    assert listed("approved") == ["Is fine"]
    assert listed("rejected") == ["Is not"]
    assert listed("changes_requested") == []
    page = text(admin_client.get("/admin/posts/post/"))
    for shown in ("Waits for approval", "Rejected, of the next posts"):
        assert shown in page
