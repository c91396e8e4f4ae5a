"""A workspace in which anything may happen to posts, and a plain count of what there is."""

import random
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from destinations.models import Destination
from destinations.runtime import clock
from destinations.state import transitions
from posts.models import Campaign, Post
from tests.factories import make_account, make_campaign
from tests.posts.conftest import Caller, data_of

SPAN = timedelta(hours=30)
#: What may happen to a destination in each status.
MOVES = {
    "queued": ("start", "refuse"),
    "publishing": ("succeed", "fail", "retry", "mark_unconfirmed"),
    "unconfirmed": ("succeed", "fail", "check_again"),
    "failed": ("requeue", "start", "confirm_published"),
}
NETWORKS = ("x", "x", "linkedin", "threads")


class Life:
    def __init__(self, caller: Caller, seed: int) -> None:
        self.caller = caller
        self.random = random.Random(seed)
        self.accounts = [make_account(caller.workspace, network).pk for network in NETWORKS]
        self.campaigns = [make_campaign(caller.workspace).pk for _ in range(2)]
        self.newest = clock.now()

    def happens(self) -> None:
        """One random thing."""
        acts = (self.create, self.create, self.edit, self.schedule, self.delete, self.move)
        self.random.choices(acts, weights=(3, 1, 2, 1, 1, 10))[0]()

    def create(self) -> None:
        body: dict[str, Any] = {"content": "Hi", **self._goes()}
        if self.random.random() < 0.3:
            body["draft"] = True
        elif self.random.random() < 0.7:
            body["scheduled_at"] = "2099-01-01T00:00:00Z"
        data_of(self.caller.post("/posts", body), 201)
        at = self.newest - self.random.random() * SPAN
        if self.random.random() < 0.2:
            at = at.replace(minute=0, second=0, microsecond=0)
        Post.objects.filter(pk=Post.objects.latest("created_at").pk).update(created_at=at)

    def edit(self) -> None:
        if post := self._any(status__in=["draft", "scheduled"]):
            self._answers(self.caller.patch(f"/posts/{post.public_id}", self._goes()))

    def schedule(self) -> None:
        if post := self._any(status="draft"):
            body = {"scheduled_for": "2099-01-01T00:00:00Z"}
            self._answers(self.caller.post(f"/posts/{post.public_id}/schedule", body))

    def delete(self) -> None:
        if post := self._any():
            self._answers(self.caller.delete(f"/posts/{post.public_id}"))

    def move(self) -> None:
        rows = Destination.objects.exclude(status="published").exclude(post__status="draft")
        found = list(rows.order_by("position", "created_at", "account_number"))
        if not found:
            return
        row = self.random.choice(found)
        name = self.random.choice(MOVES[row.status])
        fields: dict[str, Any] = {"next_retry_at": clock.now()} if name == "retry" else {}
        if name == "start":
            fields["attempts"] = row.attempts + 1
        if name in ("succeed", "confirm_published"):
            fields["published_at"] = clock.now()
        transitions.move(name, row.pk, by="test", **fields)

    def _goes(self) -> dict[str, Any]:
        accounts = self.random.sample(self.accounts, self.random.randint(1, len(NETWORKS)))
        return {"account_ids": accounts, "campaign_id": self.random.choice([None, *self.campaigns])}

    def _any(self, **fields: Any) -> Post | None:
        found = list(Post.objects.filter(**fields).order_by("created_at", "pk"))
        return self.random.choice(found) if found else None

    def _answers(self, response: Any) -> None:
        # The random post may be in no state for it.
        assert response.status_code in (200, 400, 409), response.json()

    def window(self) -> tuple[datetime, datetime]:
        """Two random moments; often full hours, often within one."""
        start = self.newest - self.random.random() * SPAN
        width = self.random.choice([timedelta(minutes=20), timedelta(hours=1), SPAN / 3, SPAN])
        end = start + self.random.random() * width + timedelta(seconds=1)
        if self.random.random() < 0.3:
            start = start.replace(minute=0, second=0, microsecond=0)
        if self.random.random() < 0.3:
            end = end.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        return start, end

    def campaign(self) -> int | None:
        return self.random.choice([None, *self.campaigns])


def plain(start: datetime, end: datetime, campaign: int | None) -> dict[str, Any]:
    """What a summary must say, from nothing but the rows."""
    posts = Post.objects.filter(created_at__gte=start, created_at__lt=end)
    if campaign is not None:
        posts = posts.filter(campaign=campaign)
    statuses = Counter(posts.values_list("status", flat=True))
    rows = Counter(_state(row) for row in Destination.objects.filter(post__in=posts))
    return {
        "posts": {
            "total": posts.count(),
            **{each: statuses[each] for each in ("draft", "scheduled", "publishing", "published")},
            "partially_failed": statuses["partial"],
            "failed": statuses["failed"],
        },
        "by_platform": [
            {
                "platform": network,
                "total": sum(n for (name, _), n in rows.items() if name == network),
                **{each: rows[network, each] for each in ("scheduled", "published", "failed")},
            }
            for network in ("x", "linkedin", "threads")
        ],
    }


def _state(row: Destination) -> tuple[str, str]:
    if row.post.status == "draft":
        return row.platform, "draft"
    if row.status == "queued" and row.post.status == "scheduled":
        return row.platform, "scheduled"
    return row.platform, row.status


def in_campaign(campaign: int) -> int:
    return Campaign.objects.get(pk=campaign).posts.count()
