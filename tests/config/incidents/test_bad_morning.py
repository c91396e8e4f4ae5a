"""A bad morning by a given clock: what was told, when and to whom, as receivers saw it over HTTP.

A minute passes when all rows of the script become a minute older, because PostgreSQL's own clock
cannot be set.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.db.models import DateTimeField, F

from config.incidents import notify, watch
from config.models import Incident
from config.queue import heartbeats, routing
from config.status import notifications, sending
from destinations.dispatch.restoring import restore_detector
from destinations.models import Account, Destination, Outage
from destinations.runtime import clock
from tests.config.incidents.test_pagers import Asked, recorder
from tests.factories import make_account, make_post, make_workspace
from tests.posts.features.webhooks.webhook_factories import make_webhook

pytestmark = [
    pytest.mark.usefixtures("no_workers"),
    pytest.mark.django_db,
    pytest.mark.thorough,
    # Apprise's other plugins import it.
    pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning"),
]
MINUTE = timedelta(minutes=1)
ROWS = (Destination, Account, Outage, Incident)
FROZEN = heartbeats.Details(broken=["publishing"])
#: Minutes since 06:45, and what happens then.
BEGIN, DOWN, MORE_LOST, FREEZE, REPAIRED, RESTARTED, END = 0, 15, 33, 40, 45, 50, 60


class Morning:
    """Three customers, of whom the first has a receiver of webhooks that never works."""

    def __init__(self) -> None:
        self.minute, self.uploader = BEGIN, heartbeats.Details()
        self.customers = [make_workspace(name) for name in ("Acme", "Shop", "Club")]
        make_webhook(self.customers[0], consecutive_failures=3)
        self.pages = [make_account(each, "facebook") for each in self.customers]
        self.channel = make_account(self.customers[1], "youtube")

    def pass_minute(self) -> None:
        self.minute += 1
        for model in ROWS:
            times = [each.name for each in model._meta.fields if isinstance(each, DateTimeField)]
            model.objects.update(**{name: F(name) - MINUTE for name in times})

    def look(self) -> None:
        kinds = {"worker": heartbeats.Details(), "uploader": self.uploader}
        for kind, details in kinds.items():
            heartbeats.record(f"{kind}@a", routing.SERVED[kind], details)
        heartbeats.record("beat@a", ())
        cache.set(restore_detector.TICK_KEY, clock.now().isoformat())
        watch.update(list(watch.measured()))
        assert notify.tell()

    def lose(self, *customers: int) -> None:
        for number in customers:
            lost = {"needs_reconnection_since": clock.now()}
            make_account(self.customers[number], "x", **lost)

    def go_down(self) -> None:
        now = clock.now()
        Outage.objects.create(
            scope="network", target="facebook", platform="facebook", name="Facebook",
            error="Facebook answered 503.", opened_at=now, probe_at=now,
        )  # fmt: skip
        for page in self.pages * 4:
            make_post(page.workspace, [page], wanted_at=now, due_at=now)

    def freeze(self) -> None:
        self.uploader = FROZEN
        for _ in range(3):
            upload = {"wanted_at": clock.now(), "queue": "publish.youtube.upload"}
            make_post(self.channel.workspace, [self.channel], **upload)

    def repair(self) -> None:
        Outage.objects.update(closed_at=clock.now())

    def restart(self) -> None:
        self.uploader = heartbeats.Details()

    def drain(self, platform: str, count: int) -> None:
        waiting = Destination.objects.filter(platform=platform, due_at__isnull=False)
        gone = list(waiting.values_list("pk", flat=True)[:count])
        Destination.objects.filter(pk__in=gone).update(status="published", due_at=None)


@pytest.fixture
def receivers(settings, monkeypatch) -> Iterator[dict[str, list[Asked]]]:
    """What each of three receivers was sent."""

    def deliver(to, message, seconds=0):
        asked = {"urls": [each.url for each in to], "secret": ""}
        return sending.deliver({**asked, "message": message and message._asdict()})

    # In this process, which has Apprise by now: a message costs no second.
    monkeypatch.setattr(notifications, "_ask", deliver)
    found: dict[str, list[Asked]] = {}
    with ExitStack() as stack:
        urls = []
        for name, tag in (("mail", ""), ("pager", "problem="), ("support", "notice=")):
            address, found[name] = stack.enter_context(recorder())
            urls.append(f"{tag}json://{address}/{name}")
        settings.NOTIFY_URLS = urls
        yield found


def test_everything_is_told_once_at_its_time_and_to_whom_it_concerns(receivers):
    morning = Morning()
    script: dict[int, list[Callable[[], None]]] = {
        BEGIN: [lambda: morning.lose(0)],
        DOWN: [morning.go_down],
        MORE_LOST: [lambda: morning.lose(0, 0, 1, 1, 2, 2)],
        FREEZE: [morning.freeze],
        REPAIRED: [morning.repair],
        REPAIRED + 1: [lambda: morning.drain("facebook", 5)],
        REPAIRED + 3: [lambda: morning.drain("facebook", 7)],
        RESTARTED: [morning.restart],
        RESTARTED + 2: [lambda: morning.drain("youtube", 3)],
    }
    told = []
    while True:
        for happens in script.get(morning.minute, ()):
            happens()
        morning.look()
        for name, asked in receivers.items():
            for each in asked:
                at = datetime(2026, 3, 2, 6, 45, tzinfo=UTC) + morning.minute * MINUTE
                title = re.sub(r"for \d+ (s|min)", "for …", each.said["title"])
                told.append((f"{at:%H:%M}", name, title.removeprefix("Dovecote: "), each))
            asked.clear()
        if morning.minute == END:
            break
        morning.pass_minute()

    down = "Facebook has been down for …."
    frozen = "No uploader is alive, so none serves"
    expected = [
        ("06:46", "mail", "X: 1 account to reconnect, of 1 workspace."),
        ("06:46", "support", "1 webhook fails again and again."),
        ("07:01", "mail", down),
        ("07:01", "pager", down),
        ("07:18", "mail", "X: 7 accounts to reconnect, of 3 workspaces."),
        ("07:26", "mail", frozen),
        ("07:26", "pager", frozen),
        ("07:30", "mail", f"Over: {down}"),
        ("07:30", "pager", f"Over: {down}"),
        ("07:35", "mail", f"Over: {frozen}"),
        ("07:35", "pager", f"Over: {frozen}"),
    ]
    assert [each[:2] for each in told] == [each[:2] for each in expected]
    for (*_, title, _), (*_, begins) in zip(told, expected, strict=True):
        assert title.startswith(begins)
    pages = [each.said for _, name, _, each in told if name == "pager"]
    opened, *_ = [each["incidents"][0] for each in pages]
    ended = pages[2]["incidents"][0]
    assert (opened["state"], opened["severity"], ended["state"]) == ("open", "problem", "over")
    assert opened["key"] == ended["key"]
    assert "12 posts, 3 accounts, 3 workspaces" in opened["body"]
    assert "12 posts wait still" in ended["body"]
    assert not Incident.objects.filter(cause__startswith="lateness").exists()
