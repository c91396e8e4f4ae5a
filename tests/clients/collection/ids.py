"""Something of each kind that has an id in paths, in a workspace of a running stack."""

from typing import Any

from tests.clients.published.ground import Ground, in_future
from tests.platforms.driver import image

FEED = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>Blog</title>
<item><guid>1</guid><title>First</title><link>https://blog.example/1</link></item></channel></rss>"""
SLOT = {"day_of_week": 1, "time": "09:00"}


def make(ground: Ground) -> dict[str, str]:
    """The collections' variables that are ids, with ids that exist.

    A new kind of id needs a line here.
    """
    hook = {"url": ground.receiver(), "events": ["post.scheduled"]}
    webhook = _made(ground, "webhooks", hook)["id"]
    post = ground.team.post("Of the collection", scheduled_at=in_future(hours=1))
    turns = {"enabled": True, "gap": 4, "gap_unit": "week"}
    ground.team.http.patch(f"posts/{post}/recycling", json=turns).raise_for_status()
    weekly = {"recurrence": {"freq": "weekly", "interval": 1, "count": 3}}
    ground.team.post("Each week", scheduled_at=in_future(hours=1), **weekly)
    rules = ground.team.http.get("recurrences").json()["data"]["recurrences"]
    row = {"content": "Imported", "account_ids": ground.accounts, "draft": True}
    imported = {"posts": [{**row, "media_urls": [ground.picture()]}]}
    feed = ground.stranger.gives("/feed.xml", FEED, Content_Type="application/rss+xml")
    return {
        "account_id": str(ground.of("x")),
        "campaign_id": str(_made(ground, "campaigns", {"name": "Spring"})["id"]),
        "media_id": ground.team.upload("a.png", "image/png", image(64, 64)),
        "post_id": post,
        "link_id": _made(ground, f"posts/{post}/share-links", {})["id"],
        "calendar_feed_id": _made(ground, "calendar-feeds", {"name": "Team"})["id"],
        "destination_id": ground.team.results(post)[0]["id"],
        "queue_id": _made(ground, "queues", {"name": "Mornings", "slots": [SLOT]})["id"],
        "webhook_id": webhook,
        "delivery_id": _delivery(ground, webhook),
        "feed_id": _made(
            ground,
            "feeds",
            {"name": "Blog", "url": feed, "mode": "draft", "account_ids": ground.accounts},
        )["id"],
        "hashtag_set_id": _made(ground, "hashtag-sets", {"name": "House", "hashtags": ["home"]})[
            "id"
        ],
        "import_id": _made(ground, "posts/import", imported)["import_id"],
        "recurrence_id": rules[0]["id"],
        "session_id": _made(ground, "auth/social-connect/start", {"platform": "x"})["session_id"],
    }


def _made(ground: Ground, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = ground.team.http.post(path, json=body)
    assert answer.is_success, answer.text
    return dict(answer.json()["data"])


def _delivery(ground: Ground, webhook: str) -> str:
    def deliveries() -> list[dict[str, Any]]:
        answer = ground.team.http.get(f"webhooks/{webhook}/deliveries")
        return list(answer.json()["data"]["deliveries"])

    return str(ground.stack.wait("a delivery", deliveries)[0]["id"])
