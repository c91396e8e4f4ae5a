"""No answer to one workspace shows anything of another: asked of every operation."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from destinations.models import Account, Destination
from posts.features.repeating.models import Recurrence
from posts.features.webhooks.models import Webhook
from posts.models import Campaign, Media, Post, PostingQueue, PostMedia, Workspace
from tests.factories import make_account, make_campaign, make_post
from tests.posts.api import endpoints
from tests.posts.api.endpoints import ENDPOINTS, MOUNTS, about
from tests.posts.api.walk.judged import differing, every, judged
from tests.posts.factories import make_media, make_queue, make_session
from tests.posts.features.webhooks.webhook_factories import make_delivery, make_webhook
from tests.posts.world import (
    make_calendar_feed,
    make_feed,
    make_hashtag_set,
    make_import,
    make_recurrence,
    make_share_link,
)

pytestmark = pytest.mark.usefixtures("ai_provider", "unlogged")
both_mounts = pytest.mark.parametrize("mount", MOUNTS)
#: Cy's account, as long as one that does not exist, and in no other number.
HIS = 987654321
UUIDS = dict.fromkeys(("post_uuid", "destination_uuid"), str(uuid.UUID(int=1)))
UNKNOWN = {**endpoints.UNKNOWN, **UUIDS}
SECRETS = ("cy-name", "cy-platform-id", "cy-token", "cy-words", "cy-file")
#: Everything that is stored for a workspace, but when its key was used.
MODELS = (Account, Campaign, Post, PostingQueue, Recurrence, Destination, Media, Webhook)


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


def ids_of(
    account: Account, post: Post, media: Media, session: str, campaign: Campaign
) -> dict[str, str]:
    workspace, destination = post.workspace, post.destinations.get()
    delivery = make_delivery(make_webhook(workspace, name=account.name), 204)
    recurrence = make_recurrence(workspace, account.pk, content=post.content)
    return {
        "account_id": str(account.pk),
        "post_id": post.public_id,
        "post_uuid": str(post.pk),
        "destination_id": destination.public_id,
        "destination_uuid": str(destination.pk),
        "queue_id": str(make_queue(workspace, name=post.content).pk),
        "recurrence_id": str(recurrence.pk),
        "media_id": str(media.pk),
        "session_id": session,
        "campaign_id": str(campaign.pk),
        "import_id": str(make_import(workspace).pk),
        "calendar_feed_id": str(make_calendar_feed(workspace).pk),
        "hashtag_set_id": str(make_hashtag_set(workspace, account.name).pk),
        "feed_id": str(make_feed(workspace, account.pk, name=account.name).pk),
        "link_id": str(make_share_link(post).pk),
        "webhook_id": str(delivery.webhook_id),
        "delivery_id": str(delivery.pk),
    }


@pytest.fixture
def hers(ada, account) -> dict[str, str]:
    post = make_post(ada.workspace, [account], status="failed", due_at=None)
    session, campaign = make_session(ada.workspace), make_campaign(ada.workspace)
    return ids_of(account, post, make_media(ada.workspace), session, campaign)


def rows_of(workspace: Workspace) -> list[list[tuple]]:
    return [
        list(model.objects.filter(workspace=workspace).order_by("pk").values_list())
        for model in MODELS
    ]


def renamed(text: str, names: dict[str, str], others: dict[str, str]) -> str:
    for kind, name in names.items():
        text = text.replace(name, others[kind])
    return text


def send(caller, endpoint, path_ids, body_ids) -> tuple[int, str]:
    """Status and body, less what differs from request to request."""
    body = about(endpoint.body(), body_ids)
    answer = caller.call(endpoint.method, endpoint.url(path_ids), body)
    if answer.streaming:  # a file, whose answer has no envelope
        return answer.status_code, b"".join(answer.streaming_content).decode()
    found: Any = answer.json()
    found.pop("meta")
    return answer.status_code, json.dumps(found)


def requests(endpoint, his, hers) -> Iterator[tuple[dict[str, str], dict[str, str]]]:
    """Ids for its path and its body, of which some are his: all that he has, or one of them."""
    body = endpoint.body()
    mixed = [{**hers, kind: his[kind]} for kind in his]
    own = about(body, hers)
    yield from ((hers, ids) for ids in (his, *mixed) if about(body, ids) != own)
    if "<" in endpoint.path:
        yield his, his
        yield his, hers


@both_mounts
def test_anothers_is_indistinguishable_from_missing(ada, cy, his, hers, mount):
    caller, before = judged(ada, mount), rows_of(cy.workspace)

    def missing(ids):
        return {kind: UNKNOWN[kind] if ids[kind] == his[kind] else ids[kind] for kind in ids}

    def sent(endpoint, path_ids, body_ids):
        """What is taken is undone, once it is seen that nothing of his was changed."""
        start = transaction.savepoint()
        status, text = send(caller, endpoint, path_ids, body_ids)
        if status < 400:
            assert rows_of(cy.workspace) == before
            transaction.savepoint_rollback(start)
        return status, text

    def ask(endpoint):
        for path_ids, body_ids in requests(endpoint, his, hers):
            status, text = sent(endpoint, path_ids, body_ids)
            # The same words, whether the id is another's or unknown.
            same = (status, renamed(text, his, UNKNOWN))
            assert same == sent(endpoint, missing(path_ids), missing(body_ids))
            assert status == 404 or path_ids is hers
            hidden = SECRETS if status >= 400 else (*SECRETS, *his.values())
            assert not [each for each in hidden if each in text]
        if not endpoint.is_write and "<" not in endpoint.path:
            status, text = sent(endpoint, hers, hers)
            assert not [each for each in (*SECRETS, *his.values()) if each in text]
        assert rows_of(cy.workspace) == before

    every(differing(ENDPOINTS, mount), ask)


def test_a_key_acts_for_its_own_organization(ada, cy, his, hers):
    caller = judged(ada)

    def ask(endpoint):
        mixed = [{**hers, kind: his[kind]} for kind in his if f"<{kind}>" in endpoint.path]
        for ids in (hers, *mixed):
            status, text = send(caller, endpoint, ids, hers)
            assert status == 404 or ids is hers
            hidden = {*SECRETS, *(set(his.values()) - set(ids.values())), str(cy.workspace.pk)}
            assert not [each for each in hidden if each in text]

    every(ENDPOINTS, ask)
