"""No answer to one workspace shows anything of another: asked of every endpoint there is."""

import json
import uuid
from dataclasses import replace
from typing import Any

import pytest

from destinations.models import Account, Destination
from posts.models import (
    Campaign,
    Media,
    Post,
    PostingQueue,
    PostMedia,
    Recurrence,
    Webhook,
    Workspace,
)
from tests.factories import make_account, make_campaign, make_post
from tests.posts.api.endpoints import ENDPOINTS, about
from tests.posts.factories import (
    make_calendar_feed,
    make_feed,
    make_hashtag_set,
    make_import,
    make_media,
    make_queue,
    make_recurrence,
    make_session,
    make_share_link,
)
from tests.posts.webhooks.webhook_factories import make_delivery, make_webhook

#: Cy's account, and one that does not exist: as long as each other, and in no other number.
HIS, UNKNOWN = 987654321, 987654322
SECRETS = ("cy-name", "cy-platform-id", "cy-token", "cy-words", "cy-file")


@pytest.fixture
def his(cy) -> dict[str, str]:
    """The ids of something of everything of Cy's."""
    account = make_account(
        cy.workspace,
        id=HIS,
        name="cy-name",
        username="cy-name",
        platform_account_id="cy-platform-id",
        token="cy-token",
    )
    post = make_post(cy.workspace, [account], content="cy-words", status="failed", due_at=None)
    media = make_media(cy.workspace, filename="cy-file.png")
    PostMedia.objects.create(post=post, media=media, position=0)
    campaign = make_campaign(cy.workspace, "cy-words", id=HIS)
    return ids_of(account, post, media, make_session(cy.workspace, id=HIS), campaign)


def hook_ids(workspace: Workspace, **fields: Any) -> dict[str, str]:
    delivery = make_delivery(make_webhook(workspace, **fields), 204)
    return {"webhook_id": str(delivery.webhook_id), "delivery_id": str(delivery.pk)}


def recurring(post: Post, account: Account) -> str:
    return str(make_recurrence(post.workspace, account.pk, content=post.content).pk)


def ids_of(
    account: Account, post: Post, media: Media, session: str, campaign: Campaign
) -> dict[str, str]:
    return {
        "account_id": str(account.pk),
        "post_id": post.public_id,
        "post_uuid": str(post.pk),
        "destination_uuid": str(post.destinations.get().pk),
        "queue_id": str(make_queue(post.workspace, name=post.content).pk),
        "recurrence_id": recurring(post, account),
        "destination_id": post.destinations.get().public_id,
        "media_id": str(media.pk),
        "session_id": session,
        "campaign_id": str(campaign.pk),
        "import_id": str(make_import(post.workspace).pk),
        "calendar_feed_id": str(make_calendar_feed(post.workspace).pk),
        "hashtag_set_id": str(make_hashtag_set(post.workspace, account.name).pk),
        "feed_id": str(make_feed(post.workspace, account.pk, name=account.name).pk),
        "link_id": str(make_share_link(post).pk),
        **hook_ids(post.workspace, name=account.name),
    }


@pytest.fixture
def hers(ada) -> dict[str, str]:
    account = make_account(ada.workspace)
    post = make_post(ada.workspace, [account], status="failed", due_at=None)
    session, campaign = make_session(ada.workspace), make_campaign(ada.workspace)
    return ids_of(account, post, make_media(ada.workspace), session, campaign)


@pytest.fixture
def unknown() -> dict[str, str]:
    return {
        "account_id": str(UNKNOWN),
        "post_id": "post_1",
        "post_uuid": str(uuid.UUID(int=1)),
        "destination_uuid": str(uuid.UUID(int=1)),
        "queue_id": str(uuid.UUID(int=1)),
        "recurrence_id": str(uuid.UUID(int=1)),
        "destination_id": "dest_1",
        "media_id": str(uuid.UUID(int=1)),
        "webhook_id": str(uuid.UUID(int=1)),
        "delivery_id": str(uuid.UUID(int=1)),
        "session_id": "987654323",
        "campaign_id": str(UNKNOWN),
        "import_id": str(uuid.UUID(int=1)),
        "calendar_feed_id": str(uuid.UUID(int=1)),
        "hashtag_set_id": str(uuid.UUID(int=1)),
        "feed_id": str(uuid.UUID(int=1)),
        "link_id": str(uuid.UUID(int=1)),
    }


def rows_of(workspace) -> dict[str, list[tuple]]:
    """Everything that is stored for a workspace, but when its key was used."""
    found = {}
    for model in (Account, Campaign, Post, PostingQueue, Recurrence, Destination, Media, Webhook):
        found[model.__name__] = list(
            model.objects.filter(workspace=workspace).order_by("pk").values_list()
        )
    return found


def renamed(text: str, names: dict[str, str], others: dict[str, str]) -> str:
    for kind, name in names.items():
        text = text.replace(name, others[kind])
    return text


def ask(caller, endpoint, path_ids, body_ids) -> tuple[int, str]:
    """Status and body, less what differs from request to request."""
    body = about(endpoint.body(), body_ids)
    response = caller.call(endpoint.method, endpoint.url(path_ids), body)
    if response.streaming:  # a file, whose answer has no envelope
        return response.status_code, b"".join(response.streaming_content).decode()
    answer: Any = response.json()
    answer.pop("meta")
    return response.status_code, json.dumps(answer)


@pytest.mark.parametrize("mount", ["/api/v1", "/compat/api/v1"])
@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda each: each.name)
def test_tenancy_anothers_is_indistinguishable_from_missing(
    ada, cy, his, hers, unknown, endpoint, mount
):
    ada = replace(ada, mount=mount)
    before = rows_of(cy.workspace)

    for inside, of_body in (("his", "his"), ("his", "hers"), ("hers", "his")):
        named = {"his": his, "hers": hers}
        missing = {"his": unknown, "hers": hers}
        with_his = ask(ada, endpoint, named[inside], named[of_body])
        with_unknown = ask(ada, endpoint, missing[inside], missing[of_body])

        for secret in SECRETS:
            assert secret not in with_his[1], endpoint
        if "<" in endpoint.path and inside == "his":
            assert with_his[0] == 404
        if with_his[0] >= 400:
            # The same words, whether the id is another's or unknown.
            assert (with_his[0], renamed(with_his[1], his, unknown)) == with_unknown
        else:
            assert not any(each in with_his[1] for each in his.values())

    assert rows_of(cy.workspace) == before


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda each: each.name)
def test_tenancy_a_key_acts_for_its_own_organization(ada, cy, his, hers, endpoint):
    mixed = [dict(hers, **{kind: his[kind]}) for kind in his if f"<{kind}>" in endpoint.path]

    for ids in (hers, *mixed):
        status, text = ask(ada, endpoint, ids, hers)
        assert status == 404 or ids is hers
        for secret in (*SECRETS, *(set(his.values()) - set(ids.values())), str(cy.workspace.pk)):
            assert secret not in text
