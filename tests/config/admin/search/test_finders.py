"""Each kind of thing is found by each of its names."""

import uuid

import pytest
from django.utils import timezone

from destinations.models import Account, Destination, Event
from posts.features.request_log.models import ApiRequest
from posts.keys import keys
from posts.models import Media, Post, PostingQueue
from tests.factories import make_account, make_post, make_workspace
from tests.posts.features.webhooks.webhook_factories import make_delivery, make_webhook

pytestmark = pytest.mark.django_db
CODE = "DFxk29_sQa1"
#: By network: its id of the post, its public link, and what an operator may have copied instead.
LINKS = {
    "x": (
        "1790000000000000001",
        "https://x.com/acme/status/1790000000000000001",
        "https://x.com/acme/status/1790000000000000001",
        "https://x.com/acme/status/1790000000000000001?s=20&t=abc",
        "https://mobile.twitter.com/acme/status/1790000000000000001/",
        "https://x.com/i/web/status/1790000000000000001",
        "x.com/acme/status/1790000000000000001/photo/1",
    ),
    "instagram": (
        "17900000000000000",
        f"https://www.instagram.com/p/{CODE}/",
        f"https://www.instagram.com/p/{CODE}/",
        f"https://instagram.com/reel/{CODE}?igsh=MzRl",
        f"https://www.instagram.com/acme/p/{CODE}/?img_index=2#top",
    ),
    "threads": (
        "18000000000000000",
        f"https://www.threads.net/@acme/post/{CODE}",
        f"https://www.threads.com/@acme/post/{CODE}/",
        f"threads.net/t/{CODE}?xmt=AQ",
    ),
    "bluesky": (
        "3l6oveex3ii2l",
        "https://bsky.app/profile/did:plc:abcdefghijklmnopqrstuvwx/post/3l6oveex3ii2l",
        "https://bsky.app/profile/acme.bsky.social/post/3l6oveex3ii2l",
        "bsky.app/profile/acme.example.com/post/3l6oveex3ii2l?ref=x",
    ),
    "mastodon": (
        "103254962155278888",
        "https://mastodon.social/@acme/103254962155278888",
        "https://mastodon.social/@acme@example.com/103254962155278888",
        "mastodon.social/@acme/103254962155278888?ref=x",
    ),
    "wordpress": (
        "4711001",
        "https://blog.example.com/2026/11/of-doves-and-lofts/",
        "https://blog.example.com/of-doves-and-lofts/?preview=true#more",
        "https://blog.example.com/?p=4711001",
        "https://blog.example.com/wp-admin/post.php?post=4711001&action=edit",
    ),
    "telegram": (
        "4711002",
        "https://t.me/c/1234567890/x",
        "https://t.me/acme/4711002",
        "https://t.me/s/acme/4711002?single",
        "https://t.me/c/1234567890/4711002",
    ),
    "discord": (
        "1290000000000000009",
        "https://discord.com/channels/1290000000000000001/1290000000000000003/1290000000000000009",
        "https://canary.discord.com/channels/1290000000000000001/4/1290000000000000009?a=b",
        "discord.com/channels/@me/1290000000000000003/1290000000000000009/",
    ),
    "facebook": (
        "1234567_7654321",
        "https://www.facebook.com/1234567_7654321",
        "https://m.facebook.com/story.php?story_fbid=7654321&id=1234567",
        "https://www.facebook.com/1234567/posts/7654321/?mibextid=x",
        "https://www.facebook.com/1234567_7654321",
    ),
    "linkedin": (
        "urn:li:share:7000000",
        "https://www.linkedin.com/feed/update/x",
        "https://www.linkedin.com/feed/update/urn:li:share:7000000/",
        "https://www.linkedin.com/feed/update/urn%3Ali%3Ashare%3A7000000?utm_source=share",
    ),
    "tiktok": (
        "7300000000000000000",
        "https://www.tiktok.com/@acme/video/x",
        "https://www.tiktok.com/@acme/video/7300000000000000000?is_from_webapp=1",
        "https://m.tiktok.com/v/7300000000000000000",
    ),
    "youtube": (
        "dQw4w9WgXcQ",
        "https://www.youtube.com/watch?v=dQw4w9WgXcQ",
        "https://youtu.be/dQw4w9WgXcQ?si=abc",
        "https://m.youtube.com/watch?app=desktop&v=dQw4w9WgXcQ",
        "https://www.youtube.com/shorts/dQw4w9WgXcQ",
    ),
}


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


@pytest.mark.parametrize("platform", LINKS)
def test_a_public_post_is_found_by_each_form_of_its_link(found, account, platform):
    post_id, url, *copied = LINKS[platform]
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
