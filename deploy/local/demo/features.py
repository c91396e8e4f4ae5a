"""What the service does beside publishing, each once, as a customer would use it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from deploy.local.demo import integrations
from deploy.local.demo.client import Api, DemoReceiver
from deploy.local.demo.networks import TEXT_ALONE
from deploy.local.demo.table import DemoWall, FeatureRow, Look, at_once

TEXT = "A feature of Dovecote"
EVENTS = ("post.publishing", "post.published")


#: The lines, in their order.
NAMES = (
    "caption",
    "image",
    "campaign",
    "webhook",
    "queue slot",
    "device login",
    "compatibility mount",
    "deletion",
    "analytics",
    *integrations.NAMES,
)


@contextmanager
def used(
    api: Api, accounts: Mapping[str, list[int]], receiver: DemoReceiver, at: datetime
) -> Iterator[list[Look]]:
    """Use each feature; what looks at what has become of it. The webhook goes with the block."""
    webhook = api.call("POST", "/webhooks", {"url": receiver.url, "events": list(EVENTS)})
    receiver.secret = webhook["secret"]
    try:
        first, second = TEXT_ALONE[:2]
        yield list(_begun(api, accounts[first][0], accounts[second][0], receiver, at))
    finally:
        api.call("DELETE", f"/webhooks/{webhook['id']}")


def _begun(
    api: Api, account: int, other: int, receiver: DemoReceiver, at: datetime
) -> Iterator[Look]:
    captions = api.call("POST", "/ai/generate-caption", {"topic": f"{TEXT} {at:%T}", "count": 2})
    drawn = api.call("POST", "/ai/generate-image", {"prompt": f"{TEXT}, {at:%T}"})
    campaign = api.call("POST", "/campaigns", {"name": f"Demo {at:%T}"})
    post_id = api.publish(
        captions["captions"][0],
        [account],
        [drawn["media_id"]],
        campaign_id=campaign["id"],
        metadata={"demo": f"{at:%T}"},
    )
    yield at_once("caption", "".join(captions["captions"][:1]))
    yield lambda: _image(api, drawn["media_id"])
    yield lambda: _campaign(api, campaign["id"], post_id)
    yield lambda: _webhook(receiver, post_id)
    yield _queue_slot(api, other, at)
    yield at_once("device login", _device_login(api))
    yield lambda: _compatible(api)
    yield _Deletion(api, api.publish(f"To be deleted, {at:%T}", [account]))
    yield lambda: _analytics(api)
    yield from integrations.begun(api, account, other, at)


def _image(api: Api, media_id: str) -> FeatureRow:
    media = api.call("GET", f"/media/{media_id}")
    size = f"{media['width']} by {media['height']} pixels"
    return FeatureRow("image", media["status"] == "ready", f"{media['filename']}, {size}")


def _campaign(api: Api, campaign_id: int, post_id: str) -> FeatureRow:
    found = api.call("GET", f"/campaigns/{campaign_id}")
    echoed = api.call("GET", f"/posts/{post_id}").get("metadata")
    seen = f"{found['name']}: {found['post_count']} post, with metadata {echoed}"
    return FeatureRow("campaign", found["post_count"] == 1 and bool(echoed), seen)


def _webhook(receiver: DemoReceiver, post_id: str) -> FeatureRow:
    names = receiver.about(post_id)
    seen = f"{', '.join(names) or 'nothing yet'}; each signed"
    if receiver.unsigned:
        seen = f"{receiver.unsigned} without our signature"
    return FeatureRow("webhook", set(EVENTS) <= set(names) and not receiver.unsigned, seen)


def _queue_slot(api: Api, account: int, at: datetime) -> Look:
    created = api.call(
        "POST",
        "/posts",
        {"content": f"In the queue, {at:%T}", "account_ids": [account], "use_queue": True},
    )
    # It would be published some day, and each demo would make one more.
    api.call("DELETE", f"/posts/{created['post_id']}")
    return at_once("queue slot", f"{created['scheduled_for']}, given back")


def _device_login(api: Api) -> str:
    begun = api.call("POST", "/auth/device", {"client_name": "Demo"})
    return f"{begun['user_code']} at {begun['verification_uri']}"


def _compatible(api: Api) -> FeatureRow:
    found = api.compatible("GET", "/posts?limit=1")["posts"][0]
    seen = f"GET /compat/api/v1/posts: post_id {found['post_id']}"
    return FeatureRow("compatibility mount", "-" in found["post_id"], seen)


class _Deletion:
    """Deletes a post from its network once it is public there."""

    def __init__(self, api: Api, post_id: str) -> None:
        self._api, self._post_id = api, post_id
        self._done: FeatureRow | None = None

    def __call__(self) -> FeatureRow:
        self._done = self._done or self._look()
        return self._done or FeatureRow("deletion", False, "being published first")

    def _look(self) -> FeatureRow | None:
        (result,) = self._api.results(self._post_id)
        if result["status"] != "published":
            return None
        wall = DemoWall(self._api.simulator_url)
        answer = self._api.call("DELETE", f"/posts/{self._post_id}?delete_on_platforms=all")
        if not answer["deleted"]:
            return None
        is_public = wall.files_of(result["platform"], result["platform_post_id"]) is not None
        return FeatureRow(
            "deletion", not is_public, f"{answer['message']} The wall shows it no more."
        )


def _analytics(api: Api) -> FeatureRow:
    found: dict[str, Any] = api.call("GET", "/analytics/summary?period=today")
    numbers = {name: number for name, number in found["metrics"].items() if number}
    told = ", ".join(f"{number:,} {name}" for name, number in numbers.items())
    seen = f"{found['posts']['published']} posts published; {told or 'no numbers yet'}"
    return FeatureRow("analytics", bool(numbers), seen)
