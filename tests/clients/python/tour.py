"""Every operation of the API, called by a client's methods as its users call them."""

import dataclasses
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from types import ModuleType
from typing import Any

import pytest

from platforms.login_forms import FormLogin
from platforms.registry import ADAPTERS, BY_FORM
from tests.clients.published.ground import Ground
from tests.platforms.driver import image

RSS = b"""<?xml version="1.0"?>
<rss version="2.0"><channel><title>News</title><link>https://example.org</link>
<item><guid>1</guid><title>One</title><link>https://example.org/1</link></item>
</channel></rss>"""
#: The fields of each network's form.
FIELDS = {
    key: [
        each.name
        for login in ADAPTERS[key].logins.values()
        if isinstance(login, FormLogin)
        for each in login.fields
    ]
    for key in BY_FORM
}


@dataclasses.dataclass
class Tour:
    dovecote: ModuleType
    client: Any
    ground: Ground

    def publishes(self) -> None:
        posts, accounts = self.client.posts, self.ground.accounts
        assert posts.validate("All is well", account_ids=accounts).valid
        post = posts.create("Hello", account_ids=accounts)
        assert post.wait().all_published
        assert post.read().status == "published"
        assert post.id in [each.id for each in posts.list(status=["published"], limit=1)]
        assert len(list(posts.events(post.id, limit=2))) > 2
        copies = posts.delete(post.id, delete_on_platforms=["x"]).platforms
        assert [copy.platform for copy in copies] == ["x"]

    def schedules(self) -> None:
        posts, accounts = self.client.posts, self.ground.accounts
        draft = posts.create("Later", draft=True)
        at = datetime.now(UTC) + timedelta(days=1)
        posts.edit(draft.id, content="Tomorrow")
        scheduled = posts.schedule(draft.id, scheduled_for=at, account_ids=accounts)
        assert abs(scheduled.data.scheduled_for - at) < timedelta(seconds=1)
        assert scheduled.cancel().deleted
        bulk = posts.create_many(
            [
                {"content": "One", "account_ids": accounts, "scheduled_at": at},
                {"content": "Two", "account_ids": []},
            ]
        )
        assert [each.ok for each in bulk.results] == [True, False]

    def imports(self) -> None:
        posts, (x, _) = self.client.posts, self.ground.accounts
        rows = b"content,account_ids,draft\nFrom a file,%d,true\nTo no account,999,\n" % x
        trial = posts.import_file(("posts.csv", rows), dry_run=True)
        assert [each.ok for each in trial.results] == [True, False]
        assert [each.ok for each in posts.import_file(("posts.csv", rows)).results] == [True, False]
        assert [each.content for each in posts.list(search="From a file")] == ["From a file"]
        nothing = posts.import_file(("none.csv", b"content,account_ids\nTo no account,999\n"))
        assert nothing.valid == 0
        assert posts.preview("All is well", account_ids=[x])
        assert b"From a file" in posts.export()

    def retries(self) -> None:
        posts, x = self.client.posts, self.ground.of("x")
        refused = self.ground.failing()
        outcome = posts.outcome(refused)
        assert outcome.state == "failed"
        assert posts.retry(refused, account_ids=[x]).retried_count == 1
        assert posts.wait(refused).all_published
        failed = posts.outcome(self.ground.failing())
        where = failed.post_id, failed.destinations[0].id
        with pytest.raises(self.dovecote.errors.ConflictError):
            posts.resolve(*where, outcome="not_published", seen_attempts=1)
        assert posts.retry_failed(account_id=x).retried_count == 1
        assert self.client.accounts.retry_missed(x).retried_count == 0

    def keeps_files(self) -> None:
        media = self.client.media
        uploaded = media.upload(image(640, 640), filename="photo.png")
        assert uploaded.status == "ready"
        fetched = media.upload_from_url(self.ground.picture())
        ids = {uploaded.media_id, fetched.media_id}
        assert {each.media_id for each in media.list(type="image", limit=1)} == ids
        assert media.delete(fetched.media_id, force=True)

    def keeps_campaigns(self) -> None:
        campaigns = self.client.campaigns
        made = [campaigns.create(name) for name in ("Spring", "Autumn")]
        campaigns.edit(made[0].id, name="Summer")
        assert campaigns.get(made[0].id).name == "Summer"
        assert {each.id for each in campaigns.list(limit=1)} == {each.id for each in made}
        campaigns.delete(made[0].id)
        assert self.client.analytics.summary(campaign_id=made[1].id)

    def keeps_queues(self) -> None:
        queues = self.client.queues
        made = queues.create(name="Mornings", slots=[{"day_of_week": 1, "time": "09:00"}])
        queues.edit(made.id, jitter_minutes=5)
        assert queues.get(made.id).jitter_minutes == 5
        assert queues.next_slot(made.id)
        assert len(list(queues.preview(made.id, count=2))) == 2
        assert len(list(queues.list(limit=1))) == 2
        assert self.client.queue.get()
        queues.delete(made.id)

    def keeps_webhooks(self) -> None:
        hooks = self.client.webhooks
        hook = hooks.create(url=self.ground.receiver(), events=["post.published"])
        hooks.edit(hook.id, name="Mine")
        assert hooks.get(hook.id).name == "Mine"
        assert [each.id for each in hooks.list()] == [hook.id]
        hooks.test(hook.id)
        hooks.rotate_secret(hook.id)
        assert self.client.posts.publish("Heard", "x").wait().all_published
        (delivery,) = self.ground.stack.wait("it", lambda: list(hooks.deliveries(hook.id)))
        hooks.redeliver(hook.id, delivery.id)
        hooks.recover(hook.id, since=datetime.now(UTC) - timedelta(hours=1))
        hooks.delete(hook.id)

    def repeats(self) -> None:
        posts, rules = self.client.posts, self.client.recurrences
        weekly = {"freq": "weekly", "until": date(2098, 1, 1)}
        accounts, at = self.ground.accounts, datetime.now(UTC) + timedelta(days=1)
        posts.create("Each week", account_ids=accounts, scheduled_at=at, recurrence=weekly)
        (rule,) = rules.list()
        rules.edit(rule.id, content="Every week")
        assert rules.pause(rule.id).status == "paused"
        assert rules.resume(rule.id).status == "active"
        assert rules.get(rule.id).content == "Every week"
        assert rules.delete(rule.id).deleted
        start = (at + timedelta(days=30)).date()
        turns = {"gap": 1, "gap_unit": "week", "start_date": start}
        post = posts.create("Evergreen", account_ids=accounts, scheduled_at=at, recycling=turns)
        assert posts.edit_recycling(post.id, gap=2).gap == 2
        assert posts.recycling(post.id).start_date == start

    def follows_imports(self) -> None:
        imports, (x, _) = self.client.imports, self.ground.accounts
        row = f"One of many,{x},true,{self.ground.picture()}"
        file = ("large.csv", f"content,account_ids,draft,media_urls\n{row}\n".encode())
        begun = self.client.posts.import_file(file, wait=False)
        ended = imports.wait(begun.import_id)
        assert (ended.status, ended.valid, len(ended.results)) == ("completed", 1, 1)
        assert [str(each.import_id) for each in imports.list()] == [begun.import_id]
        assert imports.get(begun.import_id).done == 1
        with pytest.raises(self.dovecote.errors.ConflictError):
            imports.cancel(begun.import_id)

    def asks_for_approval(self) -> None:
        accounts, posts = self.ground.accounts, self.client.posts
        self.ground.uses_approval()
        at = "2098-01-01T00:00:00Z"
        post = posts.create("Good?", account_ids=accounts, scheduled_at=at).id
        link = posts.create_share_link(post, reviewer="Ada")
        assert [each.id for each in posts.share_links(post)] == [link.id]
        assert posts.revoke_share_link(post, link.id).state == "revoked"
        assert posts.comment_on(post, "Nice").text == "Nice"
        assert posts.request_approval(post).approval.status == "pending"
        key = self.ground.approver()
        with self.dovecote.Client(self.ground.stack.url, key) as approver:
            # What it calls is noted, as what the tour's own client calls.
            approver.connection = dataclasses.replace(self.client.connection, api_key=key)
            changes = approver.posts.request_changes(post, "Shorter")
            assert changes.approval.status == "changes_requested"
            assert posts.request_approval(post).approval.status == "pending"
            assert approver.posts.reject(post, "No").approval.status == "rejected"
            posts.request_approval(post)
            assert approver.posts.approve(post).approval.status == "approved"
        assert posts.approval(post).approval.status == "approved"

    def keeps_calendars(self) -> None:
        calendars = self.client.calendar_feeds
        made = calendars.create("Team", platform="x")
        assert [each.id for each in calendars.list()] == [made.id]
        assert calendars.rotate(made.id).url != made.url
        assert calendars.delete(made.id).deleted

    def keeps_feeds(self) -> None:
        feeds = self.client.feeds
        address = self.ground.stranger.gives("/feed.xml", RSS, Content_Type="application/rss+xml")
        feed = feeds.create(name="News", url=address, account_ids=self.ground.accounts)
        feeds.edit(feed.id, name="Old news")
        assert feeds.get(feed.id).name == "Old news"
        assert [each.id for each in feeds.list()] == [feed.id]
        assert list(feeds.items(feed.id, limit=1)) is not None
        feeds.delete(feed.id)

    def knows_what_is_down(self) -> None:
        assert list(self.client.incidents.list(state="open")) == []

    def keeps_hashtags(self) -> None:
        client, sets = self.client, self.client.hashtag_sets
        made = sets.create(name="Tour", hashtags=["#spring"])
        assert sets.edit(made.id, hashtags=["autumn"]).hashtags == ["autumn"]
        assert sets.get(made.id).name == "Tour"
        assert made.id in [each.id for each in sets.list()]
        assert client.posts.create("Leaves", draft=True, hashtag_set_ids=[made.id]).id
        assert sets.delete(made.id).deleted
        assert client.post_defaults.edit(hashtags=["loft"]).hashtags == ["loft"]
        client.post_defaults.edit(hashtags=[])
        assert client.post_defaults.get().first_comment is None

    def keeps_link_settings(self) -> None:
        client, utm = self.client, {"source": "{platform}"}
        campaign = client.campaigns.create("Links").id
        client.link_settings.edit(domains=["example.org"], utm=utm)
        assert client.link_settings.get().domains == ["example.org"]
        client.campaigns.edit_link_settings(campaign, domains=["example.net"], utm=utm)
        assert client.campaigns.link_settings(campaign).domains == ["example.net"]
        client.campaigns.delete_link_settings(campaign)
        client.link_settings.delete()
        draft = client.posts.create("Without links", draft=True)
        assert list(client.posts.links(draft.id)) == []

    def looks_around(self) -> None:
        client, x = self.client, self.ground.of("x")
        assert client.me.get().scopes
        assert client.platform_rules.get().platforms
        assert len(list(client.accounts.list())) == 2
        assert client.accounts.get(x).platform == "x"
        assert client.accounts.health(x)

    def connects(self) -> None:
        client = self.client
        assert client.accounts.connect_link("x").url
        assert client.accounts.reconnect(self.ground.of("x")).url
        session = client.auth.start_connect("x")
        assert client.auth.connect_state(session.session_id).status == "pending"
        refused = self.dovecote.ApiError
        by_form = [
            partial(getattr(client.auth, f"connect_{key}"), **dict.fromkeys(names, "no such"))
            for key, names in FIELDS.items()
        ]
        for connect in (partial(client.accounts.connect_credential, "myspace"), *by_form):
            with pytest.raises(refused) as error:
                connect()
            assert error.value.status == 400

    def asks_for_ideas(self) -> None:
        ai = self.client.ai
        assert ai.generate_caption(topic="Our new loft is open", platform="x")
        assert ai.generate_image("A loft at dusk").media_id

    def logs_in(self) -> None:
        given = self.client.auth.log_in(
            "A laptop", lambda told: self.ground.lets_in(told.to_dict())
        )
        with self.dovecote.Client(self.ground.stack.url, given) as logged_in:
            assert logged_in.me.get()

    def all(self) -> list[Callable[[], None]]:
        names = [name for name in vars(Tour) if not name.startswith("_") and name != "all"]
        return [getattr(self, name) for name in names]
