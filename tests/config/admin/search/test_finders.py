"""Each kind of thing is found by each of its names."""

import uuid

import pytest
from django.utils import timezone

from destinations.models import Account, Destination, Event
from platforms.registry import ADAPTERS
from posts.features.request_log.models import ApiRequest
from posts.keys import keys
from posts.models import Media, Post, PostingQueue
from tests.factories import make_account, make_post, make_workspace
from tests.platforms.facts import facts_of
from tests.posts.features.webhooks.webhook_factories import make_delivery, make_webhook

pytestmark = pytest.mark.django_db


@pytest.fixture
def account() -> Account:
    workspace = make_workspace("Corner Bakery")
    return make_account(
        workspace,
        name="@bread.daily",
        username="bread.daily",
        display_name="Daily Bread Ltd.",
        platform_account_id="99887766",
    )


@pytest.fixture
def post(account) -> Post:
    return make_post(
        account.workspace,
        [account],
        content="Fresh Pretzels from nine o'clock",
        request_id="req_0123456789ab",
    )


@pytest.fixture
def destination(post) -> Destination:
    return post.destinations.get()


def test_each_kind_of_thing_is_found_by_each_of_its_names(found, account, post):
    workspace, destination = account.workspace, post.destinations.get()
    post.destinations.update(platform_post_id="1790000000000000001")
    make_post(workspace, [account], content="Fresh rolls")
    file = Media.objects.create(workspace=workspace, filename="Summer_50%.PNG", size_bytes=1)
    queue = PostingQueue.objects.create(
        workspace=workspace, name="Mornings", slots=[], updated_at=timezone.now()
    )
    key, secret = keys.create(workspace, "night", ["read"])
    hooks = "https://hooks.example/in?for=Acme"
    delivery = make_delivery(make_webhook(workspace, url=hooks, name="Night shift"), 500)
    make_delivery(delivery.webhook, 204)
    logged = {"at": timezone.now(), "status": 201, "duration_ms": 5, "path": "/api/v1/posts"}
    for number in (3, 4):
        ApiRequest.objects.create(request_id=f"req_abcdef{number}", **logged)
    ours = "https://dovecote.example"
    names = {
        ("Post", post.public_id): (
            post.public_id,
            f"  {post.public_id}\n",
            str(post.pk),
            str(post.pk).upper(),
            f"{ours}/admin/posts/post/{post.pk}/change/?_changelist_filters=q",
            f"{ours}/api/v1/posts/{post.public_id}",
        ),
        ("Posts by their text", post.public_id): (
            "pretzels",
            "o'clock fresh",
            "PRETZ",
            "nine from pretzels",
        ),
        ("Destination", destination.public_id): (
            destination.public_id,
            str(destination.pk),
            destination.pk.hex,
        ),
        ("Destinations by the network's id or link", destination.public_id): (
            "1790000000000000001",
        ),
        ("Accounts", "@bread.daily"): (
            "@bread.daily",
            "bread.daily",
            "BREAD.DAILY",
            "daily bread",
            "ltd.",
            "br",
            "@br",
        ),
        ("Workspaces", "Corner Bakery"): ("corner bak",),
        ("Workspace", "Corner Bakery"): (str(workspace.pk),),
        ("Files", "Summer_50%.PNG"): ("summer_50%", "mer_50%.png"),
        ("File", "Summer_50%.PNG"): (str(file.pk),),
        ("Posting queue", "Mornings"): (str(queue.pk),),
        ("Posting queues", "Mornings"): ("morn",),
        # Of a whole key the part that is no secret is used.
        ("API keys", f"{key.prefix}…"): (key.prefix, "pe_live_", secret),
        ("API key", f"{key.prefix}…"): (str(key.pk),),
        ("Webhooks", "Night shift"): ("night", "hooks.example", hooks, "hooks.example/in"),
        ("Deliveries of this event", str(delivery.pk)): (str(delivery.event.event_id),),
        ("API requests", "req_abcdef4"): ("req_abcdef4",),
    }
    for (title, name), every in names.items():
        for typed in every:
            assert found(typed) == {title: [name]}, typed
    absent = ("pretzels rolls", "zwiebel", "req_ffffffffffff", f"post_{'0' * 25}")
    for typed in (key.digest, str(uuid.uuid4()), *absent):
        assert found(typed) == {}, typed


@pytest.mark.parametrize("platform", ADAPTERS)
def test_a_public_post_is_found_by_each_form_of_its_link(found, account, platform):
    post_id, url, *copied = facts_of(platform).links
    fields = {"platform_post_id": post_id, "platform_post_url": url, "status": "published"}
    with_it = make_post(account.workspace, [account], **fields).destinations
    with_it.update(platform=platform)
    make_post(account.workspace, [account], platform_post_id="1", platform_post_url="https://x.com")

    for typed in copied:
        assert list(found(typed).values()) == [[with_it.get().public_id]], typed


def test_a_request_finds_what_it_made_and_what_it_changed_later(found, destination, account):
    later = make_post(account.workspace, [account]).destinations.get()
    for row, request_id in ((destination, "req_0123456789ab"), (later, "req_0123456789ab")):
        Event.objects.create(
            destination=row, move="requeue", by="key:x", at=row.created_at, request_id=request_id
        )

    [names] = found("req_0123456789ab").values()

    assert set(names) == {destination.public_id, later.public_id}


def test_an_account_is_found_by_its_number_and_the_networks_id(found, account):
    for typed in (str(account.pk), "99887766"):
        assert found(typed)["Accounts by id"] == ["@bread.daily"]


def test_the_account_with_the_very_handle_comes_first(found, account):
    for name in ("bread", "bread.daily.shop", "abread.daily"):
        make_account(account.workspace, name=f"@{name}", username=name)

    assert found("bread.daily")["Accounts"][0] == "@bread.daily"


@pytest.mark.parametrize("text", ["Grüße aus München", "مرحبا بالعالم اليوم", "Привет мир"])
def test_words_of_any_script_are_found(found, account, text):
    post = make_post(account.workspace, [account], content=text)

    for word in text.split():
        if len(word) > 2:
            assert found(word.lower()) == {"Posts by their text": [post.public_id]}


def test_a_link_that_no_post_has_is_looked_for_in_texts(found, account):
    post = make_post(account.workspace, [account], content="See https://acme.example/sale-2026")

    assert found("https://acme.example/sale-2026") == {"Posts by their text": [post.public_id]}
